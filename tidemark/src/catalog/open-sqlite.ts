import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { Kysely, SqliteAdapter, type SqliteDatabase, SqliteDialect } from 'kysely';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';
import type { Catalog } from './catalog.ts';
import { type HoldersAdapter, LOCAL_HOLDERS } from './holders.ts';
import { CATALOG_VERSION, migrationsFrom } from './migrations.ts';
import { refuseOtherSpecs } from './refuse-other-specs.ts';
import type { CatalogTables } from './schema.ts';

/** How long a writer waits for another one before it gives up. Commits take milliseconds. */
const BUSY_TIMEOUT_MS = 30_000;

/**
 * Opens (and, unless `readOnly`, creates or migrates) the embedded catalog.
 * @throws ConfigurationError catalog_too_new, catalog_unreadable, specs_differ
 */
export function openSqliteCatalog({ path, readOnly }: { path: string; readOnly: boolean }): Catalog {
  let database: DatabaseSync;
  try {
    if (!readOnly) mkdirSync(dirname(path), { recursive: true });
    database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, readOnly });
    if (!readOnly) {
      database.exec('PRAGMA journal_mode = WAL');
      database.exec('PRAGMA synchronous = FULL');
    }
    if (readOnly && isOlder(database)) {
      // Reading verbs know the newest tables only: bringing a catalog up to date is the one thing they write.
      database.close();
      const writable = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
      migrate({ database: writable, path, readOnly: false });
      writable.close();
      database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, readOnly });
    }
    migrate({ database, path, readOnly });
  } catch (cause) {
    if (cause instanceof ConfigurationError) throw cause;
    throw new ConfigurationError({
      code: ERROR_CODES.catalog_unreadable,
      message: `The catalog ${path} cannot be opened: ${(cause as Error).message}`,
      next: 'Check that the file is a Tidemark catalog and that this user may read and write it and its folder.',
      cause,
    });
  }
  return overDatabase(database);
}

/**
 * The catalog as it is at this moment, however long it is read and whatever is committed meanwhile. It keeps nobody from
 * writing. Only for a catalog that was opened before: nothing is created or migrated.
 */
export function openCatalogSnapshot(path: string): Catalog {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, readOnly: true });
  database.exec('BEGIN');
  // The first reading decides what the transaction sees.
  database.prepare('SELECT count(*) FROM tidemark_meta').get();
  return overDatabase(database);
}

class EmbeddedAdapter extends SqliteAdapter implements HoldersAdapter {
  readonly holders = LOCAL_HOLDERS;
}

class EmbeddedDialect extends SqliteDialect {
  override createAdapter(): EmbeddedAdapter {
    return new EmbeddedAdapter();
  }
}

function overDatabase(database: DatabaseSync): Catalog {
  return new Kysely<CatalogTables>({
    dialect: new EmbeddedDialect({ database: asKyselyDatabase(database) }),
  });
}

function isOlder(database: DatabaseSync): boolean {
  return versionOf(database) < CATALOG_VERSION;
}

function versionOf(database: DatabaseSync): number {
  const row = database.prepare("SELECT value FROM tidemark_meta WHERE key = 'catalog_version'").get();
  return row === undefined ? 0 : Number(row.value);
}

function migrate({ database, path, readOnly }: { database: DatabaseSync; path: string; readOnly: boolean }) {
  if (!readOnly)
    database.exec('CREATE TABLE IF NOT EXISTS tidemark_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)');
  if (!readOnly) database.exec('BEGIN IMMEDIATE');
  try {
    const statements = migrationsFrom(versionOf(database), path);
    if (readOnly) return;
    for (const statement of statements)
      database.exec(typeof statement === 'string' ? statement : statement.sqlite);
    database
      .prepare(
        "INSERT INTO tidemark_meta VALUES ('catalog_version', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
      )
      .run(String(CATALOG_VERSION));
    const specs = database.prepare("SELECT key, value FROM tidemark_meta WHERE key LIKE 'spec_%'").all();
    refuseOtherSpecs(specs as { key: string; value: string }[], path);
    database.exec('COMMIT');
  } catch (error) {
    if (!readOnly) database.exec('ROLLBACK');
    throw error;
  }
}

/**
 * Kysely's SQLite dialect expects better-sqlite3's surface. Two differences matter: whether a statement returns rows,
 * and that a transaction must take the write lock at once (a deferred one can fail past the busy time-out).
 */
function asKyselyDatabase(database: DatabaseSync): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare(sql) {
      const statement = database.prepare(sql.trim().toLowerCase() === 'begin' ? 'BEGIN IMMEDIATE' : sql);
      const bind = (parameters: readonly unknown[]) => parameters as SQLInputValue[];
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...bind(parameters)),
        run: (parameters) => statement.run(...bind(parameters)),
        iterate: (parameters) => statement.iterate(...bind(parameters)),
      };
    },
  };
}
