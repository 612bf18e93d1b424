import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readTableMetadata } from '../bronze/iceberg/metadata-file.ts';
import { tableIo } from '../bronze/table-io.ts';
import { listTables } from '../catalog/iceberg-tables.ts';
import { CATALOG_VERSION } from '../catalog/migrations.ts';
import { openSqliteCatalog } from '../catalog/open-sqlite.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';
import { type ChainHead, chainHeads } from '../evidence/chain.ts';
import { locationText } from '../model/catalog-location.ts';
import { fileOfDatabase } from './database-catalog.ts';
import type { Keeper } from './keeper.ts';
import { versionIn, withDatabase } from './put-in-place.ts';
import { putNewFile } from './put-new-file.ts';
import { withDraft } from './with-draft.ts';

export interface CatalogBackup {
  readonly path: string;
  readonly sizeBytes: number;
  readonly catalogVersion: number;
  readonly runs: number;
  readonly tables: readonly { readonly table: string; readonly metadataLocation: string }[];
  /** The last entry of every chain: what a restore goes on from. */
  readonly chains: readonly ChainHead[];
}

/**
 * Copies the catalog as it is at one moment, while runs go on, and looks at the copy before it gets its name: that SQLite
 * finds it whole, that it is a catalog, that the heads of its tables exist.
 * @throws ConfigurationError backup_refused, catalog_unreadable
 */
export async function backupCatalog(keeper: Keeper, { to }: { to: string }): Promise<CatalogBackup> {
  const { home, catalogAt } = keeper;
  if (catalogAt.kind === 'sqlite') return await copyFile(home.catalogPath, to);
  return await withDraft(keeper, async (draft) => {
    const file = await fileOfDatabase(catalogAt, dirname(draft));
    return await copyFile(file ?? locationText(catalogAt), to);
  });
}

async function copyFile(from: string, to: string): Promise<CatalogBackup> {
  if (!existsSync(from)) throw refused(`There is no catalog at ${from}.`, 'tidemark status');
  let told: Omit<CatalogBackup, 'path' | 'sizeBytes'> | null = null;
  const inspect = async (copy: string) => {
    told = await inspectBackup(copy);
  };
  try {
    await putNewFile({ from, to, inspect });
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'ERR_SQLITE_ERROR') throw cause;
    throw refused(`${from} cannot be copied: ${(cause as Error).message}.`, 'tidemark catalog rebuild');
  }
  const { size } = await stat(to);
  return { path: to, sizeBytes: size, ...(told ?? (await inspectBackup(to))) };
}

/** @throws ConfigurationError backup_refused where it is no catalog that could be restored */
export async function inspectBackup(path: string): Promise<Omit<CatalogBackup, 'path' | 'sizeBytes'>> {
  if (!existsSync(path)) throw refused(`${path} does not exist.`);
  const version = checkedVersion(path);
  if (version > CATALOG_VERSION)
    throw refused(`${path} is of catalog version ${version}; this Tidemark knows up to ${CATALOG_VERSION}.`);
  // Opening brings an older one up to date: that is done to a copy alone.
  if (version < CATALOG_VERSION) return { catalogVersion: version, runs: 0, tables: [], chains: [] };
  const catalog = openSqliteCatalog({ path, readOnly: true });
  try {
    const tables = await listTables(catalog);
    for (const { metadataLocation } of tables) await readTableMetadata(tableIo, metadataLocation);
    const runs = await catalog
      .selectFrom('runs')
      .select(({ fn }) => fn.countAll<number>().as('runs'))
      .executeTakeFirst();
    return {
      catalogVersion: version,
      runs: Number(runs?.runs ?? 0),
      tables,
      chains: await chainHeads(catalog),
    };
  } finally {
    await catalog.destroy();
  }
}

/** Of a file that SQLite finds whole. */
function checkedVersion(path: string): number {
  try {
    return withDatabase(
      path,
      (database) => {
        const faults = database.prepare('PRAGMA integrity_check(3)').all();
        const told = faults.map((row) => String(row.integrity_check)).join('; ');
        if (told !== 'ok') throw new Error(told);
        const version = versionIn(database);
        if (version === 0) throw new Error('it has no version of a catalog');
        return version;
      },
      { readOnly: true },
    );
  } catch (cause) {
    throw refused(`${path} is no catalog that can be used: ${(cause as Error).message}.`);
  }
}

function refused(
  message: string,
  next = 'Nothing was changed. Name another backup, or make the catalog anew: tidemark catalog rebuild',
): ConfigurationError {
  return new ConfigurationError({ code: ERROR_CODES.backup_refused, message, next });
}
