import type { CatalogReader } from '../catalog/catalog.ts';

/** Sources of the batch that was committed last. */
export async function latestSources(catalog: CatalogReader, manifestId: string): Promise<string[]> {
  const rows = await catalog
    .selectFrom('checkpoints')
    .select('source_id')
    .distinct()
    .where('manifest_id', '=', manifestId)
    .where('batch_id', '=', (eb) =>
      eb
        .selectFrom('runs')
        .select('batch_id')
        .where('manifest_id', '=', manifestId)
        .where('state', '=', 'committed')
        .where('verb', 'in', FORWARD)
        .orderBy('run_id', 'desc')
        .limit(1),
    )
    .execute();
  return rows.map(({ source_id }) => source_id);
}

const FORWARD = ['run', 'retry', 'rerun'] as const;

/** The latest first; a backfill takes an interval of any size and kind, and says nothing of what is usual. */
export async function recentBatches(
  catalog: CatalogReader,
  { manifestId, sourceId, limit }: { manifestId: string; sourceId: string; limit: number },
): Promise<{ batchId: string; runId: string; records: number }[]> {
  const rows = await catalog
    .selectFrom('checkpoints')
    .innerJoin('runs', 'runs.run_id', 'checkpoints.run_id')
    .select(['checkpoints.batch_id', 'checkpoints.run_id', 'checkpoints.records'])
    .where('checkpoints.source_id', '=', sourceId)
    .where('checkpoints.manifest_id', '=', manifestId)
    .where('runs.verb', '<>', 'backfill')
    .orderBy('checkpoints.updated_at', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ batchId: row.batch_id, runId: row.run_id, records: row.records }));
}
