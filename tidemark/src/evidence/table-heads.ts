import { readTableMetadata } from '../bronze/iceberg/metadata-file.ts';
import { currentSnapshot } from '../bronze/iceberg/table-metadata.ts';
import { tableIo } from '../bronze/table-io.ts';
import type { CatalogReader } from '../catalog/catalog.ts';
import { listTables } from '../catalog/iceberg-tables.ts';

export interface TableHead {
  readonly table: string;
  readonly snapshotId: string | null;
  readonly totalRecords: number;
  readonly totalFiles: number;
  readonly metadataLocation: string;
}

/** The head of every table, from metadata alone: no data file is opened. */
export async function tableHeads(catalog: CatalogReader): Promise<TableHead[]> {
  const heads: TableHead[] = [];
  for (const { table, metadataLocation } of await listTables(catalog)) {
    const { metadata } = await readTableMetadata(tableIo, metadataLocation);
    const snapshot = currentSnapshot(metadata);
    heads.push({
      table,
      snapshotId: snapshot === null ? null : String(snapshot['snapshot-id']),
      totalRecords: Number(snapshot?.summary['total-records'] ?? 0),
      totalFiles: Number(snapshot?.summary['total-data-files'] ?? 0),
      metadataLocation,
    });
  }
  return heads;
}

/** As a run that moved nothing reports them. */
export async function headsOf(catalog: CatalogReader, tables: readonly string[]) {
  const wanted = new Set(tables);
  return (await tableHeads(catalog))
    .filter(({ table }) => wanted.has(table))
    .map(({ table, snapshotId, totalRecords }) => ({
      table,
      snapshotId,
      totalRecords,
      moved: false,
      addedRecords: 0,
    }));
}
