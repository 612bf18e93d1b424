import { basename, join } from 'node:path';
import type { LocatedMetadata } from '../bronze/iceberg/metadata-file.ts';
import { metadataFolder } from '../bronze/iceberg/metadata-file.ts';
import { referencedFiles } from '../bronze/iceberg/unreferenced-files.ts';
import { decodeUnit } from '../bronze/prepared-unit.ts';
import { pathOf, tableIo } from '../bronze/table-io.ts';
import type { CatalogReader } from '../catalog/catalog.ts';
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
 * Files in a table's folders that no snapshot refers to and no unit claims, and that are older than `olderThanMs`: what
 * attempts that lost or died left, where nobody could go on.
 */
export async function orphanFiles(
  { catalog, home }: { catalog: CatalogReader; home: Home },
  { table, base, olderThanMs }: { table: string; base: LocatedMetadata; olderThanMs: number },
): Promise<DatedFile[]> {
  const { location, metadata } = base;
  const known = new Set([...(await referencedFiles({ io: tableIo, metadata }))].map((uri) => basename(uri)));
  for (const uri of [location, ...metadata['metadata-log'].map((entry) => entry['metadata-file'])])
    known.add(basename(uri));
  const expired = await catalog
    .selectFrom('expired_files')
    .select('uri')
    .where('table_name', '=', table)
    .execute();
  for (const { uri } of expired) known.add(basename(uri));
  const prepared = await catalog
    .selectFrom('units')
    .select('prepared')
    .where('state', '=', 'prepared')
    .execute();
  for (const unit of prepared.map((row) => decodeUnit(row.prepared))) {
    for (const { files } of unit.files) for (const { uri } of files) known.add(basename(uri));
  }
  const forgotten = new Set((await forgottenMetadata(base)).map(({ path }) => basename(path)));
  const strange = (name: string) =>
    /\.(parquet|avro|metadata\.json)$/.test(name) && !known.has(name) && !forgotten.has(name);
  const found: DatedFile[] = [];
  for (const zone of ['data', 'metadata'])
    found.push(...(await filesIn(join(home.tableDir(table), zone), strange)));
  return found.filter(({ modifiedMs }) => modifiedMs < olderThanMs);
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
