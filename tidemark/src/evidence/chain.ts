import { createHash } from 'node:crypto';
import type { CatalogReader, CatalogTransaction } from '../catalog/catalog.ts';

/**
 * Evidence is sealed in a hash chain, one per manifest:
 *   hash = SHA-256( "tidemark:evidence:1" LF chain LF seq LF kind LF previous hash LF body )
 * An entry cannot be altered, dropped or put elsewhere without every later hash changing; whoever noted the head
 * (`--expect-head`) also sees that the tail was cut off. The first entry's previous hash is 64 zeros.
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

export type EvidenceKind = 'run' | 'reconciliation';

export const GENESIS_HASH = '0'.repeat(64);

export function entryHash(entry: Omit<SealedEntry, 'hash' | 'sealedAt' | 'runId'>): string {
  return createHash('sha256')
    .update(
      ['tidemark:evidence:1', entry.chain, entry.seq, entry.kind, entry.previousHash, entry.body].join('\n'),
    )
    .digest('hex');
}

/** Appends one entry. Inside the caller's transaction, so that what it tells and the telling appear together. */
export async function sealEvidence(
  tx: CatalogTransaction,
  {
    chain,
    kind,
    runId,
    body,
    now,
  }: { chain: string; kind: EvidenceKind; runId: string; body: object; now: string },
): Promise<SealedEntry> {
  const head = await chainHead(tx, chain);
  const unsealed = {
    chain,
    seq: (head?.seq ?? 0) + 1,
    kind,
    previousHash: head?.hash ?? GENESIS_HASH,
    body: JSON.stringify(body),
  };
  const entry = { ...unsealed, runId, hash: entryHash(unsealed), sealedAt: now };
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

export async function entriesOfChain(catalog: CatalogReader, chain: string): Promise<SealedEntry[]> {
  const rows = await catalog
    .selectFrom('evidence')
    .selectAll()
    .where('chain', '=', chain)
    .orderBy('seq')
    .execute();
  return rows.map(asEntry);
}

export async function chainNames(catalog: CatalogReader): Promise<string[]> {
  const rows = await catalog.selectFrom('evidence').select('chain').distinct().orderBy('chain').execute();
  return rows.map((row) => row.chain);
}

function asEntry(row: {
  chain: string;
  seq: number;
  kind: string;
  run_id: string;
  body: string;
  previous_hash: string;
  hash: string;
  sealed_at: string;
}): SealedEntry {
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
