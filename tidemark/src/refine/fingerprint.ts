import { createHash, hash } from 'node:crypto';

/** Hex digits kept of a SHA-256: its first 16 bytes. */
const FINGERPRINT_DIGITS = 32;

/** Keeps the hash of a line that is no record apart from every record's: no canonical form begins with it. */
const MALFORMED_LINE_DOMAIN = 'tidemark:malformed-line:1\0';

/**
 * The fingerprint of a record, given its canonical form without the lineage properties, as text or as its UTF-8: the
 * first 16 bytes of the SHA-256, as 32 lower hex.
 */
export function fingerprintOf(canonical: string | Uint8Array): string {
  // One-shot to hex, then cut: 1.1 µs per KB; `createHash` 1.7 µs, one-shot to a buffer 1.9 µs.
  return hash('sha256', canonical).slice(0, FINGERPRINT_DIGITS);
}

/** The fingerprint of a line that is no record: of its bytes without the terminator. 32 lower hex. */
export function fingerprintOfBytes(line: Uint8Array): string {
  const stream = fingerprintStream();
  stream.update(line);
  return stream.finish();
}

/** The same fingerprint for a line that is too long to hold, fed piece by piece. */
export interface FingerprintStream {
  update(piece: Uint8Array): void;
  /** 32 lower hex; ends the stream. */
  finish(): string;
}

export function fingerprintStream(): FingerprintStream {
  const sha256 = createHash('sha256').update(MALFORMED_LINE_DOMAIN);
  return {
    update: (piece) => void sha256.update(piece),
    finish: () => sha256.digest('hex').slice(0, FINGERPRINT_DIGITS),
  };
}
