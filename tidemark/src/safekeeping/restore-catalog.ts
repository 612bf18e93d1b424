import { openSqliteCatalog } from '../catalog/open-sqlite.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';
import { type ChainHead, chainHeads } from '../evidence/chain.ts';
import { readLedgerEntry } from '../evidence/ledger.ts';
import { inspectBackup } from './backup-catalog.ts';
import type { Keeper } from './keeper.ts';
import { withDatabase } from './put-in-place.ts';
import { type CatalogRebuild, draftCatalog, finish, refuseInPlace } from './rebuild-catalog.ts';
import { withDraft } from './with-draft.ts';

/**
 * Puts a backup in the catalog's place and brings it up to now from the ledger: what was sealed after it was made is in it
 * again, and what cannot be is told. Without `execute` nothing is changed.
 * @throws ConfigurationError backup_refused, backup_of_another_history · ConflictError catalog_in_use
 */
export async function restoreCatalog(
  keeper: Keeper,
  { from, execute = false }: { from: string; execute?: boolean },
): Promise<CatalogRebuild> {
  await inspectBackup(from);
  if (execute) await refuseInPlace(keeper);
  return await withDraft(keeper, async (draft) => {
    withDatabase(from, (database) => database.prepare('VACUUM INTO ?').run(draft), { readOnly: true });
    const heads = await headsOf(draft);
    for (const head of heads) await refuseOtherHistory(keeper, { head, from });
    const after = new Map(heads.map(({ chain, seq, hash }) => [chain, { seq, hash }]));
    const report = await draftCatalog(keeper, { draft, after });
    return await finish(keeper, { draft, report, execute });
  });
}

async function headsOf(draft: string): Promise<ChainHead[]> {
  const catalog = openSqliteCatalog({ path: draft, readOnly: false });
  try {
    return await chainHeads(catalog);
  } finally {
    await catalog.destroy();
  }
}

async function refuseOtherHistory(
  { home }: Keeper,
  { head, from }: { head: ChainHead; from: string },
): Promise<void> {
  const kept = await readLedgerEntry(home, head).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null; // Of a release without a ledger.
    throw error;
  });
  if (kept === null || kept.entry.hash === head.hash) return;
  throw new ConfigurationError({
    code: ERROR_CODES.backup_of_another_history,
    message: `${from} is no earlier state of this home: entry ${head.seq} of ${head.chain} is ${head.hash.slice(0, 16)}… in it and ${kept.entry.hash.slice(0, 16)}… here.`,
    next: 'Nothing was changed. Name a backup of this home, or make the catalog anew: tidemark catalog rebuild',
  });
}
