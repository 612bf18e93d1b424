import { ERROR_CODES } from '../../errors/codes.ts';
import { InvariantError } from '../../errors/tidemark-error.ts';
import { lowerBound, upperBound } from './bounds.ts';
import type { DataFile, PartitionValue } from './data-file.ts';
import { quoteIdentifier } from './duck-columns.ts';
import { allFields, type PlacedField, type TableSchema } from './schema.ts';

/** A DuckDB map in its JSON form. */
export type DuckMap<Value> = readonly { readonly key: string; readonly value: Value }[];

/**
 * One row of `COPY … (FORMAT parquet, FIELD_IDS …, RETURN_STATS true)` in DuckDB's JSON form (`getRowObjectsJson()`),
 * taken with `SET TimeZone = 'UTC'`. Everything in it is text.
 */
export interface CopyStats {
  readonly count: string;
  readonly file_size_bytes: string;
  readonly column_statistics: DuckMap<DuckMap<string | null>>;
  readonly partition_keys: DuckMap<string | null> | null;
}

/**
 * Describes a Parquet file that DuckDB has just written. Bounds are given for columns and struct members, never inside
 * lists or maps; a column whose statistics DuckDB left out has none, which only costs pruning.
 *
 * @throws InvariantError `data_file_stats_unusable` when the statistics cannot be those of a file of this schema.
 */
export function dataFileFromDuckStats(written: {
  readonly row: CopyStats;
  readonly schema: TableSchema;
  /** Where the file stands for readers. */
  readonly uri: string;
  readonly specId: number;
  readonly partition: readonly PartitionValue[];
  /** The table's order if the rows were written in it, else null. */
  readonly sortOrderId: number | null;
}): DataFile {
  const { row, schema, uri } = written;
  const recordCount = countOf(row.count, { uri, what: 'count' });
  const sizeBytes = countOf(row.file_size_bytes, { uri, what: 'file_size_bytes' });
  const leaves = leavesByStatsKey(schema);
  const columns = row.column_statistics.map(({ key, value }) => {
    const leaf = leaves.get(key);
    if (leaf === undefined)
      throw unusable(uri, `column ${key} is not in the schema, so readers would not find it`);
    leaves.delete(key);
    return measureColumn({ leaf, stats: value, recordCount, uri });
  });
  const absent = [...leaves].find(([, leaf]) => leaf.field.required && leaf.path.length === 1);
  if (absent) throw unusable(uri, `required column ${absent[0]} was not written`);
  const byId = <Value>(pick: (column: MeasuredColumn) => Value | null): Map<number, Value> =>
    new Map(
      columns.flatMap((column): [number, Value][] => {
        const value = pick(column);
        return value === null ? [] : [[column.id, value]];
      }),
    );
  return {
    content: 'data',
    uri,
    format: 'PARQUET',
    specId: written.specId,
    partition: written.partition,
    recordCount,
    sizeBytes,
    columnSizes: byId((column) => column.sizeBytes),
    valueCounts: byId((column) => column.values),
    nullValueCounts: byId((column) => column.nulls),
    nanValueCounts: byId((column) => column.nans),
    lowerBounds: byId((column) => column.lower),
    upperBounds: byId((column) => column.upper),
    sortOrderId: written.sortOrderId,
    keyMetadata: null,
    splitOffsets: null,
    equalityIds: null,
    referencedDataFile: null,
  };
}

interface MeasuredColumn {
  readonly id: number;
  readonly sizeBytes: number;
  readonly values: number;
  readonly nulls: number;
  /** DuckDB counts no NaNs, it only says whether there are any: known only when there are none. */
  readonly nans: 0 | null;
  readonly lower: Uint8Array | null;
  readonly upper: Uint8Array | null;
}

function measureColumn(column: {
  readonly leaf: PlacedField;
  readonly stats: DuckMap<string | null>;
  readonly recordCount: number;
  readonly uri: string;
}): MeasuredColumn {
  const { leaf, recordCount, uri } = column;
  const stats = new Map(column.stats.map(({ key, value }) => [key, value]));
  const name = leaf.path.join('.');
  const count = (key: string) => countOf(stats.get(key), { uri, what: `${key} of ${name}` });
  const [values, nulls] = [count('num_values'), count('null_count')];
  if (!leaf.repeated && values !== recordCount) {
    throw unusable(uri, `${name} has ${values} values in ${recordCount} rows`);
  }
  if (leaf.field.required && leaf.path.length === 1 && nulls > 0) {
    throw unusable(uri, `required column ${name} is null in ${nulls} rows`);
  }
  const [type, min, max] = [leaf.field.type as string, stats.get('min') ?? null, stats.get('max') ?? null];
  return {
    id: leaf.field.id,
    sizeBytes: count('column_size_bytes'),
    values,
    nulls,
    nans: stats.get('has_nan') === 'false' ? 0 : null,
    lower: leaf.repeated || min === null ? null : lowerBound(type, min),
    upper: leaf.repeated || max === null ? null : upperBound(type, max),
  };
}

/** The primitive fields by the key of their statistics: quoted names joined by dots, such as `"tags"."element"`. */
function leavesByStatsKey(schema: TableSchema): Map<string, PlacedField> {
  const leaves = new Map<string, PlacedField>();
  for (const place of allFields(schema.fields)) {
    if (typeof place.field.type === 'string') leaves.set(place.path.map(quoteIdentifier).join('.'), place);
  }
  return leaves;
}

function countOf(
  text: string | null | undefined,
  seen: { readonly uri: string; readonly what: string },
): number {
  const count = /^\d+$/.test(text ?? '') ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(count))
    throw unusable(seen.uri, `${seen.what} is ${text ?? 'absent'}, not a count`);
  return count;
}

function unusable(uri: string, what: string): InvariantError {
  return new InvariantError({
    code: ERROR_CODES.data_file_stats_unusable,
    message: `The statistics of the data file ${uri} are not usable: ${what}.`,
    next: 'Run the batch again; if it happens again, report it with this message.',
    facts: { uri },
  });
}
