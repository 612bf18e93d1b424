import type { CatalogReader } from './catalog.ts';

export interface CommitRow {
  readonly table: string;
  readonly manifestId: string;
  readonly batchId: string;
  readonly revision: number;
  readonly snapshotId: string;
  readonly metadataLocation: string;
}

export async function commitsOfRun(catalog: CatalogReader, runId: string): Promise<CommitRow[]> {
  const rows = await catalog
    .selectFrom('commits')
    .selectAll()
    .where('run_id', '=', runId)
    .orderBy('table_name')
    .execute();
  return rows.map((row) => ({
    table: row.table_name,
    manifestId: row.manifest_id,
    batchId: row.batch_id,
    revision: row.revision,
    snapshotId: row.snapshot_id,
    metadataLocation: row.metadata_location,
  }));
}

/** The answer to “did it happen?” after an error whose outcome is not known. */
export async function hasCommitted(catalog: CatalogReader, runId: string): Promise<boolean> {
  return (await commitsOfRun(catalog, runId)).length > 0;
}
