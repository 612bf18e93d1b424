import { basename } from 'node:path';
import { type LocatedMetadata, readTableMetadata } from '../bronze/iceberg/metadata-file.ts';
import { snapshotById } from '../bronze/iceberg/table-metadata.ts';
import { tableIo } from '../bronze/table-io.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { findTable, ICEBERG_CATALOG_NAME, swapTable } from '../catalog/iceberg-tables.ts';
import { NOTHING_PROVEN } from '../catalog/verifications.ts';
import { type LedgerRows, withHomePlaces } from '../evidence/ledger-rows.ts';
import type { Home } from '../landing/home.ts';
import { nullUnlessAway } from '../landing/store/away.ts';
import { BRONZE_NAMESPACE } from '../model/table-names.ts';
import { applyEntry } from './apply-entry.ts';
import { pointToCurrent } from './current-heads.ts';
import { type ReadEntry, readLedger } from './read-ledger.ts';
import { type FoundHead, findHead, type MetadataPlace, placesOf, versionOf } from './table-heads.ts';

export interface BuiltCatalog {
  /** Entries that were taken from the ledger. */
  readonly entries: number;
  readonly heads: readonly FoundHead[];
  /** Runs whose process ended between their commit and its proof: their snapshots are whole, and taken as committed. */
  readonly inDoubt: readonly string[];
  /** Runs whose last entry came to nothing: the process ended inside the commit. */
  readonly cameToNothing: readonly string[];
  /** What does not agree, in sentences. */
  readonly found: readonly string[];
}

/**
 * Makes a catalog say what the ledger says, from where it stands on, and points it to the tables as they are.
 * What it keeps true:
 * 1. Only what is as it was sealed is believed. An entry that is not stays in its chain, where its hash tells.
 * 2. The last entry of a chain counts when its snapshots are the table, or could be put on top of it whole.
 * 3. A pointer leads to a metadata file that a commit names, or to one made from it by another engine.
 */
export async function buildCatalog(
  catalog: Catalog,
  { home, after }: { home: Home; after: ReadonlyMap<string, { seq: number; hash: string }> },
): Promise<BuiltCatalog> {
  const found: string[] = [];
  const doubtful: ReadEntry[] = [];
  let entries = 0;
  for await (const read of readLedger(home, { after, found })) {
    if (read.inDoubt) doubtful.push(read);
    else {
      await apply(catalog, { home, read, found });
      entries += 1;
    }
  }
  const inDoubt: string[] = [];
  const cameToNothing: string[] = [];
  for (const read of doubtful) {
    const { runId, kind } = read.entry;
    const places = placesIn(read, home);
    if (!(await happened(catalog, places))) {
      cameToNothing.push(runId);
      continue;
    }
    await apply(catalog, { home, read, found });
    entries += 1;
    if (kind === 'run' && places.length > 0) inDoubt.push(runId);
  }
  await forgetUnproven(catalog);
  const heads = await pointToTables(catalog, { home, found });
  await pointToCurrent(catalog, home);
  return { entries, heads, inDoubt, cameToNothing, found };
}

async function apply(
  catalog: Catalog,
  { home, read, found }: { home: Home; read: ReadEntry; found: string[] },
): Promise<void> {
  const { entry, rows } = read;
  try {
    await catalog.transaction().execute(async (tx) => await applyEntry(tx, { home, entry, rows }));
  } catch (error) {
    if (rows === null) throw error;
    found.push(
      `The rows of entry ${entry.seq} of ${entry.chain} contradict those before them: ${(error as Error).message}`,
    );
    await catalog.transaction().execute(async (tx) => await applyEntry(tx, { home, entry, rows: null }));
  }
}

interface TablePlace extends MetadataPlace {
  readonly table: string;
}

function placesIn({ entry, rows }: ReadEntry, home: Home): TablePlace[] {
  if (rows === null || (entry.kind !== 'run' && entry.kind !== 'maintenance')) return [];
  const { tables } = JSON.parse(rows) as LedgerRows;
  return (['commits', 'maintenance'] as const).flatMap((name) =>
    (tables[name] ?? []).map((row) => ({
      by: entry.runId,
      table: String(row.table_name),
      snapshotId: row.snapshot_id === null ? null : String(row.snapshot_id),
      location: String(withHomePlaces(name, { row, home }).metadata_location),
    })),
  );
}

/** Whether what an entry made of the tables is in them, or can still be the next of each. */
async function happened(catalog: Catalog, places: readonly TablePlace[]): Promise<boolean> {
  for (const { table, ...place } of places) {
    const [newest] = await placesOf(catalog, table);
    const mine = await readTableMetadata(tableIo, place.location).catch(nullUnlessAway);
    if (newest === undefined && mine === null) return false;
    if (newest === undefined) continue;
    const theirs = await readTableMetadata(tableIo, newest.location).catch(nullUnlessAway);
    if (theirs !== null && holds(theirs, place)) continue;
    const isNext =
      mine !== null && versionOf(mine.location) > versionOf(newest.location) && holds(mine, newest);
    if (!isNext) return false;
  }
  return true;
}

/** Whether metadata were made from a place, by its snapshot or by its file. */
function holds({ metadata }: LocatedMetadata, { snapshotId, location }: MetadataPlace): boolean {
  if (snapshotId !== null && snapshotById(metadata, BigInt(snapshotId)) !== null) return true;
  return metadata['metadata-log'].some((entry) => basename(entry['metadata-file']) === basename(location));
}

/** A row that went away leaves no row in the ledger; its last move tells. */
async function forgetUnproven(catalog: Catalog): Promise<void> {
  for (const { table_name, source_id } of await catalog.selectFrom('verified').selectAll().execute()) {
    const last = await catalog
      .selectFrom('progress_moves')
      .select('after')
      .where('object', '=', 'verified')
      .where('table_name', '=', table_name)
      .where('source_id', '=', source_id)
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (last?.after !== NOTHING_PROVEN) continue;
    await catalog
      .deleteFrom('verified')
      .where('table_name', '=', table_name)
      .where('source_id', '=', source_id)
      .execute();
  }
}

async function pointToTables(
  catalog: Catalog,
  { home, found }: { home: Home; found: string[] },
): Promise<FoundHead[]> {
  const tables = await catalog
    .selectFrom('commits')
    .select('table_name')
    .distinct()
    .orderBy('table_name')
    .execute();
  const heads: FoundHead[] = [];
  for (const { table_name: table } of tables) {
    const head = await findHead(catalog, { home, table, found });
    if (head === null) {
      found.push(`bronze.${table} has no metadata file that can be used: the catalog points to nothing.`);
      continue;
    }
    heads.push(head);
    const now = await findTable(catalog, table);
    if (now?.metadataLocation === head.head.location) continue;
    await catalog.transaction().execute(async (tx) => {
      await swapTable(tx, { table, expected: now?.metadataLocation ?? null, next: head.head.location });
      await tx
        .updateTable('iceberg_tables')
        .set({ previous_metadata_location: head.previous })
        .where('catalog_name', '=', ICEBERG_CATALOG_NAME)
        .where('table_namespace', '=', BRONZE_NAMESPACE)
        .where('table_name', '=', table)
        .execute();
    });
  }
  return heads;
}
