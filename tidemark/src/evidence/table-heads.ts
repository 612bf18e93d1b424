import { tableIo } from '../bronze/table-io.ts';
import type { CatalogReader } from '../catalog/catalog.ts';
import { listAllTables, type TablePointer } from '../catalog/iceberg-tables.ts';
import { throwIfAway } from '../landing/store/away.ts';
import { unreadableFile } from './unreadable-file.ts';

export interface TableHead {
  readonly table: string;
  readonly snapshotId: string | null;
  readonly totalRecords: number;
  readonly totalFiles: number;
  readonly metadataLocation: string;
}

/** The head of every table, those of newest versions last, from metadata alone: no data file is opened. */
export async function tableHeads(catalog: CatalogReader): Promise<TableHead[]> {
  const heads: TableHead[] = [];
  const pointers = await listAllTables(catalog);
  for (const pointer of pointers) heads.push(await readTableHead(pointer));
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

/** What is wanted of a metadata file here; everything else in it is passed over. */
interface HeadFields {
  readonly 'current-snapshot-id'?: number | null;
  readonly snapshots?: readonly {
    readonly 'snapshot-id': number;
    readonly summary?: Readonly<Record<string, string>>;
  }[];
}

/**
 * The metadata of a table with 2,000 snapshots takes 0.9 s to read without loss and 0.04 s with JSON.parse. A head needs
 * one exact number of it, the snapshot's id, which is taken from the text.
 * @throws InvariantError table_file_unreadable when the file is missing or is not JSON
 */
export async function readTableHead({ table, metadataLocation }: TablePointer): Promise<TableHead> {
  const { text, metadata } = await readHeadFields(metadataLocation);
  const id = /"current-snapshot-id"\s*:\s*(\d+)/.exec(text)?.[1] ?? null;
  const snapshot =
    id === null ? undefined : metadata.snapshots?.findLast((entry) => entry['snapshot-id'] === Number(id));
  return {
    table,
    snapshotId: id,
    totalRecords: Number(snapshot?.summary?.['total-records'] ?? 0),
    totalFiles: Number(snapshot?.summary?.['total-data-files'] ?? 0),
    metadataLocation,
  };
}

async function readHeadFields(location: string): Promise<{ text: string; metadata: HeadFields }> {
  try {
    const bytes = await tableIo.read(location);
    const gzipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const text = new TextDecoder().decode(gzipped ? (await import('node:zlib')).gunzipSync(bytes) : bytes);
    return { text, metadata: JSON.parse(text) as HeadFields };
  } catch (cause) {
    throwIfAway(cause);
    throw unreadableFile({ file: location, why: (cause as Error).message, cause });
  }
}
