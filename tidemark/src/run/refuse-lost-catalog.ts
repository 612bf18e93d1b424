import { existsSync } from 'node:fs';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';
import type { Home } from '../landing/home.ts';

/**
 * Beside tables that nothing points to, a new catalog would take everything in a second time.
 * @throws ConfigurationError catalog_lost
 */
export function refuseLostCatalog(home: Home): void {
  if (existsSync(home.catalogPath)) return;
  const [left] = [home.ledgerDir, home.warehouseDir].filter((dir) => existsSync(dir));
  if (left === undefined) return;
  throw new ConfigurationError({
    code: ERROR_CODES.catalog_lost,
    message: `The catalog ${home.catalogPath} is gone, and ${left} is there.`,
    next: 'See what can be made of it, then make it: tidemark catalog rebuild',
  });
}
