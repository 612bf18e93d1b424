import { type DataEngine, sqlList } from '../bronze/data-engine.ts';
import { digestColumns, foldLimbs } from '../bronze/deduplicate.ts';
import { readTableMetadata } from '../bronze/iceberg/metadata-file.ts';
import { type LiveFile, liveDataFiles } from '../bronze/iceberg/read-table.ts';
import { snapshotById, type TableMetadata } from '../bronze/iceberg/table-metadata.ts';
import type { PreparedUnit } from '../bronze/prepared-unit.ts';
import { pathOf, tableIo } from '../bronze/table-io.ts';
import { filesInTable } from '../bronze/unit-rows.ts';
import type { CatalogReader } from '../catalog/catalog.ts';
import { findTable } from '../catalog/iceberg-tables.ts';
import { findObject } from '../catalog/objects.ts';
import type { Home } from '../landing/home.ts';
import { readSource } from '../landing/land-file.ts';
import { nullUnlessAway, throwIfAway } from '../landing/store/away.ts';
import { sizeOf } from '../landing/store/stored-files.ts';
import { isStray, outcomeIn } from './committed-rows.ts';
import { readUnitsBack } from './read-units-back.ts';
import type { ObjectFacts, TableFacts } from './reconcile.ts';

export interface CommittedSnapshot {
  readonly table: string;
  readonly snapshotId: string;
  readonly metadataLocation: string;
  readonly manifestId: string;
  readonly batchId: string;
  readonly addedRecords: number;
}

/**
 * Reads a committed snapshot back through its own metadata: manifests, footers, and the rows' fingerprints and anchors.
 * A file that is missing or damaged is a fact like any other; the rest is read without it.
 */
export async function readBack(
  engine: DataEngine,
  {
    catalog,
    commit,
    units,
  }: { catalog: CatalogReader; commit: CommittedSnapshot; units: readonly PreparedUnit[] },
): Promise<TableFacts> {
  const current = await currentMetadata(catalog, commit.table);
  if (hasMoved(commit, { units, current })) return await readUnitsBack(engine, { commit, units });
  const snapshot = await readSnapshot(commit, current);
  if (snapshot.kind === 'unreadable') return { ...nothingOf(commit), unreadable: [snapshot] };
  const { added, summaryRecords } = snapshot;
  const { holding, unreadable } = await readFiles(engine, {
    commit,
    paths: added.map((file) => pathOf(file.uri)),
  });
  return {
    table: commit.table,
    snapshotId: commit.snapshotId,
    summaryRecords,
    files: added.map((file) => ({
      uri: file.uri,
      manifestRecords: file.recordCount,
      footerRecords: holding.footers.get(pathOf(file.uri)) ?? 0,
    })),
    digests: holding.digests,
    strayRows: holding.strayRows,
    unreadable: added.flatMap(({ uri }) => {
      const why = unreadable.get(pathOf(uri));
      return why === undefined ? [] : [{ uri, why }];
    }),
  };
}

/** Null for a table that the catalog does not point to, or whose metadata cannot be read. */
async function currentMetadata(catalog: CatalogReader, table: string): Promise<TableMetadata | null> {
  const pointer = await findTable(catalog, table);
  if (pointer === null) return null;
  const read = await readTableMetadata(tableIo, pointer.metadataLocation).catch(nullUnlessAway);
  return read?.metadata ?? null;
}

/** Whether the rows are in other files by now, or the snapshot has expired: then the ledger says where they are. */
function hasMoved(
  { table, snapshotId }: CommittedSnapshot,
  { units, current }: { units: readonly PreparedUnit[]; current: TableMetadata | null },
): boolean {
  if (units.some((unit) => filesInTable(unit, table)?.shared)) return true;
  return current !== null && snapshotById(current, BigInt(snapshotId)) === null;
}

function nothingOf({ table, snapshotId }: CommittedSnapshot): Omit<TableFacts, 'unreadable'> {
  return { table, snapshotId, summaryRecords: 0, files: [], digests: [], strayRows: 0 };
}

type ReadSnapshot =
  | { readonly kind: 'read'; readonly added: readonly LiveFile[]; readonly summaryRecords: number }
  | { readonly kind: 'unreadable'; readonly uri: string; readonly why: string };

