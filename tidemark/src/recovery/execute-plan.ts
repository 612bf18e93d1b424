import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError, ConflictError } from '../errors/tidemark-error.ts';
import { nextCommand } from '../evidence/next-command.ts';
import type { RunReport } from '../evidence/run-report.ts';
import { type DeclaredAsset, inWindow, splitOf } from '../run/declared-asset.ts';
import type { Engine } from '../run/engine.ts';
import { ingest } from '../run/ingest.ts';
import type { RecalledBytes, RunPurpose, Settled } from '../run/run-purpose.ts';
import { movedSince, observe } from './assumptions.ts';
import { type BatchAtHand, batchAtHand } from './batch-at-hand.ts';
import { findPlan } from './find-plan.ts';
import { markMending } from './found-damage.ts';
import { lostBeside } from './lost-beside.ts';
import { planningStage } from './planning-stage.ts';
import { type PlannedSource, planAgain, type RecoveryPlan, type RecoveryVerb } from './recovery-plan.ts';
import { setAsideAltered } from './set-aside-altered.ts';

/**
 * Executes a sealed plan, once, and only while everything that it assumes is so.
 * @throws ConfigurationError not_found, plan_executed, plan_expired, nothing_to_recover · ConflictError plan_outdated ·
 *   InvariantError plan_altered
 */
export async function executePlan(
  engine: Engine,
  { planId: beginning, verb }: { planId: string; verb: RecoveryVerb },
): Promise<RunReport> {
  const again = (body: string) => planAgain(JSON.parse(body) as RecoveryPlan);
  const stored = await findPlan(engine, { beginning, verb, again });
  const plan = JSON.parse(stored.body) as RecoveryPlan;
  const batchId = plan.ofBatchId;
  const batch = await batchAtHand(engine, { manifestId: plan.manifestId, batchId });
  await refuseMoved(engine, { plan, planId: stored.planId, batch });
  const impossible = plan.sources.filter(({ action }) => action === 'impossible');
  if (impossible.length > 0) {
    throw new ConfigurationError({
      code: ERROR_CODES.nothing_to_recover,
      message: `${plan.verb} cannot mend ${impossible.map(({ sourceId }) => sourceId).join(', ')}: ${impossible[0]?.why}.`,
      next: nextCommand('recover', '--manifest', plan.manifestId, '--batch-id', batchId),
    });
  }
  const work = workOf(plan, batch);
  await using stage = planningStage(engine, batch);
  const report = await ingest({
    engine,
    declared: batch.declared,
    batchId: plan.batchId,
    assets: work.assets,
    traceId: engine.clock.newTraceId(),
    purpose: {
      verb: plan.verb,
      planId: stored.planId,
      parentRunId: plan.parentRunId,
      contactsSources: plan.contactsSources,
      movesProgress: plan.movesProgress,
      recordsMin: plan.recordsMin,
      standIns: await lostBeside(stage, { batch, replaces: work.replaces }),
      underLease: async () => {
        const target = { manifestId: plan.manifestId, batchId };
        await refuseMoved(engine, {
          plan,
          planId: stored.planId,
          batch: await batchAtHand(engine, target),
        });
        if (plan.verb === 'rerun') await setAsideAltered(engine, batch);
      },
      ...work,
    },
  });
  if (report.state === 'committed' || report.state === 'nothing_to_commit') {
    const target = { manifestId: plan.manifestId, batchId };
    await markMending(engine, { batch: target, verb: plan.verb, runId: report.runId });
  }
  return report;
}

/** The plan's sources as assets of a run. Those that stay held or refused are none. */
function workOf(
  plan: RecoveryPlan,
  batch: BatchAtHand,
): Pick<RunPurpose, 'recalls' | 'settled' | 'replaces'> & { assets: DeclaredAsset[] } {
  const recalls = new Map<DeclaredAsset, RecalledBytes>();
  const settled = new Map<DeclaredAsset, Settled>();
  const assets: DeclaredAsset[] = [];
  for (const [at, source] of plan.sources.entries()) {
    if (source.action === 'stay') continue;
    const asset = assetOf(source, { batch, at });
    assets.push(asset);
    if (source.action === 'keep' && source.stands !== null)
      settled.set(asset, { ...source.stands, note: source.why });
    if (source.bytes.length > 0)
      recalls.set(asset, new Map(source.bytes.map(({ role, sha256 }) => [role, sha256])));
  }
  const out = new Set(plan.sources.flatMap(({ replaces }) => replaces));
  const replaces = batch.units.flatMap(({ unit }) => (out.has(unit.unitKey) ? [unit] : []));
  return { recalls, settled, replaces, assets };
}

/**
 * An asset of its own for each planned source: several revisions of one source are several, but the splits of one are
 * one.
 */
function assetOf(source: PlannedSource, { batch, at }: { batch: BatchAtHand; at: number }): DeclaredAsset {
  const declared = batch.assets.find(({ file }) => file.sourceId === source.sourceId);
  if (declared === undefined) throw new RangeError(`the manifest declares no ${source.sourceId}`);
  const { window, split = '' } = source;
  const part = splitOf(declared, { name: split });
  const file = source.verifyDeclared ? part.file : { ...part.file, sizeBytes: null, checksumSha256: null };
  const ledgerKey = split === '' ? `${source.sourceId}#${at}` : source.sourceId;
  return { ...inWindow({ ...part, file }, window), ledgerKey };
}

async function refuseMoved(
  engine: Engine,
  { plan, planId, batch }: { plan: RecoveryPlan; planId: string; batch: BatchAtHand },
): Promise<void> {
  const subjects = (kind: 'table' | 'source') =>
    plan.assumes.flatMap((assumed) => (assumed.kind === kind ? [assumed.subject] : []));
  const seen = await observe(engine, batch, { tables: subjects('table'), sources: subjects('source') });
  // A run of this very plan that stopped before its commit moved nothing: the plan is executed again.
  const own = batch.lastRun?.planId === planId;
  const moved = movedSince(plan.assumes, seen).filter(({ kind }) => !(own && kind === 'last_run'));
  if (moved.length === 0) return;
  const list = moved.map(({ what, expected, found }) => `${what}: was ${expected}, is ${found}`).join('; ');
  throw new ConflictError({
    code: ERROR_CODES.plan_outdated,
    message: `The world moved since the plan was made: ${list}.`,
    next: `Nothing was changed. Plan again: ${planAgain(plan)}`,
    facts: { moved },
  });
}
