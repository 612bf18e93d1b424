import { basename, join } from 'node:path';
import { type LocatedMetadata, readTableMetadata } from '../bronze/iceberg/metadata-file.ts';
import { manifestsOf } from '../bronze/iceberg/read-table.ts';
import { snapshotById } from '../bronze/iceberg/table-metadata.ts';
import { tableIo, uriOf } from '../bronze/table-io.ts';
import type { CatalogReader } from '../catalog/catalog.ts';
import type { Home } from '../landing/home.ts';
import { nullUnlessAway } from '../landing/store/away.ts';
import { namesIn } from '../landing/store/stored-files.ts';
import { isOurs } from '../model/anchors.ts';

export interface FoundHead {
  readonly table: string;
  readonly head: LocatedMetadata;
  /** The metadata file that it replaced, if that is known. */
  readonly previous: string | null;
  /** Snapshots above the last commit, oldest first: committed by no run. */
  readonly foreign: readonly string[];
}

/** A metadata file that a commit of a run, or a maintenance, made the table's. */
export interface MetadataPlace {
  /** The run, or the operation. */
  readonly by: string;
  /** Null where a maintenance only let go of old snapshots. */
  readonly snapshotId: string | null;
  readonly location: string;
}

/**
 * The newest metadata file of a table that can be believed: one that a commit of the catalog names, then those that were
 * made from it, one from the other, as long as each holds nothing but what is known or another engine's. A file that a
 * run of ours staged and never committed is none of them. @returns null where no such file is left
 */
export async function findHead(
  catalog: CatalogReader,
  { home, table, found }: { home: Home; table: string; found: string[] },
): Promise<FoundHead | null> {
  const places = await placesOf(catalog, table);
  let head: LocatedMetadata | null = null;
  for (const { by, snapshotId, location } of places) {
    const read = await readTableMetadata(tableIo, location).catch((error: Error) => error);
    if (!(read instanceof Error)) {
      if (snapshotId === null || snapshotById(read.metadata, BigInt(snapshotId)) !== null) {
        head = read;
        break;
      }
    }
    const why = read instanceof Error ? read.message : 'it does not hold its snapshot';
    found.push(
      `${basename(location)}, which ${by} made the metadata of bronze.${table}, cannot be used: ${why}`,
    );
  }
  if (head === null) return null;
  const known = new Set(places.map(({ snapshotId }) => snapshotId));
  const foreign: string[] = [];
  let previous = head.metadata['metadata-log'].at(-1)?.['metadata-file'] ?? null;
  for (;;) {
    const next = await successorOf(head, {
      dir: join(home.tableDir(table), 'metadata'),
      known,
      table,
      found,
    });
    if (next === null) return { table, head, previous, foreign };
    const before = head;
    const added = next.metadata.snapshots.filter(
      (snapshot) =>
        snapshotById(before.metadata, snapshot['snapshot-id']) === null && !isOurs(snapshot.summary),
    );
    foreign.push(...added.map((snapshot) => String(snapshot['snapshot-id'])));
    previous = head.location;
    head = next;
  }
}

/** Latest first. Metadata files of a table are numbered: clocks do not matter. */
export async function placesOf(catalog: CatalogReader, table: string): Promise<MetadataPlace[]> {
  const commits = await catalog
    .selectFrom('commits')
    .select(['run_id as by', 'snapshot_id as snapshotId', 'metadata_location as location'])
    .where('table_name', '=', table)
    .execute();
  const maintained = await catalog
    .selectFrom('maintenance')
    .select(['operation_id as by', 'snapshot_id as snapshotId', 'metadata_location as location'])
    .where('table_name', '=', table)
    .where('kind', '<>', 'looked')
    .execute();
  return [...commits, ...maintained].sort((a, b) => versionOf(b.location) - versionOf(a.location));
}

export function versionOf(location: string): number {
  return Number(/^(\d+)-/.exec(basename(location))?.[1] ?? -1);
}

async function successorOf(
  head: LocatedMetadata,
  {
    dir,
    known,
    table,
    found,
  }: { dir: string; known: ReadonlySet<string | null>; table: string; found: string[] },
): Promise<LocatedMetadata | null> {
  const version = versionOf(head.location) + 1;
  const names = (await namesIn(dir)).filter(
    (name) => name.endsWith('.metadata.json') && versionOf(name) === version,
  );
  const candidates: LocatedMetadata[] = [];
  for (const name of names.sort()) {
    const read = await readTableMetadata(tableIo, uriOf(join(dir, name))).catch(nullUnlessAway);
    // By name: the file says where it was, which is elsewhere once the home was moved.
    const madeFrom = read?.metadata['metadata-log'].at(-1)?.['metadata-file'];
    if (read === null || madeFrom === undefined || basename(madeFrom) !== basename(head.location)) continue;
    if (await isBelievable(read, { head, known })) candidates.push(read);
  }
  if (candidates.length < 2) return candidates[0] ?? null;
  found.push(
    `bronze.${table} has ${candidates.length} metadata files that were made from ${basename(head.location)}; none of them is taken.`,
  );
  return null;
}

async function isBelievable(
  { metadata }: LocatedMetadata,
  { head, known }: { head: LocatedMetadata; known: ReadonlySet<string | null> },
): Promise<boolean> {
  for (const snapshot of metadata.snapshots) {
    if (snapshotById(head.metadata, snapshot['snapshot-id']) !== null) continue;
    if (isOurs(snapshot.summary) && !known.has(String(snapshot['snapshot-id']))) return false;
    if (!(await manifestsOf(tableIo, snapshot).then(Boolean, () => false))) return false;
  }
  return true;
}
