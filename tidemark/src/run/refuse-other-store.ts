import type { Catalog } from '../catalog/catalog.ts';
import { listTables } from '../catalog/iceberg-tables.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';
import type { Home } from '../landing/home.ts';
import { mountedUri } from '../landing/store/mount.ts';

/**
 * Closes the catalog where it refuses. Tables name their files with store and prefix: with another store configured, or
 * none, what they name would not be found, and new tables would begin beside them.
 * @throws ConfigurationError store_changed
 */
export async function refuseOtherStore(catalog: Catalog, home: Home): Promise<void> {
  const location = mountedUri(home.storeDir);
  for (const { table, metadataLocation } of await listTables(catalog)) {
    const isInStore = metadataLocation.startsWith('s3://');
    if (location === null ? !isInStore : metadataLocation.startsWith(`${location}/`)) continue;
    await catalog.destroy();
    throw new ConfigurationError({
      code: ERROR_CODES.store_changed,
      message: `The catalog's tables are not in ${location ?? 'the home'}: bronze.${table} is ${metadataLocation}.`,
      next: 'Name the store of the tables with `store:` in tidemark.yaml, or another home with --home.',
      facts: { location, table, metadataLocation },
    });
  }
}
