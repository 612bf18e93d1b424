import { join } from 'node:path';
import { rowsSnapshotId } from '../bronze/iceberg/expire-snapshots.ts';
import { type LocatedMetadata, readTableMetadata } from '../bronze/iceberg/metadata-file.ts';
import { tableIo, uriOf } from '../bronze/table-io.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { findTable, swapTable } from '../catalog/iceberg-tables.ts';
import { foldHead } from '../commit/open-current.ts';
import type { Home } from '../landing/home.ts';
import { nullUnlessAway } from '../landing/store/away.ts';
import { namesIn } from '../landing/store/stored-files.ts';
import { CURRENT_NAMESPACE, currentOf } from '../model/table-names.ts';
import { versionOf } from './table-heads.ts';

/** Metadata files of a table that are looked into: what an attempt left that never committed is among the latest. */
const LOOKED_INTO_MAX = 20;

/**
 * Points to the tables of newest versions as they are. No sealed entry names them, and none has to: which of their metadata
 * files is of the rows that Bronze has, the file itself says, and one that is of others is folded anew by the next run.
 */
export async function pointToCurrent(catalog: Catalog, home: Home): Promise<void> {
  for (const name of await namesIn(join(home.warehouseDir, CURRENT_NAMESPACE))) {
    const head = await newestOf(catalog, { home, name });
    const table = currentOf(name);
    const expected = (await findTable(catalog, table))?.metadataLocation ?? null;
    if (head === null || head.location === expected) continue;
    await catalog.transaction().execute(async (tx) => {
      await swapTable(tx, { table, expected, next: head.location });
      await tx
        .updateTable('iceberg_tables')
        .set({ previous_metadata_location: head.metadata['metadata-log'].at(-1)?.['metadata-file'] ?? null })
        .where('metadata_location', '=', head.location)
        .execute();
    });
  }
}

/** The latest that is of Bronze's rows; else the latest. */
async function newestOf(
  catalog: Catalog,
  { home, name }: { home: Home; name: string },
): Promise<LocatedMetadata | null> {
  const bronze = await findTable(catalog, name);
  if (bronze === null) return null;
  const { metadata } = await readTableMetadata(tableIo, bronze.metadataLocation);
  const rows = String(rowsSnapshotId(metadata));
  const dir = join(home.tableDir(currentOf(name)), 'metadata');
  const names = (await namesIn(dir))
    .filter((file) => file.endsWith('.metadata.json'))
    .sort((a, b) => versionOf(b) - versionOf(a));
  let latest: LocatedMetadata | null = null;
  for (const file of names.slice(0, LOOKED_INTO_MAX)) {
    const read = await readTableMetadata(tableIo, uriOf(join(dir, file))).catch(nullUnlessAway);
    if (read !== null && foldHead(read.metadata).foldedFrom === rows) return read;
    latest ??= read;
  }
  return latest;
}
