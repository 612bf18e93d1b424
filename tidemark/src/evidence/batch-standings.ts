import type { CatalogReader } from '../catalog/catalog.ts';
import type { RunState, RunVerb } from '../catalog/schema.ts';
import type { AssetTally, RecordTally } from '../model/tally.ts';
import type { Verdict } from './reconcile.ts';
import type { RunReport } from './run-report.ts';

/** How one manifest's batch stands: what was tried last, and what is in the tables. */
export interface BatchStanding {
  readonly manifestId: string;
  readonly batchId: string;
  /** Of the manifest as the last run read it, relative to the project root; null when nothing was ever run. */
  readonly manifestPath: string | null;
  readonly loadMode: string;
  readonly window: string;
  /** Commits of the batch so far. */
  readonly revision: number;
  readonly lastRun: LastRun | null;
  /** The run that made the batch what it is in the tables; null while nothing of it is there. */
  readonly committed: CommittedRun | null;
}

export interface LastRun {
  readonly runId: string;
  readonly verb: RunVerb;
  /** The recovery plan that it executes. */
  readonly planId: string | null;
  readonly state: RunState;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly manifestHash: string;
  /** Its `next` is the one thing to do, then the same command again. */
  readonly failure: RunReport['failure'];
  /** Null while it goes on, and for a run that died. */
  readonly assetTally: AssetTally | null;
}

export interface CommittedRun {
  readonly runId: string;
  readonly committedAt: string;
  readonly assetTally: AssetTally;
  readonly recordTally: RecordTally;
  /** Whether its reconciliation is sealed. */
  readonly proven: boolean;
  /** Null until it is proven. A proof that failed counts as passed once a verification has shown that it is over. */
  readonly verdict: Verdict | null;
}

/** The batches of one manifest, or one of them, where not all are wanted. */
export interface BatchChoice {
  readonly manifestId: string;
  readonly batchId?: string;
}

/** Every batch, from the catalog alone. Three statements however many batches and runs there are. */
export async function batchStandings(catalog: CatalogReader, only?: BatchChoice): Promise<BatchStanding[]> {
  let query = catalog.selectFrom('batches').selectAll();
  if (only) query = query.where('manifest_id', '=', only.manifestId);
  if (only?.batchId !== undefined) query = query.where('batch_id', '=', only.batchId);
  const batches = await query.orderBy('manifest_id').orderBy('batch_id').execute();
  const lastRuns = await readLastRuns(catalog, only);
  const committed = await readCommittedRuns(catalog, only);
  return batches.map((batch) => {
    const key = batchKey(batch);
    const last = lastRuns.get(key);
    return {
      manifestId: batch.manifest_id,
      batchId: batch.batch_id,
      manifestPath: last?.manifestPath ?? null,
      loadMode: batch.load_mode,
      window: batch.window,
      revision: batch.revision,
      lastRun: last?.run ?? null,
      committed: committed.get(key) ?? null,
    };
  });
}

/** The account is read only where the run did not simply commit: that one is read once, as the committed one. */
async function readLastRuns(catalog: CatalogReader, only: BatchChoice | undefined) {
  const rows = await catalog
    .with('latest', (db) => {
      let runs = db.selectFrom('runs').select((eb) => eb.fn.max('run_id').as('run_id'));
      if (only) runs = runs.where('manifest_id', '=', only.manifestId);
      if (only?.batchId !== undefined) runs = runs.where('batch_id', '=', only.batchId);
      return runs.groupBy(['manifest_id', 'batch_id']);
    })
    .selectFrom('latest')
    .innerJoin('runs', 'runs.run_id', 'latest.run_id')
    .leftJoin('manifests', (join) =>
      join
        .onRef('manifests.manifest_id', '=', 'runs.manifest_id')
        .onRef('manifests.content_hash', '=', 'runs.manifest_hash'),
    )
    .select(({ eb }) => [
      'runs.run_id',
      'runs.manifest_id',
      'runs.batch_id',
      'runs.manifest_hash',
      'runs.verb',
      'runs.plan_id',
      'runs.state',
      'runs.started_at',
      'runs.ended_at',
      'manifests.path',
      eb.case().when('runs.state', '<>', 'committed').then(eb.ref('runs.result')).end().as('result'),
    ])
    .execute();
  return new Map(
    rows.map((row) => {
      const report = parseReport(row.result);
      const run: LastRun = {
        runId: row.run_id,
        verb: row.verb,
        planId: row.plan_id,
        state: row.state,
        startedAt: row.started_at,
        endedAt: row.ended_at,
        manifestHash: row.manifest_hash,
        failure: report.failure ?? null,
        assetTally: report.assetTally ?? null,
      };
      return [batchKey(row), { run, manifestPath: row.path }];
    }),
  );
}

async function readCommittedRuns(
  catalog: CatalogReader,
  only: BatchChoice | undefined,
): Promise<Map<string, CommittedRun>> {
  const rows = await catalog
    .with('current', (db) => {
      // By its runs: one that took in nothing but empty files moved no table.
      let runs = db
        .selectFrom('runs')
        .select((eb) => eb.fn.max('run_id').as('run_id'))
        .where('state', '=', 'committed');
      if (only) runs = runs.where('manifest_id', '=', only.manifestId);
      if (only?.batchId !== undefined) runs = runs.where('batch_id', '=', only.batchId);
      return runs.groupBy(['manifest_id', 'batch_id']);
    })
    .selectFrom('current')
    .innerJoin('runs', 'runs.run_id', 'current.run_id')
    .select([
      'runs.run_id',
      'runs.manifest_id',
      'runs.batch_id',
      'runs.proven',
      'runs.result',
      'runs.started_at',
      'runs.ended_at',
    ])
    .execute();
  const found = new Map<string, CommittedRun>();
  for (const row of rows) {
    const { assetTally, recordTally, reconciliation } = parseReport(row.result);
    if (assetTally === undefined || recordTally === undefined) continue;
    found.set(batchKey(row), {
      runId: row.run_id,
      committedAt: row.ended_at ?? row.started_at,
      assetTally,
      recordTally,
      proven: row.proven === 1,
      verdict:
        reconciliation?.verdict === 'fail'
          ? await verdictSince(catalog, row)
          : (reconciliation?.verdict ?? null),
    });
  }
  return found;
}

/** A proof that failed stays sealed as it was; a verification that resolved its incident has shown that it is over. */
async function verdictSince(
  catalog: CatalogReader,
  { manifest_id, batch_id }: { manifest_id: string; batch_id: string },
): Promise<Verdict> {
  const over = await catalog
    .selectFrom('incidents')
    .select('state')
    .where('manifest_id', '=', manifest_id)
    .where('batch_id', '=', batch_id)
    .where('kind', '=', 'reconciliation_failed')
    .executeTakeFirst();
  return over?.state === 'resolved' ? 'pass' : 'fail';
}

/** What a run left of its account: whole, a note of one that died, or nothing yet. */
export function parseReport(result: string | null): Partial<RunReport> {
  if (result === null) return {};
  try {
    return JSON.parse(result) as Partial<RunReport>;
  } catch {
    return {}; // Altered. Reading goes on with what there is; verifying the evidence names it.
  }
}

function batchKey({ manifest_id, batch_id }: { manifest_id: string; batch_id: string }): string {
  return JSON.stringify([manifest_id, batch_id]);
}
