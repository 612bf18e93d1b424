import { createHash } from 'node:crypto';
import { type Selectable, sql } from 'kysely';
import type { CatalogReader, CatalogTransaction } from '../catalog/catalog.ts';
import type { CatalogTables } from '../catalog/schema.ts';
import type { Home } from '../landing/home.ts';
import { writeLedgerEntry } from './ledger.ts';
import { rowsText, sumOfRows } from './ledger-rows.ts';

/**
 * Evidence is sealed in a hash chain, one per manifest:
 *   hash = SHA-256( "tidemark:evidence:1" LF chain LF seq LF kind LF run id LF sealed at LF previous hash LF body )
 * so that every column of an entry is covered: none of the parts before the body can hold a line feed. An entry cannot be
 * altered, dropped or put elsewhere without every later hash changing; whoever noted the head (`--expect-head`) also sees that the tail was cut off. The first entry's previous hash is 64 zeros.
 */
export interface SealedEntry {
  readonly chain: string;
  readonly seq: number;
  readonly kind: EvidenceKind;
  readonly runId: string;
  /** JSON text, exactly as hashed. */
  readonly body: string;
  readonly previousHash: string;
  readonly hash: string;
  readonly sealedAt: string;
}

/**
 * `state`: an operator moved a cursor or a watermark; `maintenance`: a table's files were changed and none of its rows.
 * Their run id is that of the operation, which is no run.
 */
export type EvidenceKind = 'run' | 'reconciliation' | 'state' | 'maintenance';

/** The chain of what was done to tables for no manifest. */
export const MAINTENANCE_CHAIN = 'maintenance';

export const GENESIS_HASH = '0'.repeat(64);

export function entryHash(entry: Omit<SealedEntry, 'hash'>): string {
  const { chain, seq, kind, runId, sealedAt, previousHash, body } = entry;
  return createHash('sha256')
    .update(['tidemark:evidence:1', chain, seq, kind, runId, sealedAt, previousHash, body].join('\n'))
    .digest('hex');
}

/**
 * Appends one entry. Inside the caller's transaction and last in it: what it tells and the telling appear together, and
 * the rows that became true with it are kept beside the catalog before they count (see `ledger.ts`).
 */
export async function sealEvidence(
  tx: CatalogTransaction,
  {
    home,
    chain,
    kind,
    runId,
    body,
    now,
  }: { home: Home; chain: string; kind: EvidenceKind; runId: string; body: object; now: string },
): Promise<SealedEntry> {
  const head = await chainHead(tx, chain);
  const rows = await rowsText(tx, { home, kind, runId });
  const unsealed = {
    chain,
    seq: (head?.seq ?? 0) + 1,
    kind,
    runId,
    sealedAt: now,
    previousHash: head?.hash ?? GENESIS_HASH,
    body: JSON.stringify({ ...body, rows: sumOfRows(rows) }),
  };
  const entry = { ...unsealed, hash: entryHash(unsealed) };
  await tx
    .insertInto('evidence')
    .values({
      chain,
      seq: entry.seq,
      kind,
      run_id: runId,
      body: entry.body,
      previous_hash: entry.previousHash,
      hash: entry.hash,
      sealed_at: now,
    })
    .execute();
  await writeLedgerEntry(home, { entry, rows }, async () => await chainHead(tx, chain));
  return entry;
}

export async function chainHead(catalog: CatalogReader, chain: string) {
  return await catalog
    .selectFrom('evidence')
    .select(['seq', 'hash'])
    .where('chain', '=', chain)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** The sealed entries of a run, oldest first. */
export async function entriesOfRun(catalog: CatalogReader, runId: string): Promise<SealedEntry[]> {
  const rows = await catalog
    .selectFrom('evidence')
    .selectAll()
    .where('run_id', '=', runId)
    .orderBy('seq')
    .execute();
  return rows.map(asEntry);
}

/** Entries read at once: a body holds the account of a whole run. */
const ENTRIES_PER_PAGE = 16;

/** The chain from its first entry, page by page: however long it is, few bodies are held at a time. */
export async function* entriesOfChain(catalog: CatalogReader, chain: string): AsyncGenerator<SealedEntry> {
  let after = Number.MIN_SAFE_INTEGER;
  for (;;) {
    const rows = await catalog
      .selectFrom('evidence')
      .selectAll()
      .where('chain', '=', chain)
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(ENTRIES_PER_PAGE)
      .execute();
    yield* rows.map(asEntry);
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.seq;
  }
}

export interface ChainHead {
  readonly chain: string;
  readonly seq: number;
  readonly hash: string;
}

/** The last entry of every chain. */
export async function chainHeads(catalog: CatalogReader): Promise<ChainHead[]> {
  const heads: ChainHead[] = [];
  // From chain to chain through the index: grouping would look at every entry that was ever sealed.
  const { rows } = await sql<{ chain: string }>`
    WITH RECURSIVE chains(chain) AS (
      SELECT min(chain) FROM evidence
      UNION ALL SELECT (SELECT min(chain) FROM evidence WHERE chain > chains.chain) FROM chains
        WHERE chain IS NOT NULL)
    SELECT chain FROM chains WHERE chain IS NOT NULL ORDER BY chain`.execute(catalog);
  for (const { chain } of rows) {
    const head = await chainHead(catalog, chain);
    if (head !== undefined) heads.push({ chain, seq: head.seq, hash: head.hash });
  }
  return heads;
}

function asEntry(row: Selectable<CatalogTables['evidence']>): SealedEntry {
  return {
    chain: row.chain,
    seq: row.seq,
    kind: row.kind as EvidenceKind,
    runId: row.run_id,
    body: row.body,
    previousHash: row.previous_hash,
    hash: row.hash,
    sealedAt: row.sealed_at,
  };
}