/** The files that a commit added, by the metadata it wrote. */
async function readSnapshot(
  { metadataLocation, ...commit }: CommittedSnapshot,
  current: TableMetadata | null,
): Promise<ReadSnapshot> {
  const snapshotId = BigInt(commit.snapshotId);
  try {
    // By the metadata that the commit wrote; once maintenance has removed them, by those that still tell of it.
    const own = await readTableMetadata(tableIo, metadataLocation).catch((error: Error) => {
      throwIfAway(error);
      if (current === null || snapshotById(current, snapshotId) === null) throw error;
      return { metadata: current };
    });
    const { metadata } = own;
    const all = await Array.fromAsync(liveDataFiles({ io: tableIo, metadata, snapshotId }));
    return {
      kind: 'read',
      added: all.filter((file) => file.addedSnapshotId === snapshotId),
      summaryRecords: Number(snapshotById(metadata, snapshotId)?.summary['added-records'] ?? 0),
    };
  } catch (error) {
    throwIfAway(error);
    return { kind: 'unreadable', uri: metadataLocation, why: (error as Error).message };
  }
}

interface FilesOf {
  readonly commit: CommittedSnapshot;
  readonly paths: readonly string[];
}

/** What data files hold. */
interface Holding {
  /** Rows by path, as the files' own footers count them. */
  readonly footers: ReadonlyMap<string, number>;
  readonly digests: TableFacts['digests'];
  readonly strayRows: number;
}

/** All files at once; only when that fails, one by one, to tell which of them cannot be read and why. */
async function readFiles(
  engine: DataEngine,
  { commit, paths }: FilesOf,
): Promise<{ holding: Holding; unreadable: ReadonlyMap<string, string> }> {
  const unreadable = new Map<string, string>();
  try {
    return { holding: await holdingOf(engine, { commit, paths }), unreadable };
  } catch (failure) {
    throwIfAway(failure);
    for (const path of paths) {
      await holdingOf(engine, { commit, paths: [path] }).catch((error: Error) => {
        throwIfAway(error);
        unreadable.set(path, error.message.split('\n')[0] ?? error.message);
      });
    }
  }
  const readable = paths.filter((path) => !unreadable.has(path));
  return { holding: await holdingOf(engine, { commit, paths: readable }), unreadable };
}

async function holdingOf(engine: DataEngine, { commit, paths }: FilesOf): Promise<Holding> {
  if (paths.length === 0) return { footers: new Map(), digests: [], strayRows: 0 };
  const rows = await engine.rows(`SELECT file_name, num_rows FROM parquet_file_metadata(${sqlList(paths)})`);
  return {
    footers: new Map(rows.map((row) => [String(row.file_name), Number(row.num_rows)])),
    ...(await rowsOf(engine, { commit, paths })),
  };
}

/** The rows' fingerprints, and how many rows name another batch than the commit's or lack an anchor, in one reading. */
async function rowsOf(
  engine: DataEngine,
  { commit, paths }: FilesOf,
): Promise<Pick<Holding, 'digests' | 'strayRows'>> {
  const outcome = outcomeIn(commit.table);
  const asked =
    outcome === null ? '' : `unit_key, ${outcome} AS outcome, ${digestColumns('record_fingerprint')}, `;
  const rows = await engine.rows(
    `SELECT ${asked}count(*) FILTER (WHERE ${isStray(commit)}) AS stray
     FROM read_parquet(${sqlList(paths)}, union_by_name = true) GROUP BY ALL`,
  );
  return {
    strayRows: rows.reduce((sum, { stray }) => sum + Number(stray), 0),
    digests:
      outcome === null
        ? []
        : rows.map((row) => ({
            unitKey: String(row.unit_key),
            outcome: String(row.outcome) as TableFacts['digests'][number]['outcome'],
            digest: foldLimbs(row),
          })),
  };
}

/** Whether the bytes of a unit are still what was received. `hash` takes the sum again from what is stored. */
export async function checkObject(options: {
  catalog: CatalogReader;
  home: Home;
  unit: PreparedUnit;
  hash: { chunkBytes: number; signal: AbortSignal } | null;
}): Promise<ObjectFacts | null> {
  const { sourceId, sourceFingerprint: sha256 } = options.unit;
  const object = await findObject(options.catalog, sha256);
  if (object === null) return null; // A held source whose bytes could not be read.
  const facts = { sourceId, sha256, sizeBytes: object.sizeBytes, hashed: options.hash !== null };
  const path = options.home.objectPath(object.zone, sha256);
  const found = await sizeOf(path);
  if (found === null) return { ...facts, state: 'missing' };
  if (found !== object.sizeBytes) return { ...facts, state: 'size_differs' };
  if (options.hash === null) return { ...facts, state: 'as_received' };
  const reading = await readSource({ source: path, copyTo: null, ...options.hash });
  const same = reading.kind === 'read' && reading.bytes.sha256 === sha256;
  return { ...facts, state: same ? 'as_received' : 'sum_differs' };
}
