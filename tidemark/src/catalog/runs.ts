import type { Selectable } from 'kysely';
import type { CatalogReader } from './catalog.ts';
import type { CatalogTables, RunState, RunVerb } from './schema.ts';

export interface RunRow {
  readonly runId: string;
  readonly manifestId: string;
  readonly manifestHash: string;
  readonly batchId: string;
  readonly traceId: string;
  readonly retryOf: string | null;
  readonly verb: RunVerb;
  /** The run that a recovery verb mends. */
  readonly parentRunId: string | null;
  readonly planId: string | null;
  readonly state: RunState;
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** JSON of the run's record, null while it goes on. */
  readonly result: string | null;
  readonly proven: boolean;
}

export async function insertRun(
  catalog: CatalogReader,
  run: Omit<RunRow, 'state' | 'endedAt' | 'result' | 'proven'>,
): Promise<void> {
  await catalog
    .insertInto('runs')
    .values({
      run_id: run.runId,
      manifest_id: run.manifestId,
      manifest_hash: run.manifestHash,
      batch_id: run.batchId,
      trace_id: run.traceId,
      retry_of: run.retryOf,
      verb: run.verb,
      parent_run_id: run.parentRunId,
      plan_id: run.planId,
      state: 'running',
      started_at: run.startedAt,
      ended_at: null,
      result: null,
      proven: 0,
    })
    .execute();
}

export async function endRun(
  catalog: CatalogReader,
  { runId, state, endedAt, result }: { runId: string; state: RunState; endedAt: string; result: string },
): Promise<void> {
  await catalog
    .updateTable('runs')
    .set({ state, ended_at: endedAt, result, source_fingerprint: fingerprintOf(result) })
    .where('run_id', '=', runId)
    .execute();
}

/** Of the batch, out of a run's account; null where it has none, as that of a run that died. */
export function fingerprintOf(result: string): string | null {
  const { sourceFingerprint } = JSON.parse(result) as { sourceFingerprint?: string };
  return sourceFingerprint ?? null;
}

export async function markProven(
  catalog: CatalogReader,
  { runId, verdict }: { runId: string; verdict: 'pass' | 'fail' | 'unknown' },
): Promise<void> {
  await catalog.updateTable('runs').set({ proven: 1, verdict }).where('run_id', '=', runId).execute();
}

export async function findRun(catalog: CatalogReader, runId: string): Promise<RunRow | null> {
  const row = await catalog.selectFrom('runs').selectAll().where('run_id', '=', runId).executeTakeFirst();
  return row === undefined ? null : asRun(row);
}

export async function latestRunOfBatch(
  catalog: CatalogReader,
  { manifestId, batchId }: { manifestId: string; batchId: string },
): Promise<RunRow | null> {
  const row = await catalog
    .selectFrom('runs')
    .selectAll()
    .where('manifest_id', '=', manifestId)
    .where('batch_id', '=', batchId)
    .orderBy('run_id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? null : asRun(row);
}

/** Runs of a manifest that committed but whose reconciliation was never sealed: a crash came between. */
export async function unprovenRuns(catalog: CatalogReader, manifestId: string): Promise<RunRow[]> {
  const rows = await catalog
    .selectFrom('runs')
    .selectAll()
    .where('manifest_id', '=', manifestId)
    .where('state', '=', 'committed')
    .where('proven', '=', 0)
    .orderBy('run_id')
    .execute();
  return rows.map(asRun);
}

export async function unfinishedRuns(catalog: CatalogReader, manifestId: string): Promise<RunRow[]> {
  const rows = await catalog
    .selectFrom('runs')
    .selectAll()
    .where('manifest_id', '=', manifestId)
    .where('state', '=', 'running')
    .orderBy('run_id')
    .execute();
  return rows.map(asRun);
}

function asRun(row: Selectable<CatalogTables['runs']>): RunRow {
  return {
    runId: row.run_id,
    manifestId: row.manifest_id,
    manifestHash: row.manifest_hash,
    batchId: row.batch_id,
    traceId: row.trace_id,
    retryOf: row.retry_of,
    verb: row.verb,
    parentRunId: row.parent_run_id,
    planId: row.plan_id,
    state: row.state,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    result: row.result,
    proven: row.proven === 1,
  };
}
