import { existsSync } from 'node:fs';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';
import type { Home } from '../landing/home.ts';
import { mountedUri } from '../landing/store/mount.ts';
import { namesIn } from '../landing/store/stored-files.ts';

/**
 * Beside tables that nothing points to, a new catalog would take everything in a second time.
 * @throws ConfigurationError catalog_lost
 */
export async function refuseLostCatalog(home: Home): Promise<void> {
  if (existsSync(home.catalogPath)) return;
  for (const dir of [home.ledgerDir, home.warehouseDir]) {
    if ((await namesIn(dir)).length === 0) continue;
    throw new ConfigurationError({
      code: ERROR_CODES.catalog_lost,
      message: `The catalog ${home.catalogPath} is gone, and ${mountedUri(dir) ?? dir} is there.`,
      next: 'See what can be made of it, then make it: tidemark catalog rebuild',
    });
  }
}
