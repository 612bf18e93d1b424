import { storePlan } from '../catalog/plans.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError, ConflictError } from '../errors/tidemark-error.ts';
import { nextCommand } from '../evidence/next-command.ts';
import { runsInProgress } from '../evidence/run-leases.ts';
import { EMPTY_RECORDS, type RecordTally, sumRecords } from '../model/tally.ts';
import type { Engine } from '../run/engine.ts';
import { observe } from './assumptions.ts';
import { type BatchAtHand, type BatchTarget, batchAtHand } from './batch-at-hand.ts';
import { type BackfillWindow, backfillBatchId, backfillSources } from './plan-backfill.ts';
import { replaySources } from './plan-replay.ts';
import { rerunSources } from './plan-rerun.ts';
import { retrySources } from './plan-retry.ts';
import { planningStage } from './planning-stage.ts';
import {
  changesTables,
  type PlannedSource,
  type RecoveryPlan,
  type SealedPlan,
  sealPlan,
  type TableEffect,
} from './recovery-plan.ts';

/** What to recover, and how. */
export type RecoveryRequest = BatchTarget & { readonly reason: string } & (
    | { readonly verb: 'retry' }
    | { readonly verb: 'rerun'; readonly acceptLoss?: boolean }
    | { readonly verb: 'replay'; readonly rewrite?: boolean; readonly acceptLoss?: boolean }
    | ({ readonly verb: 'backfill' } & BackfillWindow)
  );

/** How long a plan may wait. The world is looked at again in any case. */
const PLAN_HOURS = 24;

/** Share of the records read before that a replacement has to read at least. */
const REPLACEMENT_SHARE_MIN = 0.5;

/**
 * Makes a recovery plan and seals it. Nothing in the tables, the ledger or the progress changes.
 * @throws ConfigurationError not_found, nothing_to_recover, window_refused · ConflictError run_in_progress
 */
export async function planRecovery(engine: Engine, request: RecoveryRequest): Promise<SealedPlan> {
  await refuseWhileRunning(engine, request.manifestId);
  const batch = await batchAtHand(engine, request);
  refuseWithoutCause(request, batch);
  await using stage = planningStage(engine, batch);
  const sources =
    request.verb === 'retry'
      ? await retrySources(stage, batch)
      : request.verb === 'rerun'
        ? await rerunSources(stage, batch)
        : request.verb === 'replay'
          ? await replaySources(stage, { batch, rewrite: request.rewrite ?? false })
          : await backfillSources(stage, { batch, window: request });
  const plan = await compose(engine, { request, batch, sources });
  const sealed = sealPlan(plan);
  await storePlan(engine.catalog, { ...plan, planId: sealed.planId, body: sealed.body });
  return sealed;
}

async function compose(
  engine: Engine,
  {
    request,
    batch,
    sources,
  }: { request: RecoveryRequest; batch: BatchAtHand; sources: readonly PlannedSource[] },
): Promise<RecoveryPlan> {
  const { verb, reason } = request;
  const now = engine.clock.now();
  const effects = effectsOf(batch, sources);
  const replaced = replacedReads(batch, sources);
  const lossAccepted = 'acceptLoss' in request && request.acceptLoss === true;
  const replacing = effects.some(({ removes }) => removes > 0);
  const assumes = await observe(engine, batch, {
    tables: replacing ? effects.map(({ table }) => table) : [],
    sources: verb === 'rerun' ? sources.map(({ declaredPath }) => declaredPath) : [],
  });
  return {
    format: 'tidemark-plan-1',
    verb,
    reason,
    manifestId: request.manifestId,
    manifestPath: batch.declared.path,
    ofBatchId: request.batchId,
    batchId: verb === 'backfill' ? backfillBatchId(request.batchId, request) : request.batchId,
    parentRunId: batch.lastRun?.runId ?? null,
    sources,
    expected: sources.some(unknownUntilRead) ? null : totalOf(sources),
    effects,
    recordsMin: lossAccepted ? 0 : Math.ceil(replaced * REPLACEMENT_SHARE_MIN),
    movesProgress: (verb === 'retry' || verb === 'rerun') && !batch.backfilled,
    contactsSources: verb !== 'replay',
    assumes,
    createdAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + PLAN_HOURS * 3_600_000).toISOString(),
  };
}

