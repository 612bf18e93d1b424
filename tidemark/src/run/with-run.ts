import { openDataEngine } from '../bronze/data-engine.ts';
import { holdersOf } from '../catalog/holders.ts';
import { type Lease, releaseLease } from '../catalog/leases.ts';
import { findRun } from '../catalog/runs.ts';
import { OutcomeUnknownError, TransientError } from '../errors/tidemark-error.ts';
import { nextCommand } from '../evidence/next-command.ts';
import type { RunReport } from '../evidence/run-report.ts';
import { recordStanding } from '../incident/standing.ts';
import { storeError } from '../landing/durable-files.ts';
import { isAway } from '../landing/store/away.ts';
import { maintainAfterRun } from '../maintain/after-run.ts';
import type { DeclaredManifest } from '../manifest/source-manifest.ts';
import { clearLeftovers, clearSuperseded } from './clear-leftovers.ts';
import type { DeclaredAsset } from './declared-asset.ts';
import { endWithoutCommit, failureOf } from './end-without-commit.ts';
import type { Engine } from './engine.ts';
import { openRun } from './open-run.ts';
import { describeWindow } from './plan-ingest.ts';
import type { RunContext } from './run-context.ts';
import { PLAIN_RUN, type RunPurpose } from './run-purpose.ts';

export interface RunRequest {
  readonly engine: Engine;
  readonly declared: DeclaredManifest;
  readonly batchId: string;
  readonly assets: readonly DeclaredAsset[];
  readonly traceId: string;
  readonly purpose?: RunPurpose;
  /** Whether a source is taken for what was read of it where its size, time and inode are as they were. Default: false. */
  readonly trustsMtime?: boolean;
}

/**
 * Everything around a run: the lease, and that it always ends. An error of the work closes the run
 * with sealed evidence and comes back as its report; only a run that could not be opened throws.
 */
export async function withRun(
  request: RunRequest,
  work: (run: RunContext) => Promise<RunReport>,
): Promise<RunReport> {
  const { engine, declared, purpose = PLAIN_RUN } = request;
  const opened = await openRun(engine, { ...request, purpose, window: describeWindow(declared.manifest) });
  const run: RunContext = {
    engine,
    runId: opened.runId,
    traceId: request.traceId,
    retryOf: opened.retryOf,
    lease: opened.lease,
    purpose,
    declared,
    manifest: declared.manifest,
    batchId: request.batchId,
    startedAt: opened.startedAt,
    assets: request.assets,
    works: [],
    parts: [...request.assets],
    emptied: new Set(),
    notes: new Map(),
    attempts: [],
    openEngine: (needs) =>
      openDataEngine({
        spillDir: `${engine.home.scratchDir(opened.runId)}/spill`,
        limits: engine.limits,
        ...needs,
      }),
  };
  engine.onEvent({
    kind: 'run_started',
    runId: opened.runId,
    manifestId: declared.manifest.manifest_id,
    batchId: request.batchId,
    assets: request.assets.length,
    retryOf: opened.retryOf,
  });
  let report: RunReport;
  try {
    report = await work(run);
  } catch (error) {
    report = await closeOnError(run, error);
  }
  report = await comparedWithPast(engine, report);
  await endQuietly(engine, { lease: opened.lease, manifestId: declared.manifest.manifest_id });
  report = await maintained(engine, report);
  engine.onEvent({ kind: 'run_ended', report });
  return report;
}

/** Once the run is over and its lease is free. Told in the report, and no part of what is sealed. */
async function maintained(engine: Engine, report: RunReport): Promise<RunReport> {
  if (!engine.automaticMaintenance || report.state !== 'committed') return report;
  const moved = report.tables.flatMap((table) => (table.moved ? [table.table] : []));
  moved.push(...(report.current ?? []).map(({ table }) => table));
  const maintenance = await maintainAfterRun(engine, moved);
  return maintenance === null ? report : { ...report, maintenance };
}

/**
 * After the commit nothing can make a run fail: what is missing is its proof, which the next run makes up for. When even
 * the closing fails (a full disk holds the catalog too) the first error is the one to tell; the next run closes this one.
 */
async function closeOnError(run: RunContext, thrown: unknown): Promise<RunReport> {
  const place = (thrown as NodeJS.ErrnoException)?.path ?? run.engine.home.scratchDir(run.runId);
  const error = storeError(thrown, place);
  // A catalog that is away tells nothing; the first error is the one to tell.
  const row = await findRun(run.engine.catalog, run.runId).catch(async () => {
    await holdersOf(run.engine.catalog).renew();
    throw error;
  });
  if (row?.state === 'committed' && row.result !== null) {
    const next = 'The batch is committed. Run the same command again to complete its proof.';
    return { ...(JSON.parse(row.result) as RunReport), failure: { ...failureOf(error), next } };
  }
  if (error instanceof OutcomeUnknownError) {
    // What was sent may still arrive: whoever comes next waits for that, and only then looks.
    await holdersOf(run.engine.catalog).renew();
    throw error;
  }
  try {
    // First of all room: on a full disk the sealing of this very failure needs what the run itself took up.
    await clearLeftovers(run.engine, run.runId);
    return await endWithoutCommit(run, { error });
  } catch {
    // A store that is away keeps a run from being sealed, and nobody else from trying again in this very process.
    await releaseLease(run.engine.catalog, run.lease).catch(() => undefined);
    throw error;
  }
}

/**
 * Only a run that ended well is held against its manifest's past. That nothing can be told of it is no reason to fail: it
 * is said in the report, and no part of what is sealed.
 */
async function comparedWithPast(engine: Engine, report: RunReport): Promise<RunReport> {
  const { state, manifestId, runId } = report;
  if (state !== 'committed' && state !== 'nothing_to_commit') return report;
  const { catalog, contracts, clock } = engine;
  const now = clock.now().toISOString();
  try {
    await recordStanding(catalog, { manifestId, contracts, runId, now });
    return report;
  } catch (error) {
    const [message = ''] = (error as Error).message.split('\n');
    return { ...report, notCompared: { message, next: nextCommand('verify', '--manifest', manifestId) } };
  }
}

/**
 * What only this run used is removed; a failure to do so costs space, not truth, and the next run tries again. A lease that
 * cannot be given back is nobody's from then on.
 */
async function endQuietly(
  engine: Engine,
  { lease, manifestId }: { lease: Lease; manifestId: string },
): Promise<void> {
  try {
    await clearLeftovers(engine, lease.runId);
    await clearSuperseded(engine, manifestId);
  } catch (error) {
    if (!isAway(error) && !(error instanceof TransientError)) throw error;
  } finally {
    await releaseLease(engine.catalog, lease).catch(unlessPassing);
  }
}

/** The run has ended, and its report is what there is to tell. */
function unlessPassing(error: unknown): void {
  if (!(error instanceof TransientError)) throw error;
}
