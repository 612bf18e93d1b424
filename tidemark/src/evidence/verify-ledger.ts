import { join, relative } from 'node:path';
import type { CatalogReader } from '../catalog/catalog.ts';
import type { Home } from '../landing/home.ts';
import { throwIfAway } from '../landing/store/away.ts';
import { sizeOf } from '../landing/store/stored-files.ts';
import type { Archive } from './archive.ts';
import { entriesOfChain, entryHash, type SealedEntry } from './chain.ts';
import type { EvidenceFinding } from './evidence-finding.ts';
import { type LedgerEntry, ledgerChains, ledgerNumbers, ledgerPath, readLedgerEntry } from './ledger.ts';
import { sumOfRows } from './ledger-rows.ts';
import { nextCommand } from './next-command.ts';

export interface LedgerVerification {
  /** Entries that were held against the ledger. */
  readonly entries: number;
  readonly findings: readonly EvidenceFinding[];
}

/**
 * Holds the ledger beside the catalog against what is sealed: every entry is there, byte for byte, with the rows that it
 * sealed, and none that the catalog has forgotten. A chain that was cut off or written anew in the catalog alone is found
 * here. Of a chain whose head has no file nothing is missed: a home of an earlier release, which the next run completes.
 */
export async function verifyLedger(
  { catalog, home, signal }: Archive,
  next: string,
): Promise<LedgerVerification> {
  const findings: EvidenceFinding[] = [];
  let entries = 0;
  const sealed = await catalog.selectFrom('evidence').select('chain').distinct().execute();
  const chains = new Set([...sealed.map(({ chain }) => chain), ...(await ledgerChains(home))]);
  for (const chain of [...chains].sort()) {
    // Listed before the chain is read: what is sealed meanwhile is in the chain by then, or one behind it.
    const numbers = await ledgerNumbers(home, chain);
    const missed: EvidenceFinding[] = [];
    let head: SealedEntry | null = null;
    let headIsThere = false;
    for await (const entry of entriesOfChain(catalog, chain)) {
      signal.throwIfAborted();
      const found = await faultOf(home, { entry, next });
      headIsThere = found?.kind !== 'ledger_missing';
      if (headIsThere) entries += 1;
      if (found?.kind === 'ledger_missing') missed.push(found);
      else if (found !== null) findings.push(found);
      head = entry;
    }
    if (headIsThere) findings.push(...missed);
    const beyond = numbers.filter((seq) => seq > (head?.seq ?? 0));
    findings.push(...(await forgotten({ catalog, home }, { chain, after: head?.seq ?? 0, beyond })));
  }
  return { entries, findings };
}

async function faultOf(
  home: Home,
  { entry, next }: { entry: SealedEntry; next: string },
): Promise<EvidenceFinding | null> {
  const path = ledgerPath(home, entry);
  const subject = `${entry.chain}@${entry.seq}`;
  const expected = `hash ${entry.hash}`;
  const restore = `Restore ${relative(home.storeDir, path)} from a backup, then: ${nextCommand('evidence', 'verify')}`;
  const of = `Entry ${subject} (${entry.kind} of run ${entry.runId})`;
  if ((await sizeOf(path)) === null) {
    const message = `${of} has no file in the ledger: a catalog that is rebuilt from there would lack it.`;
    return { kind: 'ledger_missing', subject, message, expected, found: 'no file', next: restore };
  }
  const read = await readLedgerEntry(home, entry).catch((error: Error) => {
    throwIfAway(error);
    return null;
  });
  const found = read === null ? 'no entry' : whatIsKept(read);
  if (found === expected) return null;
  // A whole entry with another hash is no accident of the file: one of the two was written anew.
  const isWhole = read !== null && found === `hash ${read.entry.hash}`;
  const message = `${of} stands otherwise in the ledger than in the catalog.`;
  return { kind: 'ledger_altered', subject, message, expected, found, next: isWhole ? next : restore };
}

/** Entries of releases without a ledger sealed no rows; theirs were written later. */
function whatIsKept({ entry, rows }: LedgerEntry): string {
  const computed = entryHash(entry as SealedEntry);
  if (computed !== entry.hash) return `content with hash ${computed}`;
  const { rows: sum } = JSON.parse(entry.body) as { rows?: string };
  return sum === undefined || sum === sumOfRows(rows) ? `hash ${entry.hash}` : 'rows that it did not seal';
}

/**
 * Files behind the head of the chain. The first of them may be of a commit that came to nothing, or that is under way;
 * once it was projected, or another follows it, it was committed.
 */
async function forgotten(
  { catalog, home }: { catalog: CatalogReader; home: Home },
  { chain, after, beyond }: { chain: string; after: number; beyond: readonly number[] },
): Promise<EvidenceFinding[]> {
  const findings: EvidenceFinding[] = [];
  for (const seq of beyond) {
    const read = await readLedgerEntry(home, { chain, seq });
    const entry = read?.entry ?? null;
    if (seq === after + 1 && beyond.length === 1 && !(entry !== null && (await isProjected(home, entry))))
      continue;
    const now = catalog
      .selectFrom('evidence')
      .select('seq')
      .where('chain', '=', chain)
      .where('seq', '=', seq);
    if ((await now.executeTakeFirst()) !== undefined) continue;
    findings.push({
      kind: 'ledger_ahead',
      subject: `${chain}@${seq}`,
      message: `The ledger has entry ${chain}@${seq}, which the catalog does not: what was sealed after entry ${after} is gone from the catalog.`,
      expected: 'the same entry in the catalog',
      found: 'none',
      next: nextCommand('catalog', 'rebuild'),
    });
  }
  return findings;
}

async function isProjected(home: Home, { runId, kind }: Pick<SealedEntry, 'runId'> & { kind: string }) {
  return (await sizeOf(join(home.evidenceDir, runId, `${kind}.json`))) !== null;
}
