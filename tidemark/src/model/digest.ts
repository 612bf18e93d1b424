/**
 * Order-free content digest: how many fingerprints, and their sum modulo 2^128. Mergeable in any order, so source,
 * raw, Bronze and replay compare without sorting. A sum shows accidents, not tampering: the evidence chain does that.
 */
export interface Digest {
  readonly count: number;
  /** 0 ≤ sum < 2^128 */
  readonly sum: bigint;
}

const MODULUS = 1n << 128n;

export const EMPTY_DIGEST: Digest = { count: 0, sum: 0n };

export function mergeDigests(digests: Iterable<Digest>): Digest {
  let count = 0;
  let sum = 0n;
  for (const digest of digests) {
    count += digest.count;
    sum += digest.sum;
  }
  return { count, sum: sum % MODULUS };
}

/** `whole` less a part of it. */
export function withoutDigest(whole: Digest, part: Digest): Digest {
  return { count: whole.count - part.count, sum: (whole.sum - part.sum + MODULUS) % MODULUS };
}

/** The digest of one fingerprint: 32 lower hex, the first 16 bytes of its SHA-256. */
export function digestOf(fingerprint: string): Digest {
  return { count: 1, sum: BigInt(`0x${fingerprint}`) };
}

export function digestsEqual(a: Digest, b: Digest): boolean {
  return a.count === b.count && a.sum === b.sum;
}

/** `<count>:<32 hex>`, the stored form. */
export function formatDigest(digest: Digest): string {
  return `${digest.count}:${digest.sum.toString(16).padStart(32, '0')}`;
}

export function parseDigest(text: string): Digest {
  const [count, sum] = text.split(':');
  return { count: Number(count), sum: BigInt(`0x${sum}`) };
}
