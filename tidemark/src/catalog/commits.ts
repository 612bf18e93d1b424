import type { CatalogReader } from './catalog.ts';

export interface CommitRow {
  readonly table: string;
  readonly manifestId: string;
  readonly batchId: string;
  readonly revision: number;
  readonly runId: string;
  readonly snapshotId: string;
  readonly parentSnapshotId: string | null;
  readonly metadataLocation: string;
  readonly addedRecords: number;
  readonly committedAt: string;
}

export async function commitsOfRun(catalog: CatalogReader, runId: string): Promise<CommitRow[]> {
  return await findCommits(catalog, { column: 'run_id', value: runId });
}

/** More than one only where tables happened to draw the same id. */
export async function commitsOfSnapshot(catalog: CatalogReader, snapshotId: string): Promise<CommitRow[]> {
  return await findCommits(catalog, { column: 'snapshot_id', value: snapshotId });
}

/** The answer to “did it happen?” after an error whose outcome is not known. */
export async function hasCommitted(catalog: CatalogReader, runId: string): Promise<boolean> {
  const run = await catalog.selectFrom('runs').select('state').where('run_id', '=', runId).executeTakeFirst();
  return run?.state === 'committed';
}

async function findCommits(
  catalog: CatalogReader,
  { column, value }: { column: 'run_id' | 'snapshot_id'; value: string },
): Promise<CommitRow[]> {
  const rows = await catalog
    .selectFrom('commits')
    .selectAll()
    .where(column, '=', value)
    .orderBy('table_name')
    .execute();
  return rows.map((row) => ({
    table: row.table_name,
    manifestId: row.manifest_id,
    batchId: row.batch_id,
    revision: row.revision,
    runId: row.run_id,
    snapshotId: row.snapshot_id,
    parentSnapshotId: row.parent_snapshot_id,
    metadataLocation: row.metadata_location,
    addedRecords: row.added_records,
    committedAt: row.committed_at,
  }));
}
