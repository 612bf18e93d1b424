import type { CatalogReader, CatalogTransaction } from './catalog.ts';
import type { CatalogTables } from './schema.ts';

export interface MaintenanceRow {
  readonly operationId: string;
  readonly table: string;
  readonly kind: CatalogTables['maintenance']['kind'];
  readonly snapshotId: string | null;
  readonly parentSnapshotId: string | null;
  readonly metadataLocation: string;
  readonly totalFiles: number;
  readonly done: object;
  readonly at: string;
}

export async function recordMaintenance(
  tx: CatalogTransaction | CatalogReader,
  row: MaintenanceRow,
): Promise<void> {
  await tx
    .insertInto('maintenance')
    .values({
      operation_id: row.operationId,
      table_name: row.table,
      kind: row.kind,
      snapshot_id: row.snapshotId,
      parent_snapshot_id: row.parentSnapshotId,
      metadata_location: row.metadataLocation,
      total_files: row.totalFiles,
      done: JSON.stringify(row.done),
      at: row.at,
    })
    .execute();
}

/** The operation that made a snapshot of a table; null when it was none of ours. */
export async function maintenanceOf(
  catalog: CatalogReader,
  { table, snapshotId }: { table: string; snapshotId: string },
): Promise<{ operationId: string; at: string } | null> {
  const row = await catalog
    .selectFrom('maintenance')
    .select(['operation_id', 'at'])
    .where('table_name', '=', table)
    .where('snapshot_id', '=', snapshotId)
    .executeTakeFirst();
  return row === undefined ? null : { operationId: row.operation_id, at: row.at };
}

/** Data files that a table had when it was looked at last. */
export async function filesAtLastLook(catalog: CatalogReader, table: string): Promise<number> {
  const row = await catalog
    .selectFrom('maintenance')
    .select('total_files')
    .where('table_name', '=', table)
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.total_files ?? 0;
}

/** In the transaction after which nothing refers to the files: they are removed afterwards, by whoever comes. */
export async function expireFiles(
  tx: CatalogTransaction,
  {
    table,
    operationId,
    uris,
    now,
  }: { table: string; operationId: string; uris: readonly string[]; now: string },
): Promise<void> {
  for (const uri of uris) {
    await tx
      .insertInto('expired_files')
      .values({ uri, table_name: table, operation_id: operationId, expired_at: now })
      .onConflict((conflict) => conflict.column('uri').doNothing())
      .execute();
  }
}

const FILES_PER_PAGE = 500;

/** Some of the files of a table that are to be removed. */
export async function expiredFiles(catalog: CatalogReader, table: string): Promise<string[]> {
  const rows = await catalog
    .selectFrom('expired_files')
    .select('uri')
    .where('table_name', '=', table)
    .orderBy('uri')
    .limit(FILES_PER_PAGE)
    .execute();
  return rows.map(({ uri }) => uri);
}

export async function countExpiredFiles(catalog: CatalogReader, table: string): Promise<number> {
  const row = await catalog
    .selectFrom('expired_files')
    .select(({ fn }) => fn.countAll<number>().as('files'))
    .where('table_name', '=', table)
    .executeTakeFirst();
  return Number(row?.files ?? 0);
}

export async function forgetExpiredFiles(catalog: CatalogReader, uris: readonly string[]): Promise<void> {
  await catalog
    .deleteFrom('expired_files')
    .where('uri', 'in', [...uris])
    .execute();
}
