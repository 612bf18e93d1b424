import { dirname } from 'node:path';
import type { Catalog } from '../catalog/catalog.ts';
import { takeCatalogId } from '../catalog/catalog-id.ts';
import { openSqliteCatalog } from '../catalog/open-sqlite.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';
import { type ChainHead, chainHeads } from '../evidence/chain.ts';
import { ledgerChains } from '../evidence/ledger.ts';
import { recordSymptoms } from '../incident/record-symptoms.ts';
import { ownerOf } from '../landing/store/claim-store.ts';
import { mountedKey } from '../landing/store/mount.ts';
import { locationText } from '../model/catalog-location.ts';
import { buildCatalog } from './build-catalog.ts';
import { compareCatalogs, type TableDifference } from './compare-catalogs.ts';
import { compareTables } from './compare-tables.ts';
import { fileOfDatabase, fillDatabase, refuseFullDatabase } from './database-catalog.ts';
import type { Keeper } from './keeper.ts';
import { isCatalog, putInPlace, refuseWhileInUse } from './put-in-place.ts';
import { putNewFile } from './put-new-file.ts';
import { IN_THE_CATALOG_ALONE, type Loss, whatIsLost } from './what-is-lost.ts';
import { withDraft } from './with-draft.ts';

/** One table as the rebuilt catalog points to it. */
export interface RebuiltTable {
  readonly table: string;
  readonly snapshotId: string | null;
  readonly metadataLocation: string;
  readonly records: number;
  /** Snapshots of other engines above the last commit; they are in the table. */
  readonly foreign: readonly string[];
}

/** What a catalog made from ledger and tables comes to. */
export interface CatalogRebuild {
  /** Where it is; null for a plan. */
  readonly path: string | null;
  /** What stood there before, if anything. */
  readonly setAside: string | null;
  /** Entries taken from the ledger. */
  readonly entries: number;
  readonly chains: readonly ChainHead[];
  /** Rows by table of the catalog. */
  readonly restored: Readonly<Record<string, number>>;
  readonly tables: readonly RebuiltTable[];
  /** Runs that died between commit and proof; taken as committed. */
  readonly inDoubt: readonly string[];
  /** Runs that died inside their commit; nothing of them is visible. */
  readonly cameToNothing: readonly string[];
  /** Where ledger, evidence and tables do not agree. The tables are left as they are. */
  readonly disagreements: readonly string[];
  readonly lost: readonly Loss[];
  /** Against the catalog as it is; null where there is none that can be read. */
  readonly differences: readonly TableDifference[] | null;
}

/**
 * Makes the catalog anew from the ledger of sealed entries and the tables. Without `execute` nothing is changed and the
 * result says what it would come to; with `into` it is made beside the present one.
 * @throws ConfigurationError ledger_missing, would_overwrite · ConflictError catalog_in_use
 */
export async function rebuildCatalog(
  keeper: Keeper,
  { execute = false, into }: { execute?: boolean; into?: string },
): Promise<CatalogRebuild> {
  const { home } = keeper;
  if ((await ledgerChains(home)).length === 0) {
    throw new ConfigurationError({
      code: ERROR_CODES.ledger_missing,
      message: `There is nothing to rebuild a catalog from: ${home.ledgerDir} holds no sealed entry.`,
      next: 'Restore a backup (tidemark catalog restore <file>), or name the right folder with --project and --home.',
    });
  }
  if (execute && into === undefined) await refuseInPlace(keeper);
  return await withDraft(keeper, async (draft) => {
    const report = await draftCatalog(keeper, { draft, after: new Map() });
    return await finish(keeper, { draft, report, execute, into });
  });
}

type DraftReport = Omit<CatalogRebuild, 'path' | 'setAside'>;

/** Brings a draft up to the end of the ledger, records what does not agree, and tells what it is by then. */
export async function draftCatalog(
  { home, clock }: Keeper,
  { draft, after }: { draft: string; after: ReadonlyMap<string, { seq: number; hash: string }> },
): Promise<DraftReport> {
  const catalog = openSqliteCatalog({ path: draft, readOnly: false });
  try {
    const built = await buildCatalog(catalog, { home, after });
    await keepStore(catalog, home);
    const symptoms = await compareTables(catalog, built.heads);
    const lost = [...IN_THE_CATALOG_ALONE, ...(await whatIsLost(catalog, home))];
    const now = clock.now().toISOString();
    await catalog.transaction().execute(async (tx) => await recordSymptoms(tx, { symptoms, now }));
    return {
      entries: built.entries,
      chains: await chainHeads(catalog),
      restored: await countRows(catalog),
      tables: built.heads.map(({ table, head: { location, metadata }, foreign }) => {
        const id = metadata['current-snapshot-id'];
        const snapshot = metadata.snapshots.find((one) => one['snapshot-id'] === id);
        return {
          table,
          snapshotId: id === null ? null : String(id),
          metadataLocation: location,
          records: Number(snapshot?.summary['total-records'] ?? 0),
          foreign,
        };
      }),
      inDoubt: built.inDoubt,
      cameToNothing: built.cameToNothing,
      disagreements: [...built.found, ...symptoms.map(({ message }) => message)],
      lost,
      differences: null,
    };
  } finally {
    await catalog.destroy();
  }
}

/** A store knows the catalog that it belongs to: the new one goes on as that. */
async function keepStore(catalog: Catalog, { storeDir }: Keeper['home']): Promise<void> {
  const at = mountedKey(storeDir);
  const owner = at === null ? null : await ownerOf(await at.mount.store());
  if (owner) await takeCatalogId(catalog, owner);
}

const COUNTED = [
  'manifests',
  'contracts',
  'batches',
  'runs',
  'units',
  'objects',
  'receipts',
  'commits',
  'checkpoints',
  'cursors',
  'watermarks',
  'verified',
  'evidence',
] as const;

async function countRows(catalog: Catalog): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of COUNTED) {
    const row = await catalog
      .selectFrom(table)
      .select(({ fn }) => fn.countAll<number>().as('rows'))
      .executeTakeFirst();
    counts[table] = Number(row?.rows ?? 0);
  }
  return counts;
}

/** Compares a draft with the catalog as it is and, where that was asked for, puts it in place. */
export async function finish(
  { home, catalogAt, clock }: Keeper,
  {
    draft,
    report,
    execute,
    into,
  }: { draft: string; report: DraftReport; execute: boolean; into?: string | undefined },
): Promise<CatalogRebuild> {
  const inDatabase = catalogAt.kind === 'postgres';
  const file = inDatabase ? await fileOfDatabase(catalogAt, dirname(draft)) : home.catalogPath;
  const present = file !== null && isCatalog(file) ? file : null;
  const differences = present === null ? null : compareCatalogs({ present, other: draft });
  const told = { ...report, differences };
  if (into !== undefined) {
    await putNewFile({ from: draft, to: into });
    return { ...told, path: into, setAside: null };
  }
  if (!execute) return { ...told, path: null, setAside: null };
  const path = locationText(catalogAt);
  if (inDatabase) {
    await fillDatabase(catalogAt, draft);
    return { ...told, path, setAside: null };
  }
  return { ...told, path, setAside: await putInPlace({ home, draft, now: clock.now() }) };
}

/**
 * Before anything is made: whether it could be put in place.
 * @throws ConflictError catalog_in_use · ConfigurationError catalog_in_database
 */
export async function refuseInPlace({ home, catalogAt }: Keeper): Promise<void> {
  if (catalogAt.kind === 'postgres') await refuseFullDatabase(catalogAt);
  else if (isCatalog(home.catalogPath)) refuseWhileInUse(home.catalogPath);
}
