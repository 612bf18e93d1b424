import { existsSync } from 'node:fs';
import type { CatalogLocation } from '../model/catalog-location.ts';
import type { Catalog } from './catalog.ts';
import { openCatalogSnapshot, openSqliteCatalog } from './open-sqlite.ts';

/**
 * Opens a catalog, where it is; a project that never ran reads as empty. PostgreSQL's client is loaded for a catalog there
 * alone.
 */
export async function openCatalog(
  location: CatalogLocation,
  { readOnly }: { readOnly: boolean },
): Promise<Catalog> {
  if (readOnly && !(await isThere(location))) return openSqliteCatalog({ path: ':memory:', readOnly: false });
  if (location.kind === 'sqlite') return openSqliteCatalog({ path: location.path, readOnly });
  const { openPostgresCatalog } = await import('./open-postgres.ts');
  return await openPostgresCatalog({ url: location.url, readOnly });
}

/** The catalog as it is at this moment; null where no run ever wrote. */
export async function openSnapshot(location: CatalogLocation): Promise<Catalog | null> {
  if (!(await isThere(location))) return null;
  if (location.kind === 'sqlite') return openCatalogSnapshot(location.path);
  const { openPostgresSnapshot } = await import('./open-postgres.ts');
  return await openPostgresSnapshot(location.url);
}

/** Whether a run ever wrote one. */
export async function isThere(location: CatalogLocation): Promise<boolean> {
  if (location.kind === 'sqlite') return existsSync(location.path);
  const { isPostgresCatalogThere } = await import('./open-postgres.ts');
  return await isPostgresCatalogThere(location.url);
}
