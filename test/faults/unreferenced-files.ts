import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readTableMetadata } from '../../tidemark/src/bronze/iceberg/metadata-file.ts';
import { liveDataFiles, manifestsOf } from '../../tidemark/src/bronze/iceberg/read-table.ts';
import { tableIo, uriOf } from '../../tidemark/src/bronze/table-io.ts';
import { listTables } from '../../tidemark/src/catalog/iceberg-tables.ts';
import { openCatalogOf } from '../../tidemark/src/testing/catalog-of.ts';

/** Files of the warehouse that no snapshot of any table names: hygiene, after correctness was shown by the catalog. */
export async function unreferencedFiles(home: string): Promise<string[]> {
  const catalog = await openCatalogOf(home);
  const named = new Set<string>();
  try {
    for (const { metadataLocation } of await listTables(catalog)) {
      const { metadata } = await readTableMetadata(tableIo, metadataLocation);
      named.add(metadataLocation);
      for (const entry of metadata['metadata-log']) named.add(entry['metadata-file']);
      for (const snapshot of metadata.snapshots) {
        named.add(snapshot['manifest-list']);
        for (const manifest of await manifestsOf(tableIo, snapshot)) named.add(manifest.uri);
        const files = liveDataFiles({ io: tableIo, metadata, snapshotId: snapshot['snapshot-id'] });
        for await (const file of files) named.add(file.uri);
      }
    }
  } finally {
    await catalog.destroy();
  }
  const found = await readdir(join(home, 'warehouse'), { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => uriOf(join(entry.parentPath, entry.name)))
    .filter((uri) => !named.has(uri));
}
