export type StreamRule =
  /** The bytes end inside a stream. */
  | 'stream_truncated'
  /** The stream cannot be read, or its own sum says that it was altered. */
  | 'stream_corrupt'
  /** Beyond `limits.decodedBytesMax`. */
  | 'decoded_too_large'
  /** Beyond `limits.decodedRatioMax`. */
  | 'decoded_ratio_too_high'
  /** An archive that is not to be read as it is: a name that leads out of it, a member that is encrypted, twice there, or no file. */
  | 'archive_refused'
  /** Which member of an archive is meant is not clear, or there is none. */
  | 'archive_member'
  /** A column of a Parquet file would not come in as it is. */
  | 'parquet_column';

/**
 * Why stored bytes do not come to a whole decoded stream. What came before it is not to be used: a compressed stream is
 * proven by the sum at its end alone, and damage inside it shows late.
 */
export class StreamFault extends Error {
  readonly rule: StreamRule;
  readonly expected: string;
  readonly received: string;

  constructor({ rule, expected, received }: { rule: StreamRule; expected: string; received: string }) {
    super(`${rule}: expected ${expected}, received ${received}`);
    this.rule = rule;
    this.expected = expected;
    this.received = received;
  }
}
