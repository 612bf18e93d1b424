import type { CatalogReader } from '../catalog/catalog.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';
import { chainHead } from './chain.ts';
import type { EvidenceFinding } from './evidence-finding.ts';

/** A head noted at some time: `<chain>@<seq>:<hash>`, or a hash alone. */
export type ExpectedHead =
  | { readonly chain: string; readonly seq: number; readonly hash: string }
  | { readonly chain: null; readonly hash: string };

/** @throws ConfigurationError usage for a text that is neither form */
export function parseHead(text: string): ExpectedHead {
  const whole = /^(.+)@([1-9]\d{0,14}):([0-9a-f]{64})$/.exec(text);
  if (whole !== null) return { chain: whole[1] ?? '', seq: Number(whole[2]), hash: whole[3] ?? '' };
  if (/^[0-9a-f]{64}$/.test(text)) return { chain: null, hash: text };
  throw new ConfigurationError({
    code: ERROR_CODES.usage,
    message: `${JSON.stringify(text)} is no head of an evidence chain: expected <chain>@<number>:<64 hex>, or the 64 hex alone.`,
    next: 'tidemark status',
  });
}

/** A noted head stays an entry of its chain for ever, however long the chain grows: unless its tail was cut off. */
export async function headFinding(
  catalog: CatalogReader,
  { head, next }: { head: ExpectedHead; next: string },
): Promise<EvidenceFinding | null> {
  const entries = await catalog
    .selectFrom('evidence')
    .select(['chain', 'seq'])
    .where('hash', '=', head.hash)
    .execute();
  if (head.chain === null) {
    if (entries.length > 0) return null;
    return finding({ subject: head.hash, expected: `an entry with hash ${head.hash}`, found: 'none', next });
  }
  if (entries.some(({ chain, seq }) => chain === head.chain && seq === head.seq)) return null;
  const last = await chainHead(catalog, head.chain);
  return finding({
    subject: `${head.chain}@${head.seq}`,
    expected: `entry ${head.seq} with hash ${head.hash}`,
    found:
      last === undefined ? 'no such chain' : `a chain that ends with entry ${last.seq}, hash ${last.hash}`,
    next,
  });
}

function finding(told: { subject: string; expected: string; found: string; next: string }): EvidenceFinding {
  const message = 'The expected head is not in the chain: its tail was cut off, or it was written anew.';
  return { kind: 'head_unknown', message, ...told };
}
