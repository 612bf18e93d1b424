import type { CatalogTransaction } from '../../catalog/catalog.ts';
import { markExecuted } from '../../catalog/plans.ts';
import { setPosition } from '../../catalog/progress.ts';
import { lastMoveOf } from '../../catalog/progress-moves.ts';
import { ERROR_CODES } from '../../errors/codes.ts';
import { ConflictError } from '../../errors/tidemark-error.ts';
import { type SealedEntry, sealEvidence } from '../../evidence/chain.ts';
import { nextCommand } from '../../evidence/next-command.ts';
import { cursorsOf, stateOf } from '../../evidence/state/read-state.ts';
import type { Engine } from '../../run/engine.ts';
import { findPlan } from '../find-plan.ts';
import { refuseWhileHeld } from './refuse-while-held.ts';
import type { StatePlan } from './state-plan.ts';

export interface StateOutcome {
  readonly plan: StatePlan;
  /** Of the operation: the move and the evidence bear it where others bear that of a run. */
  readonly operationId: string;
  readonly entry: Pick<SealedEntry, 'chain' | 'seq' | 'hash'>;
}

/**
 * Sets what a sealed plan says, once, in one transaction: lease and assumptions are looked at inside it, so that neither a
 * run nor another operator can come between.
 * @throws ConfigurationError not_found, plan_executed, plan_expired · ConflictError plan_outdated, run_in_progress ·
 *   InvariantError plan_altered
 */
export async function executeState(
  engine: Engine,
  { planId: beginning }: { planId: string },
): Promise<StateOutcome> {
  const { planId, body } = await findPlan(engine, { beginning, verb: 'state_set', again });
  const plan = JSON.parse(body) as StatePlan;
  const operationId = engine.clock.newRunId();
  const now = engine.clock.now().toISOString();
  return await engine.catalog.transaction().execute(async (tx) => {
    await refuseWhileHeld(tx, plan.manifestId);
    await refuseMoved(tx, plan);
    const { table, sourceId, location, change, reason, manifestId } = plan;
    await setPosition(tx, { table, sourceId, location, ...change, runId: operationId, reason, now });
    await markExecuted(tx, { planId, runId: operationId });
    const entry = await sealEvidence(tx, {
      home: engine.home,
      chain: manifestId,
      kind: 'state',
      runId: operationId,
      body: { planId, plan },
      now,
    });
    return { plan, operationId, entry };
  });
}

function again(body: string): string {
  const { table, sourceId, change, reason } = JSON.parse(body) as StatePlan;
  const source = ['--table', table, '--source', sourceId, '--field', change.field];
  return nextCommand('state', 'set', ...source, `--${change.object}`, change.after, '--reason', reason);
}

async function refuseMoved(tx: CatalogTransaction, plan: StatePlan): Promise<void> {
  const { table, sourceId, change, lastMove } = plan;
  const source = { table, sourceId };
  const { watermark } = await stateOf(tx, { source, now: new Date(0) });
  const known = change.object === 'cursor' ? await cursorsOf(tx, source) : [watermark];
  const found = known.find((position) => position?.field === change.field)?.value ?? null;
  const moved = (await lastMoveOf(tx, source)) !== lastMove;
  if (found === change.before && !moved) return;
  const what =
    found === change.before
      ? `${sourceId} has moved`
      : `the ${change.object} was ${change.before ?? 'unset'}, is ${found ?? 'unset'}`;
  throw new ConflictError({
    code: ERROR_CODES.plan_outdated,
    message: `The world moved since the plan was made: ${what}.`,
    next: `Nothing was changed. See what moved, then plan again: ${nextCommand('state', 'history', sourceId)}`,
  });
}
