import { join } from 'node:path';
import { writeDurably } from '../landing/durable-files.ts';
import type { Home } from '../landing/home.ts';
import { namesIn, readStored } from '../landing/store/stored-files.ts';

/**
 * The ledger: one file for each sealed entry, `ledger/<chain>/<number>.jsonl`, with three lines: the columns of the entry,
 * its body exactly as hashed, and the catalog's rows that became true with it, whose sum the body names. A catalog that is
 * lost is rebuilt from these and the tables alone.
 *
 * A file is durable before the transaction that it tells of commits, so no commit is without one. The other way round, a
 * transaction that came to nothing leaves a file whose entry the catalog does not have. The next entry of the chain has
 * the same number and takes its place.
 */
export interface LedgerEntry {
  readonly entry: LedgerColumns;
  /** JSON text, exactly as summed. */
  readonly rows: string;
}

/** The columns of a sealed entry; of a later release, perhaps of a kind that this one does not know. */
export interface LedgerColumns {
  readonly chain: string;
  readonly seq: number;
  readonly kind: string;
  readonly runId: string;
  readonly sealedAt: string;
  readonly previousHash: string;
  readonly hash: string;
  readonly body: string;
}

export function ledgerPath(home: Home, { chain, seq }: Pick<LedgerColumns, 'chain' | 'seq'>): string {
  return join(home.ledgerDir, encodeURIComponent(chain), `${String(seq).padStart(8, '0')}.jsonl`);
}

export async function writeLedgerEntry(home: Home, { entry, rows }: LedgerEntry): Promise<void> {
  const { chain, seq, kind, runId, sealedAt, previousHash, hash, body } = entry;
  const head = { format: 'ledger-1', chain, seq, kind, runId, sealedAt, previousHash, hash };
  await writeDurably(ledgerPath(home, entry), `${JSON.stringify(head)}\n${body}\n${rows}\n`);
}

/** Chains that have files in the ledger. */
export async function ledgerChains(home: Home): Promise<string[]> {
  return (await namesIn(home.ledgerDir)).map(decodeURIComponent).sort();
}

/** Numbers of the entries that a chain has files of, in order. */
export async function ledgerNumbers(home: Home, chain: string): Promise<number[]> {
  const names = await namesIn(join(home.ledgerDir, encodeURIComponent(chain)));
  return names
    .flatMap((name) => (/^\d{8,}\.jsonl$/.test(name) ? [Number.parseInt(name, 10)] : []))
    .sort((a, b) => a - b);
}

/** @returns null for a file that is not what it should be */
export async function readLedgerEntry(
  home: Home,
  place: Pick<LedgerColumns, 'chain' | 'seq'>,
): Promise<LedgerEntry | null> {
  const [head = '', body, rows, end, ...more] = (await readStored(ledgerPath(home, place)))
    .toString('utf8')
    .split('\n');
  if (body === undefined || rows === undefined || end !== '' || more.length > 0) return null;
  try {
    const { format, ...columns } = JSON.parse(head) as Omit<LedgerColumns, 'body'> & { format: string };
    if (format !== 'ledger-1' || columns.chain !== place.chain || columns.seq !== place.seq) return null;
    JSON.parse(rows);
    return { entry: { ...columns, body }, rows };
  } catch {
    return null;
  }
}
