import type { CatalogReader } from '../../catalog/catalog.ts';
import { planIdOf, storePlan } from '../../catalog/plans.ts';
import { lastMoveOf } from '../../catalog/progress-moves.ts';
import { ERROR_CODES } from '../../errors/codes.ts';
import { ConfigurationError } from '../../errors/tidemark-error.ts';
import { nextCommand } from '../../evidence/next-command.ts';
import { cursorsOf, type SourceState, stateOf } from '../../evidence/state/read-state.ts';
import { operatorMove } from '../../progress/operator-move.ts';
import type { Engine } from '../../run/engine.ts';
import { refuseWhileHeld } from './refuse-while-held.ts';
import type { SealedStatePlan, StateChange, StatePlan } from './state-plan.ts';

export interface StateRequest {
  readonly table: string;
  readonly sourceId: string;
  readonly object: 'cursor' | 'watermark';
  readonly value: string;
  /** Needed where the source has no such value yet. */
  readonly field?: string;
  /** Where the source is by now; default: where the cursor was reached. */
  readonly location?: string;
  readonly reason: string;
}

/** How long a plan may wait. What it assumes is looked at again in any case. */
const PLAN_HOURS = 24;

/**
 * Plans an operator's move and seals the plan; nothing moves.
 * @throws ConfigurationError not_found, usage, state_value_refused · ConflictError run_in_progress
 */
export async function planState(engine: Engine, request: StateRequest): Promise<SealedStatePlan> {
  const { catalog, clock } = engine;
  const { table, sourceId, reason } = request;
  const now = clock.now();
  const state = await stateOf(catalog, { source: { table, sourceId }, now });
  const { manifestId, checkpoint } = state;
  if (manifestId === null || checkpoint === null) throw unknownSource(request);
  await refuseWhileHeld(catalog, manifestId);
  const cursors = await cursorsOf(catalog, { table, sourceId });
  const plan: StatePlan = {
    format: 'tidemark-state-plan-1',
    reason,
    manifestId,
    batchId: checkpoint.batchId,
    table,
    sourceId,
    location: request.location ?? cursors[0]?.location ?? (await deliveredFrom(catalog, sourceId)),
    change: changeOf(request, { state, cursors }),
    lastMove: await lastMoveOf(catalog, { table, sourceId }),
    createdAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + PLAN_HOURS * 3_600_000).toISOString(),
  };
  const body = JSON.stringify(plan);
  const planId = planIdOf(body);
  await storePlan(catalog, { ...plan, planId, verb: 'state_set', body });
  return { planId, body, plan };
}

/** Where the source was last received from, which a first cursor is bound to. */
async function deliveredFrom(catalog: CatalogReader, sourceId: string): Promise<string> {
  const row = await catalog
    .selectFrom('receipts')
    .select('declared_path')
    .where('source_id', '=', sourceId)
    .where('role', '=', 'asset')
    .orderBy('received_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.declared_path ?? '';
}

function changeOf(
  request: StateRequest,
  {
    state,
    cursors,
  }: {
    state: SourceState;
    cursors: readonly { field: string; value: string; location: string }[];
  },
): StateChange {
  const { object, value: after } = request;
  const known = object === 'cursor' ? cursors : state.watermark === null ? [] : [state.watermark];
  const field = request.field ?? (known.length === 1 ? known[0]?.field : undefined);
  if (field === undefined) throw unclearField(request, known);
  const before = known.find((position) => position.field === field)?.value ?? null;
  const bound = object === 'cursor' ? cursors.find((cursor) => cursor.field === field) : undefined;
  if (bound !== undefined && after === before && (request.location ?? bound.location) !== bound.location) {
    const effect = { kind: 'goes_on_at', from: bound.location, to: request.location ?? '' } as const;
    return { object, field, before, after, effect };
  }
  const move = operatorMove({ object, before, after });
  if (move.kind === 'move') return { object, field, before, after, effect: move.effect };
  throw new ConfigurationError({
    code: ERROR_CODES.state_value_refused,
    message: `The ${object} ${field} of ${request.sourceId} is not set: ${move.why}.`,
    next: nextCommand('state', 'show', request.sourceId),
  });
}

function unknownSource({ table, sourceId }: StateRequest): ConfigurationError {
  return new ConfigurationError({
    code: ERROR_CODES.not_found,
    message: `Nothing of a source ${sourceId} was ever committed to bronze.${table}.`,
    next: nextCommand('state', 'show'),
  });
}

function unclearField(
  { object, sourceId, table, value, reason }: StateRequest,
  known: readonly { field: string }[],
): ConfigurationError {
  const have =
    known.length === 0 ? 'it has none yet' : `it has ${known.map(({ field }) => field).join(', ')}`;
  const to = ['--table', table, '--source', sourceId, '--field', known[0]?.field ?? 'updated_at'];
  return new ConfigurationError({
    code: ERROR_CODES.usage,
    message: `Which ${object} of ${sourceId} is meant? Name its field: ${have}.`,
    next: nextCommand('state', 'set', ...to, `--${object}`, value, '--reason', reason),
  });
}
