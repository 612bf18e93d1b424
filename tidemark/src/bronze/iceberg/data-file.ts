import type { SingleValue } from './single-value.ts';

export type FileContent = 'data' | 'position_deletes' | 'equality_deletes';

/** A partition value, in the form of its result type (see `SingleValue`), or null. */
export type PartitionValue = SingleValue | null;

/** One file of a table as a manifest describes it. Counts and bounds are keyed by field id; an absent key is unknown. */
export interface DataFile {
  readonly content: FileContent;
  /** Full URI, `file:///…` or `s3://…`, compared and written exactly as given. */
  readonly uri: string;
  /** `PARQUET`; other writers also use `AVRO`, `ORC`. */
  readonly format: string;
  readonly specId: number;
  /** One value for each field of the partition spec, in its order; empty when unpartitioned. */
  readonly partition: readonly PartitionValue[];
  readonly recordCount: number;
  readonly sizeBytes: number;
  readonly columnSizes: ReadonlyMap<number, number>;
  /** Nulls and NaNs included. */
  readonly valueCounts: ReadonlyMap<number, number>;
  readonly nullValueCounts: ReadonlyMap<number, number>;
  readonly nanValueCounts: ReadonlyMap<number, number>;
  readonly lowerBounds: ReadonlyMap<number, Uint8Array>;
  readonly upperBounds: ReadonlyMap<number, Uint8Array>;
  /** Null: unsorted or unknown. */
  readonly sortOrderId: number | null;
  /** Carried for other writers' files; ours have none of these. */
  readonly keyMetadata: Uint8Array | null;
  readonly splitOffsets: readonly bigint[] | null;
  readonly equalityIds: readonly number[] | null;
  readonly referencedDataFile: string | null;
}

/** Equal for files of one partition and for no others. */
export function partitionKey(file: Pick<DataFile, 'specId' | 'partition'>): string {
  const values = file.partition.map((value) =>
    value instanceof Uint8Array
      ? `x${Buffer.from(value).toString('hex')}`
      : `${typeof value}:${String(value)}`,
  );
  return JSON.stringify([file.specId, ...values]);
}
