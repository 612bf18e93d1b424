import { dirname, join } from 'node:path';
import { sql } from 'kysely';
import type { Catalog } from '../catalog/catalog.ts';
import { openCatalog } from '../catalog/open-catalog.ts';
import { readConfig } from '../config/read-config.ts';
import { SERVICES } from './services.ts';

/** For what is about the file: its loss, what only SQLite can be made to do. */
export const CATALOG_IS_A_FILE = SERVICES.postgres === undefined;

/** The catalog of the home in a project's folder. */
export async function openCatalogOf(homeDir: string, { readOnly = true } = {}): Promise<Catalog> {
  const { catalogUrl } = await readConfig({ from: dirname(homeDir) });
  return await openCatalog(
    catalogUrl === null
      ? { kind: 'sqlite', path: join(homeDir, 'catalog.db') }
      : { kind: 'postgres', url: catalogUrl },
    { readOnly },
  );
}

/** Changes a catalog by hand, as nobody should. Gives the number of rows. */
export async function editCatalog(homeDir: string, statement: string): Promise<number> {
  const catalog = await openCatalogOf(homeDir, { readOnly: false });
  try {
    const { numAffectedRows } = await sql.raw(statement).execute(catalog);
    return Number(numAffectedRows ?? 0);
  } finally {
    await catalog.destroy();
  }
}
