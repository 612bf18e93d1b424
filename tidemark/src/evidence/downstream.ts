import { pathOf } from '../bronze/table-io.ts';
import type { CatalogReader } from '../catalog/catalog.ts';
import { listCurrent, listTables, type TablePointer } from '../catalog/iceberg-tables.ts';
import { sizeOf } from '../landing/store/stored-files.ts';
import { currentOf } from '../model/table-names.ts';
import { readTableHead, type TableHead } from './table-heads.ts';
import type { BatchKey } from './unwell-batches.ts';

/** A table as whoever reads it sees it now; `fault` says why its metadata cannot be read. */
export type TableStanding =
  | (TableHead & { readonly fault: null } & Seen)
  | ({ readonly table: string; readonly metadataLocation: string; readonly fault: string } & Seen);

interface Seen {
  /** The commit that made the head; null when it was none of ours: another engine wrote since. */
  readonly committed: (BatchKey & { readonly runId: string; readonly at: string }) | null;
  /** Batches that should be in it and are not: what is seen is old. */
  readonly waiting: readonly BatchKey[];
}

/** Larger metadata is not read: what the commit recorded of its head is taken. */
const METADATA_READ_BYTES_MAX = 2 * 1024 * 1024;

/**
 * Every table with its head, when and by which batch it came, and whether batches wait to get in; those of newest versions
 * last, which came when Bronze's did. From the catalog, and from the metadata file where that is small or the head is not of
 * our commits: no data file is opened.
 */
export async function tableStandings(
  catalog: CatalogReader,
  waiting: readonly (BatchKey & { readonly tables: readonly string[] })[],
): Promise<TableStanding[]> {
  const standings: TableStanding[] = [];
  for (const pointer of await listTables(catalog)) {
    const head = await headCommit(catalog, pointer);
    const seen = {
      committed: head === null ? null : { ...head.batch, runId: head.runId, at: head.at },
      waiting: waiting
        .filter(({ tables }) => tables.includes(pointer.table))
        .map(({ manifestId, batchId }) => ({ manifestId, batchId })),
    };
    standings.push(await standingOf(pointer, { recorded: head?.recorded ?? null, seen }));
  }
  for (const pointer of await listCurrent(catalog)) {
    const bronze = standings.find(({ table }) => currentOf(table) === pointer.table);
    const { committed = null, waiting: late = [] } = bronze ?? {};
    standings.push(await standingOf(pointer, { recorded: null, seen: { committed, waiting: late } }));
  }
  return standings;
}

async function standingOf(
  pointer: TablePointer,
  { recorded, seen }: { recorded: TableHead | null; seen: Seen },
): Promise<TableStanding> {
  try {
    return { ...(recorded ?? (await readTableHead(pointer))), fault: null, ...seen };
  } catch (error) {
    return { ...pointer, fault: (error as Error).message, ...seen };
  }
}

async function headCommit(catalog: CatalogReader, pointer: TablePointer) {
  const row = await catalog
    .selectFrom('commits')
    .selectAll()
    .where('table_name', '=', pointer.table)
    .orderBy('committed_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined || row.metadata_location !== pointer.metadataLocation) return null;
  const { total_records: totalRecords, total_files: totalFiles } = row;
  const recorded =
    totalRecords === null || totalFiles === null || !(await isLarge(pointer.metadataLocation))
      ? null
      : { ...pointer, snapshotId: row.snapshot_id, totalRecords, totalFiles };
  return {
    recorded,
    batch: { manifestId: row.manifest_id, batchId: row.batch_id },
    runId: row.run_id,
    at: row.committed_at,
  };
}

async function isLarge(location: string): Promise<boolean> {
  return ((await sizeOf(pathOf(location))) ?? 0) > METADATA_READ_BYTES_MAX;
}
