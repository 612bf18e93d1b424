import type { CatalogReader } from '../catalog/catalog.ts';
import type { Home } from '../landing/home.ts';
import { sizeOf } from '../landing/store/stored-files.ts';
import { chainHead, entriesOfChain } from './chain.ts';
import { ledgerPath, writeLedgerEntry } from './ledger.ts';
import { rowsText } from './ledger-rows.ts';

/**
 * Writes what a chain lacks in the ledger: homes of releases before there was one, and files that were removed. Looks at
 * the head alone while that is there. The rows are those of now.
 */
export async function completeLedger(
  catalog: CatalogReader,
  { home, chain }: { home: Home; chain: string },
): Promise<void> {
  const head = await chainHead(catalog, chain);
  if (head === undefined || (await sizeOf(ledgerPath(home, { chain, seq: head.seq }))) !== null) return;
  for await (const entry of entriesOfChain(catalog, chain)) {
    if ((await sizeOf(ledgerPath(home, entry))) !== null) continue;
    const rows = await rowsText(catalog, { home, ...entry });
    await writeLedgerEntry(home, { entry, rows }, async () => undefined);
  }
}
