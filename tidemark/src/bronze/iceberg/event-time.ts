import type { DataFile } from './data-file.ts';
import { decodeSingleValue } from './single-value.ts';

const MICROS_PER_DAY = 86_400_000_000n;

/** The event-time column of a table. */
export interface EventTimeField {
  readonly id: number;
  readonly type: 'timestamptz' | 'date';
}

/** Times in a set of rows, in microseconds from 1970-01-01T00:00:00Z; both ends included. */
export interface EventTimeRange {
  /** Null: no row has an event time. */
  readonly span: { readonly fromMicros: bigint; readonly toMicros: bigint } | null;
  /** Some row has no event time. */
  readonly missing: boolean;
}

/** What a file's bounds say of its event times; a null end is unknown. A date stands for its midnight in UTC. */
export function eventTimeBounds(
  file: DataFile,
  field: EventTimeField,
): { readonly fromMicros: bigint | null; readonly toMicros: bigint | null } {
  return {
    fromMicros: micros(field, file.lowerBounds.get(field.id)),
    toMicros: micros(field, file.upperBounds.get(field.id)),
  };
}

/**
 * Whether a row of the file may share its event time with a row of the range; rows without one share it with each other.
 * False is certain, true is “has to be read”.
 */
export function overlapsEventTime(
  file: DataFile,
  { field, range }: { readonly field: EventTimeField; readonly range: EventTimeRange },
): boolean {
  const nulls = file.nullValueCounts.get(field.id);
  const values = file.valueCounts.get(field.id) ?? file.recordCount;
  if (range.missing && nulls !== 0) return true;
  if (range.span === null || nulls === values) return false;
  const { fromMicros, toMicros } = eventTimeBounds(file, field);
  const startsInTime = fromMicros === null || fromMicros <= range.span.toMicros;
  const endsInTime = toMicros === null || toMicros >= range.span.fromMicros;
  return startsInTime && endsInTime;
}

function micros(field: EventTimeField, bytes: Uint8Array | undefined): bigint | null {
  const value = bytes === undefined ? null : decodeSingleValue(field.type, bytes);
  if (typeof value === 'number') return BigInt(value) * MICROS_PER_DAY;
  return typeof value === 'bigint' ? value : null;
}
