import type { Catalog } from '../catalog/catalog.ts';
import { isThere } from '../catalog/open-catalog.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';
import type { Home } from '../landing/home.ts';
import { mountedUri } from '../landing/store/mount.ts';
import { namesIn } from '../landing/store/stored-files.ts';
import { type CatalogLocation, locationText } from '../model/catalog-location.ts';

/**
 * Beside tables that nothing points to, a new catalog would take everything in a second time. Asked before one is made.
 * @throws ConfigurationError catalog_lost
 */
export async function refuseLostCatalog(home: Home, at: CatalogLocation): Promise<void> {
  if (await isThere(at)) return;
  const left = await whatIsLeft(home);
  if (left !== null) throw lost({ left, what: `The catalog ${locationText(at)} is gone` });
}

/**
 * The same of a database that has a catalog in which no run was ever recorded: it is another one than the tables were
 * made by. Closes it where it refuses.
 * @throws ConfigurationError catalog_lost
 */
export async function refuseEmptyCatalog(catalog: Catalog, home: Home, at: CatalogLocation): Promise<void> {
  const run = await catalog.selectFrom('runs').select('run_id').limit(1).executeTakeFirst();
  const left = run === undefined ? await whatIsLeft(home) : null;
  if (left === null) return;
  await catalog.destroy();
  throw lost({ left, what: `No run was ever recorded in the catalog ${locationText(at)}` });
}

/** The first place that runs have left something in. */
async function whatIsLeft(home: Home): Promise<string | null> {
  for (const dir of [home.ledgerDir, home.warehouseDir])
    if ((await namesIn(dir)).length > 0) return mountedUri(dir) ?? dir;
  return null;
}

function lost({ left, what }: { left: string; what: string }): ConfigurationError {
  return new ConfigurationError({
    code: ERROR_CODES.catalog_lost,
    message: `${what}, and ${left} is there.`,
    next: 'See what can be made of it, then make it: tidemark catalog rebuild',
  });
}
