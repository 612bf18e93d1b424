import { join } from 'node:path';
import { recordDeclaration } from '../catalog/batches.ts';
import { acquireLease, type Lease, releaseLease } from '../catalog/leases.ts';
import { backfillThatMade } from '../catalog/plans.ts';
import {
  endRun,
  findRun,
  insertRun,
  latestRunOfBatch,
  type RunRow,
  unfinishedRuns,
} from '../catalog/runs.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError, ConflictError } from '../errors/tidemark-error.ts';
import { sealEvidence } from '../evidence/chain.ts';
import { completeLedger } from '../evidence/complete-ledger.ts';
import { nextCommand } from '../evidence/next-command.ts';
import { completeProjection, projectEntries } from '../evidence/write-evidence.ts';
import type { DeclaredManifest } from '../manifest/source-manifest.ts';
import { clearAbandoned } from './clear-abandoned.ts';
import { clearLeftovers } from './clear-leftovers.ts';
import type { DeclaredAsset } from './declared-asset.ts';
import type { Engine } from './engine.ts';
import type { RunPurpose } from './run-purpose.ts';
import { whyNotRun } from './runnable-mode.ts';

export interface OpenedRun {
  readonly runId: string;
  readonly startedAt: string;
  /** The latest run of this batch that did not finish, if nothing of the batch was tried since. */
  readonly retryOf: string | null;
  readonly lease: Lease;
}

interface OpenRequest {
  readonly declared: DeclaredManifest;
  readonly batchId: string;
  readonly assets: readonly DeclaredAsset[];
  readonly traceId: string;
  readonly window: string;
  readonly purpose: RunPurpose;
}

/**
 * Opens a run: one at a time for a manifest, by lease. Runs that died are closed as interrupted, with evidence, and what
 * only they used is removed; their landed objects and prepared units stay.
 * @throws ConflictError run_in_progress · ConfigurationError load_mode_unsupported, batch_of_backfill
 */
export async function openRun(engine: Engine, request: OpenRequest): Promise<OpenedRun> {
  const { manifest } = request.declared;
  if (request.purpose.verb === 'run') {
    refuseUnsupportedMode(manifest.load_mode, manifest.manifest_id);
    await refuseBackfilled(engine, request);
  }
  const runId = engine.clock.newRunId();
  const startedAt = engine.clock.now().toISOString();
  const manifestId = manifest.manifest_id;
  const attempt = await acquireLease(engine.catalog, {
    resource: `manifest:${manifestId}`,
    runId,
    now: startedAt,
  });
  if (attempt.kind === 'busy') {
    throw new ConflictError({
      code: ERROR_CODES.run_in_progress,
      message: `Run ${attempt.runId} of ${manifestId} is in progress (process ${attempt.holder.pid}, since ${attempt.since}).`,
      next: 'Wait until it has ended (tidemark status shows it), then run the same command again.',
      facts: { runId: attempt.runId, holder: attempt.holder },
    });
  }
  const { lease, supersededRunId } = attempt;
  try {
    await completeLedger(engine.catalog, { home: engine.home, chain: manifestId });
    await completeProjection(engine.catalog, { home: engine.home, chain: manifestId });
    // The holder died; whether before or after its commit, what only it used goes.
    if (supersededRunId !== null) await clearLeftovers(engine, supersededRunId);
    for (const dead of await unfinishedRuns(engine.catalog, manifestId)) await closeDeadRun(engine, dead);
    await clearAbandoned(engine);
    const retryOf = await unfinishedBefore(engine, { manifestId, batchId: request.batchId });
    await recordOpening(engine, request, { runId, startedAt, retryOf });
    await engine.reached('run_opened');
    return { runId, startedAt, retryOf, lease };
  } catch (error) {
    await releaseLease(engine.catalog, lease);
    throw error;
  }
}

/** The run that this one takes up again: the latest of the batch, if it did not finish. */
async function unfinishedBefore(
  engine: Engine,
  batch: { manifestId: string; batchId: string },
): Promise<string | null> {
  const previous = await latestRunOfBatch(engine.catalog, batch);
  return previous !== null && ['interrupted', 'failed', 'withheld'].includes(previous.state)
    ? previous.runId
    : null;
}

async function recordOpening(
  engine: Engine,
  request: OpenRequest,
  run: { runId: string; startedAt: string; retryOf: string | null },
): Promise<void> {
  const { manifest, contentHash, path } = request.declared;
  const { batchId, traceId, window } = request;
  const manifestId = manifest.manifest_id;
  const contracts = new Map(
    request.assets.flatMap(({ contract }) => (contract === null ? [] : [[contract.hash, contract] as const])),
  );
  await engine.catalog.transaction().execute(async (tx) => {
    await recordDeclaration(tx, {
      manifestId,
      contentHash,
      path,
      body: JSON.stringify(manifest),
      contracts: [...contracts.values()].map(({ hash, ref, schema }) => ({
        hash,
        ref,
        body: JSON.stringify(schema),
      })),
      batchId,
      loadMode: manifest.load_mode,
      window,
      now: run.startedAt,
    });
    const { verb, planId, parentRunId } = request.purpose;
    const identity = { manifestId, manifestHash: contentHash, batchId, traceId };
    await insertRun(tx, { ...run, ...identity, verb, planId, parentRunId });
  });
}

async function closeDeadRun(engine: Engine, dead: RunRow): Promise<void> {
  await clearLeftovers(engine, dead.runId);
  const endedAt = engine.clock.now().toISOString();
  const result = { runId: dead.runId, state: 'interrupted', note: 'its process ended without closing it' };
  await engine.catalog.transaction().execute(async (tx) => {
    if ((await findRun(tx, dead.runId))?.state !== 'running') return;
    await endRun(tx, { runId: dead.runId, state: 'interrupted', endedAt, result: JSON.stringify(result) });
    await sealEvidence(tx, {
      home: engine.home,
      chain: dead.manifestId,
      kind: 'run',
      runId: dead.runId,
      body: { report: { ...dead, ...result, endedAt }, files: {} },
      now: endedAt,
    });
  });
  const folder = join(engine.home.evidenceDir, dead.runId);
  await projectEntries({ catalog: engine.catalog, runId: dead.runId, folder });
}

function refuseUnsupportedMode(mode: string, manifestId: string): void {
  const why = whyNotRun(mode);
  if (why === null) return;
  throw new ConfigurationError({
    code: ERROR_CODES.load_mode_unsupported,
    message: `${manifestId} declares load mode ${mode}: ${why}; this release runs full_snapshot and incremental_cursor.`,
    next:
      mode === 'cdc'
        ? 'A log of changes in files or a table is read with incremental_cursor, and deletes where its contract says so (deletion, under x-tidemark): declare that, then run again.'
        : 'Declare load_mode full_snapshot or incremental_cursor, then run again. tidemark plan judges the manifest as it is.',
  });
}

/** A batch of an interval stays one: a run of the whole manifest would read beyond it and move the cursor. */
async function refuseBackfilled(
  engine: Engine,
  { declared: { manifest }, batchId }: Pick<OpenRequest, 'declared' | 'batchId'>,
): Promise<void> {
  const batch = { manifestId: manifest.manifest_id, batchId };
  if ((await backfillThatMade(engine.catalog, batch)) === null) return;
  throw new ConfigurationError({
    code: ERROR_CODES.batch_of_backfill,
    message: `Batch ${batchId} of ${batch.manifestId} was made by a backfill and holds its interval; a run of the manifest would read beyond it.`,
    next: nextCommand('recover', '--manifest', batch.manifestId, '--batch-id', batchId),
  });
}
