import type { CatalogReader } from '../catalog/catalog.ts';
import type { AssetTally, RecordTally } from '../model/tally.ts';
import type { BatchStanding } from './batch-standings.ts';
import { declarationOf } from './declared-tables.ts';
import type { ManifestStanding } from './manifest-standing.ts';
import type { RunInProgress } from './run-leases.ts';
import { type RunReach, reachOf } from './run-reach.ts';
import type { BatchKey } from './unwell-batches.ts';

/** What a person asks in the morning, answered for one batch; what to do about it is added by whoever recommends. */
export interface Answers extends BatchKey {
  /** Why this batch: it runs now, something speaks against it, or it is simply the latest. */
  readonly because: 'running' | 'unwell' | 'latest';
  /** Which manifest was running? */
  readonly run: {
    readonly runId: string;
    readonly state: ManifestStanding['lastRun'];
    readonly startedAt: string;
    readonly endedAt: string | null;
    readonly failure: string | null;
  };
  /** Up to which source? */
  readonly reach: RunReach & { readonly declared: number };
  /** What was written? By whichever run of the batch last did; null: nothing of it is in the tables. */
  readonly written: {
    readonly runId: string;
    readonly at: string;
    readonly assets: AssetTally;
    readonly records: RecordTally;
  } | null;
  /** What was not? */
  readonly notWritten: { readonly count: number; readonly sources: readonly NotWritten[] };
}

export interface NotWritten {
  readonly sourceId: string;
  /** `held`, `refused`, `failed`; `not_reached` where the run did not come to it. */
  readonly outcome: string;
}

/** Sources named one by one. */
const NAMED_MAX = 5;

/** Of the batch that matters most: one that runs, else the latest that something speaks against, else the latest. */
export async function answer(
  catalog: CatalogReader,
  facts: {
    manifests: readonly ManifestStanding[];
    inProgress: readonly RunInProgress[];
    unwell: readonly BatchKey[];
    batches: readonly BatchStanding[];
  },
): Promise<Answers | null> {
  const running = facts.batches.find(({ lastRun }) =>
    facts.inProgress.some(({ runId }) => runId === lastRun?.runId),
  );
  const [first] = facts.unwell;
  const unwell = facts.batches.find(
    (batch) => batch.manifestId === first?.manifestId && batch.batchId === first.batchId,
  );
  const latest = facts.batches.reduce<BatchStanding | undefined>(
    (best, batch) => ((batch.lastRun?.runId ?? '') > (best?.lastRun?.runId ?? '') ? batch : best),
    undefined,
  );
  const batch = running ?? unwell ?? latest;
  if (batch?.lastRun == null) return null;
  const because = batch === running ? 'running' : batch === unwell ? 'unwell' : 'latest';
  return await answerFor(catalog, { batch, lastRun: batch.lastRun, because });
}

async function answerFor(
  catalog: CatalogReader,
  {
    batch,
    lastRun,
    because,
  }: {
    batch: BatchStanding;
    lastRun: NonNullable<BatchStanding['lastRun']>;
    because: Answers['because'];
  },
): Promise<Answers> {
  const { manifestId, batchId, committed } = batch;
  const contentHash = lastRun.manifestHash;
  const { sources } = await declarationOf(catalog, { manifestId, contentHash });
  const { runId, startedAt, endedAt, failure } = lastRun;
  return {
    manifestId,
    batchId,
    because,
    run: {
      runId,
      state: lastRun.state === 'running' && because !== 'running' ? 'died' : lastRun.state,
      startedAt,
      endedAt,
      failure: failure?.message ?? null,
    },
    reach: { ...(await reachOf(catalog, runId)), declared: sources.length },
    written:
      committed === null
        ? null
        : {
            runId: committed.runId,
            at: committed.committedAt,
            assets: committed.assetTally,
            records: committed.recordTally,
          },
    notWritten: await notWrittenOf(catalog, { batch: { manifestId, batchId }, runId, sources }),
  };
}

async function notWrittenOf(
  catalog: CatalogReader,
  { batch, runId, sources }: { batch: BatchKey; runId: string; sources: readonly string[] },
): Promise<Answers['notWritten']> {
  const ended = await catalog
    .selectFrom('run_assets')
    .select(['source_id', 'outcome'])
    .where('run_id', '=', runId)
    .orderBy('position')
    .execute();
  const written = await catalog
    .selectFrom('checkpoints')
    .select('source_id')
    .where('manifest_id', '=', batch.manifestId)
    .where('batch_id', '=', batch.batchId)
    .execute();
  const inTables = new Set(written.map(({ source_id }) => source_id));
  const missing =
    ended.length > 0
      ? ended
          .filter(({ outcome }) => outcome !== 'committed' && outcome !== 'already_committed')
          .map(({ source_id: sourceId, outcome }) => ({ sourceId, outcome }))
      : sources
          .filter((sourceId) => !inTables.has(sourceId))
          .map((sourceId) => ({ sourceId, outcome: 'not_reached' }));
  return { count: missing.length, sources: missing.slice(0, NAMED_MAX) };
}
