import { join } from 'node:path';
import { entryHash, GENESIS_HASH, type SealedEntry } from '../evidence/chain.ts';
import { type LedgerEntry, ledgerChains, ledgerNumbers, readLedgerEntry } from '../evidence/ledger.ts';
import { sumOfRows } from '../evidence/ledger-rows.ts';
import type { Home } from '../landing/home.ts';
import { sizeOf } from '../landing/store/stored-files.ts';

export interface ReadEntry {
  readonly entry: SealedEntry;
  /** Null where they are not what was sealed: the entry is kept, its rows are not believed. */
  readonly rows: string | null;
  /**
   * The last of its chain, and nothing tells that its transaction committed: the process ended between the two, or before
   * it wrote the evidence folder.
   */
  readonly inDoubt: boolean;
}

export interface LedgerReading {
  readonly chain: string;
  readonly entries: AsyncGenerator<ReadEntry>;
}

/** One chain of the ledger from an entry on. What is not as it was sealed goes to `found`. */
export async function* readChain(
  home: Home,
  { chain, after, found }: { chain: string; after: { seq: number; hash: string } | null; found: string[] },
): AsyncGenerator<ReadEntry> {
  let before = after ?? { seq: 0, hash: GENESIS_HASH };
  const numbers = (await ledgerNumbers(home, chain)).filter((seq) => seq > before.seq);
  for (const seq of numbers) {
    const place = `Entry ${seq} of ${chain}`;
    const read = await readLedgerEntry(home, { chain, seq });
    if (read === null) {
      found.push(`${place} in the ledger is no entry any more: it and what it brought are left out.`);
      continue;
    }
    if (seq !== before.seq + 1) found.push(`Before entry ${seq} of ${chain} the ledger has a hole.`);
    else if (read.entry.previousHash !== before.hash)
      found.push(`${place} does not follow the entry before it: one of the two was put in another's place.`);
    const whole = entryHash(read.entry as SealedEntry) === read.entry.hash;
    if (!whole) found.push(`${place} is not what was sealed: its account and its rows are not believed.`);
    const believed = whole && areSealed(read);
    if (whole && !believed)
      found.push(`${place} lies beside rows that it did not seal: they are not believed.`);
    const last = seq === numbers.at(-1);
    yield {
      entry: read.entry as SealedEntry,
      rows: believed ? read.rows : null,
      inDoubt: last && believed && !(await isProjected(home, read.entry as SealedEntry)),
    };
    before = { seq, hash: read.entry.hash };
  }
}

/** Entries of releases without a ledger sealed no rows; theirs were written later. */
function areSealed({ entry, rows }: LedgerEntry): boolean {
  const { rows: sum } = JSON.parse(entry.body) as { rows?: string };
  return sum === undefined || sum === sumOfRows(rows);
}

async function isProjected(home: Home, { runId, kind }: SealedEntry): Promise<boolean> {
  return (await sizeOf(join(home.evidenceDir, runId, `${kind}.json`))) !== null;
}

/** The entries of all chains, each chain in its order, the earliest first. */
export async function* readLedger(
  home: Home,
  { after, found }: { after: ReadonlyMap<string, { seq: number; hash: string }>; found: string[] },
): AsyncGenerator<ReadEntry> {
  const heads: { next: ReadEntry; rest: AsyncGenerator<ReadEntry> }[] = [];
  for (const chain of await ledgerChains(home)) {
    const rest = readChain(home, { chain, after: after.get(chain) ?? null, found });
    const first = await rest.next();
    if (!first.done) heads.push({ next: first.value, rest });
  }
  for (;;) {
    const earliest = heads.reduce<(typeof heads)[number] | null>(
      (best, head) => (best === null || head.next.entry.sealedAt < best.next.entry.sealedAt ? head : best),
      null,
    );
    if (earliest === null) return;
    yield earliest.next;
    const following = await earliest.rest.next();
    if (following.done) heads.splice(heads.indexOf(earliest), 1);
    else earliest.next = following.value;
  }
}
