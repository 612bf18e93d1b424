import { openDataEngine, type Row, sqlList } from '../bronze/data-engine.ts';
import { readTableMetadata } from '../bronze/iceberg/metadata-file.ts';
import { liveDataFiles } from '../bronze/iceberg/read-table.ts';
import type { CatalogReader } from '../catalog/catalog.ts';
import { listAllTables, type TablePointer } from '../catalog/iceberg-tables.ts';
import { DEFAULT_LIMITS } from '../model/limits.ts';
import { openCatalogOf } from './catalog-of.ts';
import { tableFilesOf } from './table-files.ts';

/** Columns that differ from run to run by what they are. */
const PER_RUN = ['run_id', 'trace_id', 'ingested_at', 'ingest_ts', 'keeper_run_id'];

/**
 * Every row of every table as a consumer sees them: catalog → metadata → manifests → data files, never a folder. Rows
 * are JSON text without what differs from run to run, sorted.
 */
export async function tablesAsSeen(homeDir: string): Promise<Record<string, string[]>> {
  await using io = await tableFilesOf(homeDir);
  await using engine = await openDataEngine({ spillDir: io.spillDir, limits: DEFAULT_LIMITS });
  const catalog = await openCatalogOf(homeDir);
  const tables: Record<string, string[]> = {};
  try {
    for (const { table, metadataLocation } of await allTables(catalog)) {
      const { metadata } = await readTableMetadata(io, metadataLocation);
      const files = await Array.fromAsync(liveDataFiles({ io, metadata }));
      const paths = await Promise.all(files.map(({ uri }) => io.fileOf(uri)));
      const rows =
        paths.length === 0
          ? []
          : await engine.rows(`SELECT * FROM read_parquet(${sqlList(paths)}, union_by_name = true)`);
      tables[table] = rows.map(comparable).sort();
    }
  } finally {
    await catalog.destroy();
  }
  return tables;
}

/** The heads, to tell whether a table moved. */
export async function heads(homeDir: string): Promise<Record<string, string>> {
  const catalog = await openCatalogOf(homeDir);
  try {
    return Object.fromEntries(
      (await allTables(catalog)).map(({ table, metadataLocation }) => [table, metadataLocation]),
    );
  } finally {
    await catalog.destroy();
  }
}

/** Those of Bronze, then those of newest versions. */
export async function allTables(catalog: CatalogReader): Promise<TablePointer[]> {
  return await listAllTables(catalog);
}

function comparable(row: Row): string {
  const kept = Object.entries(row).filter(([name]) => !PER_RUN.includes(name));
  return JSON.stringify(kept, (_key, value) => (typeof value === 'bigint' ? `${value}n` : value));
}
