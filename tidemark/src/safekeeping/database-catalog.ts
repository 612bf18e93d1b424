import { join } from 'node:path';
import { sql } from 'kysely';
import type { Catalog } from '../catalog/catalog.ts';
import { knownCatalogId, takeCatalogId } from '../catalog/catalog-id.ts';
import { openCatalog, openSnapshot } from '../catalog/open-catalog.ts';
import { openSqliteCatalog } from '../catalog/open-sqlite.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';
import { type CatalogLocation, locationText } from '../model/catalog-location.ts';
import { copiedTables, copyCatalog } from './copy-catalog.ts';

type DatabaseLocation = Extract<CatalogLocation, { kind: 'postgres' }>;

/** The catalog of a database as it is at one moment, in a new file; null where the database has none. */
export async function fileOfDatabase(at: DatabaseLocation, folder: string): Promise<string | null> {
  const present = await openSnapshot(at);
  if (present === null) return null;
  const path = join(folder, 'present.db');
  try {
    const copy = openSqliteCatalog({ path, readOnly: false });
    try {
      await copy.transaction().execute(async (tx) => await copyCatalog(present, tx, copiedTables(path)));
    } finally {
      await copy.destroy();
    }
  } finally {
    await present.destroy();
  }
  return path;
}

/** @throws ConfigurationError catalog_in_database where the database has a catalog in which a run was recorded */
export async function refuseFullDatabase(at: DatabaseLocation): Promise<void> {
  const present = await openSnapshot(at);
  if (present === null) return;
  try {
    if (await hasRuns(present)) throw notEmpty(at);
  } finally {
    await present.destroy();
  }
}

/**
 * Makes a finished catalog that of an empty database, in one transaction, in which no other process writes.
 * @throws ConfigurationError catalog_in_database
 */
export async function fillDatabase(at: DatabaseLocation, draft: string): Promise<void> {
  const from = openSqliteCatalog({ path: draft, readOnly: true });
  try {
    const to = await openCatalog(at, { readOnly: false });
    try {
      await to.transaction().execute(async (tx) => {
        if (await hasRuns(tx)) throw notEmpty(at);
        await copyCatalog(from, tx, copiedTables(draft));
        const id = await knownCatalogId(from);
        if (id !== null) await takeCatalogId(tx, id);
        await goOnCounting(tx);
      });
    } finally {
      await to.destroy();
    }
  } finally {
    await from.destroy();
  }
}

async function hasRuns(catalog: Pick<Catalog, 'selectFrom'>): Promise<boolean> {
  return (await catalog.selectFrom('runs').select('run_id').limit(1).executeTakeFirst()) !== undefined;
}

/** Numbers that the database gives begin behind those that were copied. */
async function goOnCounting(tx: Catalog): Promise<void> {
  for (const table of ['progress_moves', 'verifications'])
    await sql`SELECT setval(pg_get_serial_sequence(${table}, 'seq'), (SELECT max(seq) FROM ${sql.ref(table)}))
      WHERE EXISTS (SELECT 1 FROM ${sql.ref(table)})`.execute(tx);
}

function notEmpty(at: DatabaseLocation): ConfigurationError {
  return new ConfigurationError({
    code: ERROR_CODES.catalog_in_database,
    message: `${locationText(at)} has a catalog in which runs are recorded: another one is put into an empty database only.`,
    next: 'Nothing was changed. Name an empty database as catalog in tidemark.yaml, then execute again; or look at it beside the present one: tidemark catalog rebuild --into <file>',
  });
}
