import { basename, join } from 'node:path';
import type { LocatedMetadata } from '../bronze/iceberg/metadata-file.ts';
import { metadataFolder, readTableMetadata } from '../bronze/iceberg/metadata-file.ts';
import { referencedFiles } from '../bronze/iceberg/unreferenced-files.ts';
import { decodeUnit } from '../bronze/prepared-unit.ts';
import { pathOf, tableIo } from '../bronze/table-io.ts';
import type { CatalogReader } from '../catalog/catalog.ts';
import { findTable } from '../catalog/iceberg-tables.ts';
import { inProgressIds } from '../evidence/run-leases.ts';
import type { Home } from '../landing/home.ts';
import { type DatedFile, filesIn, sizeOf } from '../landing/store/stored-files.ts';

/** A version number, the UUID of a commit: what every writer calls its metadata files. */
const METADATA_FILE = /^(\d+)-.*\.metadata\.json$/;

/**
 * Earlier metadata files that the table no longer remembers. Told by their number: what a commit has just staged has one
 * above the current file's.
 */
export async function forgottenMetadata({ location, metadata }: LocatedMetadata): Promise<DatedFile[]> {
  const kept = [location, ...metadata['metadata-log'].map((entry) => entry['metadata-file'])];
  const numbers = kept.map((uri) => Number(METADATA_FILE.exec(basename(uri))?.[1] ?? 0));
  const oldest = Math.min(...numbers);
  const names = new Set(kept.map((uri) => basename(uri)));
  return await filesIn(pathOf(metadataFolder(metadata)), (name) => {
    const number = METADATA_FILE.exec(name)?.[1];
    return number !== undefined && Number(number) < oldest && !names.has(name);
  });
}

/**
 * Files in a table's folders that no snapshot refers to, no unit claims and no run or operation in progress bears in its
 * name, and that are older than `olderThanMs`: what attempts that lost or died left, where nobody could go on.
 *
 * A file becomes known in one direction: its run is in progress, then a unit claims it, then a snapshot refers to it. The
 * folders are listed before all of these are asked, and these in that order, so that a file of whatever is prepared or
 * committed meanwhile, by whatever process, is known to one of them.
 */
export async function orphanFiles(
  { catalog, home }: { catalog: CatalogReader; home: Home },
  { table, olderThanMs }: { table: string; olderThanMs: number },
): Promise<DatedFile[]> {
  const listed: DatedFile[] = [];
  for (const zone of ['data', 'metadata'])
    listed.push(...(await filesIn(join(home.tableDir(table), zone), (name) => TABLE_FILE.test(name))));
  const inProgress = [...(await inProgressIds(catalog))];
  const claimed = await claimedNames(catalog, table);
  const pointer = await findTable(catalog, table);
  if (pointer === null) return [];
  const base = await readTableMetadata(tableIo, pointer.metadataLocation);
  const named = await namedByTable(base);
  return listed.filter(({ path, modifiedMs }) => {
    const name = basename(path);
    if (modifiedMs >= olderThanMs || claimed.has(name) || named.has(name)) return false;
    return !inProgress.some((id) => name.includes(id));
  });
}

const TABLE_FILE = /\.(parquet|avro|metadata\.json)$/;

/** Names that prepared units claim, and those that are to be removed already. */
async function claimedNames(catalog: CatalogReader, table: string): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  const prepared = await catalog
    .selectFrom('units')
    .select('prepared')
    .where('state', '=', 'prepared')
    .execute();
  for (const unit of prepared.map((row) => decodeUnit(row.prepared)))
    for (const { files } of unit.files) for (const { uri } of files) names.add(basename(uri));
  const expired = await catalog
    .selectFrom('expired_files')
    .select('uri')
    .where('table_name', '=', table)
    .execute();
  for (const { uri } of expired) names.add(basename(uri));
  return names;
}

/** Names of all that a table refers to, and of metadata files that it has forgotten: these are removed as such. */
async function namedByTable(base: LocatedMetadata): Promise<ReadonlySet<string>> {
  const { location, metadata } = base;
  const uris = [
    ...(await referencedFiles({ io: tableIo, metadata })),
    location,
    ...metadata['metadata-log'].map((entry) => entry['metadata-file']),
    ...(await forgottenMetadata(base)).map(({ path }) => path),
  ];
  return new Set(uris.map((uri) => basename(uri)));
}

export function bytesOf(files: readonly DatedFile[]): { files: number; bytes: number } {
  return { files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Of files that a table names; one that is not there takes no room. */
export async function sizesOf(uris: readonly string[]): Promise<{ files: number; bytes: number }> {
  let bytes = 0;
  for (const uri of uris) bytes += (await sizeOf(pathOf(uri))) ?? 0;
  return { files: uris.length, bytes };
}
