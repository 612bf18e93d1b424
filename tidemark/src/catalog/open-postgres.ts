import type { PostgresDialectConfig, PostgresPool } from 'kysely';
import { CompiledQuery, Kysely, PostgresAdapter, PostgresDialect } from 'kysely';
import pg from 'pg';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';
import { locationText } from '../model/catalog-location.ts';
import type { Catalog } from './catalog.ts';
import type { HoldersAdapter } from './holders.ts';
import { CATALOG_VERSION, migrationsFrom, postgresText } from './migrations.ts';
import { CatalogDriver } from './postgres-driver.ts';
import { PostgresHolders } from './postgres-holders.ts';
import { clientSettings, connectClient, endInSilence } from './postgres-session.ts';
import { refuseOtherSpecs } from './refuse-other-specs.ts';
import type { CatalogTables } from './schema.ts';

/** Connections of one process; transactions that write take turns anyway. */
const CONNECTIONS_MAX = 4;

/**
 * Opens (and, unless `readOnly`, creates or migrates) a catalog in a PostgreSQL database, in the first schema of its search
 * path. Iceberg's own tables stand beside ours, where other engines' SQL catalogs look for them.
 * @throws ConfigurationError catalog_too_new, catalog_unreadable, specs_differ · TransientError catalog_unreachable
 */
export async function openPostgresCatalog({
  url,
  readOnly,
}: {
  url: string;
  readOnly: boolean;
}): Promise<Catalog> {
  const pool = newPool(url, { readOnly, max: CONNECTIONS_MAX });
  const catalog = overPool(pool, url);
  try {
    if (!readOnly || (await versionOf(catalog)) < CATALOG_VERSION) await migrate(url);
    else migrationsFrom(await versionOf(catalog), placeOf(url));
    return catalog;
  } catch (error) {
    await catalog.destroy();
    throw error;
  }
}

/** False where no run ever wrote: there is nothing to read. */
export async function isPostgresCatalogThere(url: string): Promise<boolean> {
  const catalog = overPool(newPool(url, { readOnly: true, max: 1 }), url);
  try {
    return (await versionOf(catalog)) > 0;
  } finally {
    await catalog.destroy();
  }
}

/** The catalog as it is at this moment, however long it is read and whatever is committed meanwhile. */
export async function openPostgresSnapshot(url: string): Promise<Catalog> {
  const begin = async (of: pg.Client) => {
    await of.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    // The first reading decides what the transaction sees.
    await of.query('SELECT count(*) FROM tidemark_meta');
  };
  const client = await connectClient(url, { readOnly: true, begin });
  const connection = Object.assign(client, { release: () => undefined });
  const pool = { options: {}, connect: async () => connection, end: async () => await client.end() };
  return overPool(pool, url);
}

/** A connection that breaks is told by the next query over it, in use or not; as an event it would end the process. */
function newPool(url: string, { readOnly, max }: { readOnly: boolean; max: number }): pg.Pool {
  const pool = new pg.Pool({ ...clientSettings(url, { readOnly }), max, allowExitOnIdle: true });
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
    endInSilence(client);
  });
  pool.on('error', () => undefined);
  return pool;
}

async function migrate(url: string): Promise<void> {
  const catalog = overPool(newPool(url, { readOnly: false, max: 1 }), url);
  try {
    await catalog.transaction().execute(async (tx) => {
      const run = (text: string, parameters: unknown[] = []) =>
        tx.executeQuery(CompiledQuery.raw(text, parameters));
      await run('CREATE TABLE IF NOT EXISTS tidemark_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)');
      const found = await versionOf(tx);
      for (const statement of migrationsFrom(found, placeOf(url))) await run(postgresText(statement));
      await run(
        "INSERT INTO tidemark_meta VALUES ('catalog_version', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        [String(CATALOG_VERSION)],
      );
      const specs = await tx
        .selectFrom('tidemark_meta')
        .selectAll()
        .where('key', 'like', 'spec\\_%')
        .execute();
      refuseOtherSpecs(specs, placeOf(url));
    });
  } catch (cause) {
    throw refusal(cause, url);
  } finally {
    await catalog.destroy();
  }
}

/** 0 where there is no catalog. */
async function versionOf(catalog: Kysely<CatalogTables>): Promise<number> {
  const { rows } = await catalog.executeQuery<{ there: string | null }>(
    CompiledQuery.raw("SELECT to_regclass('tidemark_meta')::text AS there"),
  );
  if (rows[0]?.there == null) return 0;
  const row = await catalog
    .selectFrom('tidemark_meta')
    .select('value')
    .where('key', '=', 'catalog_version')
    .executeTakeFirst();
  return Number(row?.value ?? 0);
}

/** Permissions, a database that is no catalog: a person has to look. */
function refusal(cause: unknown, url: string): unknown {
  if (!(cause instanceof pg.DatabaseError)) return cause;
  return new ConfigurationError({
    code: ERROR_CODES.catalog_unreadable,
    message: `The catalog ${placeOf(url)} cannot be opened: ${cause.message}`,
    next: 'Check that the database is a Tidemark catalog or empty, and that this role may create tables in it.',
    cause,
  });
}

function placeOf(url: string): string {
  return locationText({ kind: 'postgres', url });
}

function overPool(pool: PostgresPool, url: string): Catalog {
  return new Kysely<CatalogTables>({ dialect: new CatalogDialect({ pool }, url) });
}

class CatalogAdapter extends PostgresAdapter implements HoldersAdapter {
  readonly holders: PostgresHolders;

  constructor(holders: PostgresHolders) {
    super();
    this.holders = holders;
  }
}

class CatalogDialect extends PostgresDialect {
  readonly #config: PostgresDialectConfig;
  readonly #holders: PostgresHolders;
  readonly #place: string;

  constructor(config: PostgresDialectConfig, url: string) {
    super(config);
    this.#config = config;
    this.#holders = new PostgresHolders(url);
    this.#place = placeOf(url);
  }

  override createAdapter(): CatalogAdapter {
    return new CatalogAdapter(this.#holders);
  }

  override createDriver(): CatalogDriver {
    return new CatalogDriver(this.#config, { holders: this.#holders, place: this.#place });
  }
}
