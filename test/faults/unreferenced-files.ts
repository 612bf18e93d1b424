import { readTableMetadata } from '../../tidemark/src/bronze/iceberg/metadata-file.ts';
import { liveDataFiles, manifestsOf } from '../../tidemark/src/bronze/iceberg/read-table.ts';
import { openCatalogOf } from '../../tidemark/src/testing/catalog-of.ts';
import { durablesOf, keysOf } from '../../tidemark/src/testing/durables-of.ts';
import { allTables } from '../../tidemark/src/testing/read-tables.ts';
import { tableFilesOf } from '../../tidemark/src/testing/table-files.ts';

/** Files of the warehouse that no snapshot of any table names: hygiene, after correctness was shown by the catalog. */
export async function unreferencedFiles(home: string): Promise<string[]> {
  await using io = await tableFilesOf(home);
  const catalog = await openCatalogOf(home);
  const named = new Set<string>();
  try {
    for (const { metadataLocation } of await allTables(catalog)) {
      const { metadata } = await readTableMetadata(io, metadataLocation);
      named.add(metadataLocation);
      for (const entry of metadata['metadata-log']) named.add(entry['metadata-file']);
      for (const snapshot of metadata.snapshots) {
        named.add(snapshot['manifest-list']);
        for (const manifest of await manifestsOf(io, snapshot)) named.add(manifest.uri);
        const files = liveDataFiles({ io, metadata, snapshotId: snapshot['snapshot-id'] });
        for await (const file of files) named.add(file.uri);
      }
    }
  } finally {
    await catalog.destroy();
  }
  await using durables = await durablesOf(home);
  const uris = (await keysOf(durables, 'warehouse/')).map((key) => `${durables.location}/${key}`);
  return uris.filter((uri) => !named.has(uri));
}
