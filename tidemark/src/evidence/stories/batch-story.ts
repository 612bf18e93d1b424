import type { CatalogReader } from '../../catalog/catalog.ts';
import { type BatchStanding, batchStandings } from '../batch-standings.ts';
import { readAttention } from '../read-attention.ts';
import { inProgressIds } from '../run-leases.ts';
import { describeAssets, describeRecords } from './describe-tally.ts';
import { counted, facts, related, type Story } from './story.ts';

/** Runs of a batch that are listed, the newest ones. */
const RUNS_MAX = 50;

/** The batches of this id: two manifests may share one. */
export async function batchStories(catalog: CatalogReader, batchId: string): Promise<Story[]> {
  const rows = await catalog
    .selectFrom('batches')
    .select('manifest_id')
    .where('batch_id', '=', batchId)
    .orderBy('manifest_id')
    .execute();
  const stories: Story[] = [];
  for (const { manifest_id: manifestId } of rows) {
    const [standing] = await batchStandings(catalog, { manifestId, batchId });
    if (standing !== undefined) stories.push(await batchStory(catalog, standing));
  }
  return stories;
}

async function batchStory(catalog: CatalogReader, batch: BatchStanding): Promise<Story> {
  const { manifestId, batchId, committed } = batch;
  const commits = await catalog
    .selectFrom('commits')
    .selectAll()
    .where('manifest_id', '=', manifestId)
    .where('batch_id', '=', batchId)
    .orderBy('revision')
    .orderBy('table_name')
    .execute();
  const runs = await catalog
    .selectFrom('runs')
    .select(['run_id', 'state', 'started_at'])
    .where('manifest_id', '=', manifestId)
    .where('batch_id', '=', batchId)
    .orderBy('run_id', 'desc')
    .limit(RUNS_MAX)
    .execute();
  const inProgress = await inProgressIds(catalog);
  const attention = await readAttention(catalog, { batches: [batch], inProgress });
  return {
    kind: 'batch',
    title: `batch ${batchId} of ${manifestId}`,
    facts: [
      ...facts({
        'load mode': batch.loadMode,
        window: batch.window,
        commits: batch.revision,
        'in the tables since': committed?.committedAt ?? 'never: nothing of it is committed',
        assets: committed && describeAssets(committed.assetTally),
        records: committed && describeRecords(committed.recordTally),
        proven: committed && (committed.proven ? `yes, verdict ${committed.verdict}` : 'not yet'),
      }),
      ...attention.map(({ message }) => ({ label: 'not well', value: message })),
    ],
    related: [
      ...related({ manifest: manifestId }),
      ...commits.map((commit) => ({
        label: `revision ${commit.revision}`,
        value: `bronze.${commit.table_name}: ${counted(commit.added_records, 'row')}, snapshot ${commit.snapshot_id}`,
        query: commit.snapshot_id,
      })),
      ...runs.map((run) => ({
        label: 'run',
        value: `${run.run_id} ${inProgress.has(run.run_id) ? 'in progress' : run.state} (${run.started_at})`,
        query: run.run_id,
      })),
    ],
    next: attention[0]?.next ?? null,
  };
}
