import { recordDeclaration } from '../catalog/batches.ts';
import { acquireLease, type Lease } from '../catalog/leases.ts';
import { endRun, findRun, insertRun, type RunRow, runsOfBatch, unfinishedRuns } from '../catalog/runs.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError, ConflictError } from '../errors/tidemark-error.ts';
import { sealEvidence } from '../evidence/chain.ts';
import type { DeclaredManifest } from '../manifest/source-manifest.ts';
import { clearLeftovers } from './clear-leftovers.ts';
import type { DeclaredAsset } from './declared-asset.ts';
import type { Engine } from './engine.ts';

export interface OpenedRun {
  readonly runId: string;
  readonly startedAt: string;
  /** The latest run of this batch that did not finish, if nothing of the batch was tried since. */
  readonly retryOf: string | null;
  readonly lease: Lease;
}

/**
 * Opens a run: one at a time for a manifest, by lease. Runs that died are closed as interrupted, with evidence, and what
 * only they used is removed; their landed objects and prepared units stay.
 * @throws ConflictError run_in_progress · ConfigurationError load_mode_unsupported
 */
export async function openRun(
  engine: Engine,
  request: {
    declared: DeclaredManifest;
    batchId: string;
    assets: readonly DeclaredAsset[];
    traceId: string;
    window: string;
  },
): Promise<OpenedRun> {
  const { manifest } = request.declared;
  refuseUnsupportedMode(manifest.load_mode, manifest.manifest_id);
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
  // The holder died; whether before or after its commit, what only it used goes.
  if (attempt.supersededRunId !== null) await clearLeftovers(engine, attempt.supersededRunId);
  for (const dead of await unfinishedRuns(engine.catalog, manifestId)) await closeDeadRun(engine, dead);
  const previous = (await runsOfBatch(engine.catalog, { manifestId, batchId: request.batchId })).at(-1);
  const unfinished = previous !== undefined && ['interrupted', 'failed', 'withheld'].includes(previous.state);
  const retryOf = unfinished ? previous.runId : null;
  const contracts = new Map(
    request.assets.flatMap(({ contract }) => (contract === null ? [] : [[contract.hash, contract] as const])),
  );
  await engine.catalog.transaction().execute(async (tx) => {
    await recordDeclaration(tx, {
      manifestId,
      contentHash: request.declared.contentHash,
      path: request.declared.path,
      body: JSON.stringify(manifest),
      contracts: [...contracts.values()].map(({ hash, ref, schema }) => ({
        hash,
        ref,
        body: JSON.stringify(schema),
      })),
      batchId: request.batchId,
      loadMode: manifest.load_mode,
      window: request.window,
      now: startedAt,
    });
    await insertRun(tx, {
      runId,
      manifestId,
      manifestHash: request.declared.contentHash,
      batchId: request.batchId,
      traceId: request.traceId,
      retryOf,
      startedAt,
    });
  });
  await engine.reached('run_opened');
  return { runId, startedAt, retryOf, lease: attempt.lease };
}

async function closeDeadRun(engine: Engine, dead: RunRow): Promise<void> {
  await clearLeftovers(engine, dead.runId);
  const endedAt = engine.clock.now().toISOString();
  const result = { runId: dead.runId, state: 'interrupted', note: 'its process ended without closing it' };
  await engine.catalog.transaction().execute(async (tx) => {
    if ((await findRun(tx, dead.runId))?.state !== 'running') return;
    await endRun(tx, { runId: dead.runId, state: 'interrupted', endedAt, result: JSON.stringify(result) });
    await sealEvidence(tx, {
      chain: dead.manifestId,
      kind: 'run',
      runId: dead.runId,
      body: { report: { ...dead, ...result, endedAt }, files: {} },
      now: endedAt,
    });
  });
}

function refuseUnsupportedMode(mode: string, manifestId: string): void {
  if (mode === 'full_snapshot' || mode === 'incremental_cursor') return;
  const why =
    mode === 'cdc'
      ? 'change capture reads streams, not files'
      : `${mode} is a recovery verb that is planned first`;
  throw new ConfigurationError({
    code: ERROR_CODES.load_mode_unsupported,
    message: `${manifestId} declares load mode ${mode}: ${why}; this release runs full_snapshot and incremental_cursor.`,
    next: 'Declare load_mode full_snapshot or incremental_cursor, then run again. tidemark plan judges the manifest as it is.',
  });
}
