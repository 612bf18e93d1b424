/** What is declared of what Parquet can say and JSON cannot; null where nothing is. */
export interface ParquetPolicy {
  /** Bytes as text; without it a column of them refuses the file. */
  readonly binary: 'base64' | null;
  /** What times without a zone are in; without it they come without one. */
  readonly zone: 'utc' | null;
  /** What is beyond microseconds may be cut where the reader cannot hold it; without it such a column refuses the file. */
  readonly nanoseconds: 'truncate' | null;
}