function unknownUntilRead({ action, after }: PlannedSource): boolean {
  return (action === 'read' || action === 'replace') && after === null;
}

function totalOf(sources: readonly PlannedSource[]): RecordTally {
  const working = sources.filter(({ action }) => action !== 'keep' && action !== 'stay');
  return sumRecords(working.map(({ after }) => after ?? EMPTY_RECORDS));
}

/** Records that the units to be replaced had read. */
function replacedReads(batch: BatchAtHand, sources: readonly PlannedSource[]): number {
  const out = new Set(sources.flatMap(({ replaces }) => replaces));
  return batch.units
    .filter(({ unit }) => out.has(unit.unitKey))
    .reduce((sum, { unit }) => sum + unit.tally.read, 0);
}

/** What goes out of the tables, and how many rows come in where that is known. */
function effectsOf(batch: BatchAtHand, sources: readonly PlannedSource[]): TableEffect[] {
  const out = new Set(sources.flatMap(({ replaces }) => replaces));
  const removes = new Map<string, number>();
  for (const { unit } of batch.units.filter((entry) => out.has(entry.unit.unitKey))) {
    for (const { table, records } of unit.files) removes.set(table, (removes.get(table) ?? 0) + records);
  }
  const working = sources.filter(({ action }) => !['keep', 'stay', 'impossible'].includes(action));
  const tableOf = new Map(batch.assets.map(({ file, contract }) => [file.sourceId, contract?.traits.table]));
  const adds = new Map<string, number | null>();
  for (const source of working) {
    const table = tableOf.get(source.sourceId);
    if (table === undefined) continue;
    const before = adds.has(table) ? (adds.get(table) ?? null) : 0;
    adds.set(table, before === null || source.after === null ? null : before + source.after.accepted);
  }
  return [...new Set([...removes.keys(), ...adds.keys()])].sort().map((table) => ({
    table,
    removes: removes.get(table) ?? 0,
    adds: adds.get(table) ?? null,
  }));
}

async function refuseWhileRunning(engine: Engine, manifestId: string): Promise<void> {
  const running = await runsInProgress(engine.catalog);
  const own = running.find(({ resource }) => resource === `manifest:${manifestId}`);
  if (own === undefined) return;
  throw new ConflictError({
    code: ERROR_CODES.run_in_progress,
    message: `Run ${own.runId} of ${manifestId} is in progress (process ${own.pid}, since ${own.since}).`,
    next: 'Wait until it has ended (tidemark status shows it), then plan again.',
  });
}

/** A verb that has nothing to work on says which one has. */
function refuseWithoutCause(request: RecoveryRequest, batch: BatchAtHand): void {
  const { verb, batchId, manifestId } = request;
  const unfinished = ['running', 'interrupted', 'failed', 'withheld'].includes(batch.lastRun?.state ?? '');
  // One that found everything in other batches, and finds it there no more, is taken in again.
  const isThere =
    batch.units.length > 0 || (verb === 'rerun' && batch.lastRun?.state === 'nothing_to_commit');
  if (verb === 'retry' ? unfinished : verb === 'backfill' || isThere) return;
  const found =
    verb === 'retry'
      ? `the last run of batch ${batchId} ended as ${batch.lastRun?.state}`
      : `nothing of batch ${batchId} is committed`;
  throw new ConfigurationError({
    code: ERROR_CODES.nothing_to_recover,
    message: `There is nothing to ${verb}: ${found}.`,
    next: nextCommand('recover', '--manifest', manifestId, '--batch-id', batchId),
  });
}

/** The command that executes a plan. */
export function executeCommand({ plan, planId }: SealedPlan): string | null {
  const worth = plan.sources.every(({ action }) => action !== 'impossible');
  return worth && (changesTables(plan) || plan.verb === 'replay')
    ? nextCommand(plan.verb, '--execute', planId.slice(0, 12))
    : null;
}
