import { readTableMetadata } from '../bronze/iceberg/metadata-file.ts';
import { type LiveFile, liveDataFiles } from '../bronze/iceberg/read-table.ts';
import { pathOf, tableIo } from '../bronze/table-io.ts';
import type { CatalogReader } from '../catalog/catalog.ts';
import { findTable } from '../catalog/iceberg-tables.ts';
import { TidemarkError } from '../errors/tidemark-error.ts';
import { unreadableFile } from './unreadable-file.ts';

export type PlacedFile = LiveFile & { readonly path: string };

/**
 * The data files of a table's head, from metadata alone; none for a table that does not exist yet.
 * @throws InvariantError table_file_unreadable, table_metadata_refused, manifest_unreadable
 */
export async function liveFilesOf(catalog: CatalogReader, table: string): Promise<PlacedFile[]> {
  const pointer = await findTable(catalog, table);
  if (pointer === null) return [];
  try {
    const { metadata } = await readTableMetadata(tableIo, pointer.metadataLocation);
    const files = await Array.fromAsync(liveDataFiles({ io: tableIo, metadata }));
    return files.map((file) => ({ ...file, path: pathOf(file.uri) }));
  } catch (cause) {
    if (cause instanceof TidemarkError) throw cause;
    const file = (cause as NodeJS.ErrnoException).path ?? pointer.metadataLocation;
    throw unreadableFile({ file, why: (cause as Error).message, cause });
  }
}
