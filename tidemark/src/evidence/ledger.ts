import { join } from 'node:path';
import { ERROR_CODES } from '../errors/codes.ts';
import { TidemarkError } from '../errors/tidemark-error.ts';
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
 * the same number and takes its place. Whoever lost its turn to write, and does not know it yet, takes nobody's place: what
 * is there is put over only by a transaction that still holds the turn then.
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

/** @param stillHolds throws where the transaction of the entry is over */
export async function writeLedgerEntry(
  home: Home,
  { entry, rows }: LedgerEntry,
  stillHolds: () => Promise<unknown>,
): Promise<void> {
  const { chain, seq, kind, runId, sealedAt, previousHash, hash, body } = entry;
  const head = { format: 'ledger-1', chain, seq, kind, runId, sealedAt, previousHash, hash };
  const path = ledgerPath(home, entry);
  const text = `${JSON.stringify(head)}\n${body}\n${rows}\n`;
  try {
    await writeDurably(path, text, { givenOnce: true });
  } catch (error) {
    if (!isTaken(error)) throw error;
    await stillHolds();
    await writeDurably(path, text);
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof TidemarkError && error.code === ERROR_CODES.store_name_taken;
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
