import type { CatalogReader } from '../catalog/catalog.ts';
import { entriesOfChain, entryHash, GENESIS_HASH, type SealedEntry } from './chain.ts';
import type { EvidenceFinding } from './evidence-finding.ts';

export interface VerifiedChain {
  readonly chain: string;
  readonly entries: number;
  /** `<chain>@<seq>:<hash>`, to be noted elsewhere; null for a chain without entries. */
  readonly head: string | null;
}

/** What the next entry has to follow. */
interface Before {
  readonly seq: number;
  /** As stored, and as its content gives it: equal unless it was altered, which was told then. */
  readonly hashes: readonly string[];
}

/** Recomputes every hash and follows every link, from the first entry on. */
export async function verifyChain(
  catalog: CatalogReader,
  { chain, next }: { chain: string; next: string },
): Promise<{ chain: VerifiedChain; findings: EvidenceFinding[] }> {
  const findings: EvidenceFinding[] = [];
  let before: Before = { seq: 0, hashes: [GENESIS_HASH] };
  let entries = 0;
  let head: string | null = null;
  for await (const entry of entriesOfChain(catalog, chain)) {
    const computed = entryHash(entry);
    for (const finding of findingsOf(entry, { computed, before })) findings.push({ ...finding, next });
    before = { seq: entry.seq, hashes: [entry.hash, computed] };
    entries += 1;
    head = headText(entry);
  }
  return { chain: { chain, entries, head }, findings };
}

export function headText({ chain, seq, hash }: Pick<SealedEntry, 'chain' | 'seq' | 'hash'>): string {
  return `${chain}@${seq}:${hash}`;
}

function* findingsOf(
  entry: SealedEntry,
  { computed, before }: { computed: string; before: Before },
): Generator<Omit<EvidenceFinding, 'next'>> {
  const subject = `${entry.chain}@${entry.seq}`;
  if (computed !== entry.hash) {
    yield {
      kind: 'entry_altered',
      subject,
      message: `Entry ${subject} (${entry.kind} of run ${entry.runId}) is not what was sealed.`,
      expected: `hash ${entry.hash}`,
      found: `content with hash ${computed}`,
    };
  }
  if (entry.seq !== before.seq + 1) {
    yield {
      kind: 'entries_missing',
      subject,
      message: `Before entry ${subject} the chain has a hole.`,
      expected: `entry ${before.seq + 1}`,
      found: `entry ${entry.seq}`,
    };
  } else if (!before.hashes.includes(entry.previousHash)) {
    yield {
      kind: 'link_broken',
      subject,
      message: `Entry ${subject} does not follow the entry before it: one of the two was put in another's place.`,
      expected: `previous hash ${before.hashes[0]}`,
      found: `previous hash ${entry.previousHash}`,
    };
  }
}
