import type { RowInterval } from '../row-source.ts';
import type { ColumnForm } from './column-form.ts';
import type { CursorColumn } from './cursor-column.ts';
import type { Described } from './dialect.ts';
import { unreadableRelation } from './relation-failure.ts';

/** The column that a reading is ordered by. */
export interface Cursor extends CursorColumn {
  readonly form: ColumnForm;
}

/** Which rows a reading is of, in SQL. */
export interface Selection<Form extends ColumnForm = ColumnForm> {
  readonly from: string;
  readonly forms: readonly Form[];
  /** Rows that are read. */
  readonly where: string;
  /** Those of them that have a place in the order: a range of its index, and nothing beside it. */
  readonly ordered: string;
  /** Rows that would be, were they not held back; null where none can be. */
  readonly held: string | null;
  /** Whether the declared end is not finished yet; null where nothing is held back from it. */
  readonly endsEarly: string | null;
  readonly orderBy: string;
}

/** @throws RelationFailure where a declared bound has no place in the order. */
export function selectionOf<Form extends ColumnForm>(
  { from, forms, tie }: Described<Form>,
  {
    cursor,
    interval,
    bound,
  }: { cursor: Cursor | null; interval: RowInterval | null; bound: { readonly at: string } | null },
): Selection<Form> {
  if (cursor === null || interval === null)
    return { from, forms, where: 'true', ordered: 'false', held: null, endsEarly: null, orderBy: tie };
  const inside: string[] = [];
  let end: string | null = null;
  for (const [text, test] of [
    [interval.startAt, '>='],
    [interval.endBefore, '<'],
  ] as const) {
    if (text === null) continue;
    const key = interval.order.keyOf(text);
    if (key === null)
      throw unreadableRelation(
        `the bound ${text} is not ${interval.order.of}`,
        'Mend the selection window of the manifest, then: tidemark check',
      );
    const literal = cursor.literal(key);
    inside.push(`${cursor.key} ${test} ${literal}`);
    if (test === '<') end = literal;
  }
  const read = bound === null ? inside : [...inside, `${cursor.key} <= ${bound.at}`];
  const ordered = [...read, `NOT (${cursor.unordered})`].join(' AND ');
  return {
    from,
    forms,
    // What has no place in the order is in no interval, and must not be lost for it.
    where: read.length === 0 ? 'true' : `(${read.join(' AND ')}) OR ${cursor.unordered}`,
    ordered,
    held: bound === null ? null : [...inside, `${cursor.key} > ${bound.at}`].join(' AND '),
    endsEarly: bound === null || end === null ? null : `${end} > ${bound.at}`,
    orderBy: `${cursor.key}, ${tie}`,
  };
}
