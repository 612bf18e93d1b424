import type { DataFile } from '../iceberg/data-file.ts';
import type { NestedField } from '../iceberg/schema.ts';
import { compareSingleValues, decodeSingleValue, type SingleValue } from '../iceberg/single-value.ts';

/** What metadata says of the values of one column in some files. */
interface Extent {
  /** Both ends included; null: no value at all. */
  readonly span: { readonly from: SingleValue; readonly to: SingleValue } | null;
  readonly mayBeNull: boolean;
}

type Column = Pick<NestedField, 'id' | 'type'>;

/**
 * Which files may hold a row that is equal to one of `own` in all of these columns, nulls being equal to each other. False
 * is certain, true is “has to be read”.
 */
export function mayMeet(own: readonly DataFile[], columns: readonly Column[]): (file: DataFile) => boolean {
  const extents = columns.map((column) => ({
    column,
    extent: together(own.map((file) => extentOf(file, column))),
  }));
  return (file) => extents.every(({ column, extent }) => overlap(extent, extentOf(file, column)));
}

/** Types whose bounds order as DuckDB compares their values. */
const BOUNDED: ReadonlySet<unknown> = new Set(['string', 'int', 'long', 'date', 'timestamptz']);

/** Null: nothing is known, so any value may be there. */
function extentOf(file: DataFile, { id, type }: Column): Extent | null {
  if (typeof type !== 'string' || !BOUNDED.has(type)) return null;
  const nulls = file.nullValueCounts.get(id);
  const values = file.valueCounts.get(id) ?? file.recordCount;
  if (nulls === values) return { span: null, mayBeNull: true };
  const [from, to] = [file.lowerBounds.get(id), file.upperBounds.get(id)].map((bytes) =>
    bytes === undefined ? null : decodeSingleValue(type, bytes),
  );
  return from == null || to == null ? null : { span: { from, to }, mayBeNull: nulls !== 0 };
}

function together(extents: readonly (Extent | null)[]): Extent | null {
  return extents.reduce((sum, extent) => {
    if (sum === null || extent === null) return null;
    const spans = [sum.span, extent.span].flatMap((span) => span ?? []);
    const [first, second = first] = spans;
    const span =
      first === undefined || second === undefined
        ? null
        : {
            from: compareSingleValues(first.from, second.from) <= 0 ? first.from : second.from,
            to: compareSingleValues(first.to, second.to) >= 0 ? first.to : second.to,
          };
    return { span, mayBeNull: sum.mayBeNull || extent.mayBeNull };
  }, NOTHING);
}

const NOTHING: Extent | null = { span: null, mayBeNull: false };

function overlap(a: Extent | null, b: Extent | null): boolean {
  if (a === null || b === null || (a.mayBeNull && b.mayBeNull)) return true;
  if (a.span === null || b.span === null) return false;
  return compareSingleValues(a.span.from, b.span.to) <= 0 && compareSingleValues(b.span.from, a.span.to) <= 0;
}
