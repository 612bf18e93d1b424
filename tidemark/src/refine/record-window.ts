import type { ColumnType, Contract, Violation } from '../contract/contract.ts';
import { copyPlainUtc, isColumnDate, readDateTime } from '../contract/date-time.ts';
import { int64Text } from '../contract/int64.ts';
import { shortenText, shortenValue } from '../contract/shorten-value.ts';
import { canonicalDecimal, canonicalJson, isExactDouble } from '../model/canonical-json.ts';
import { compareText } from '../model/compare-text.ts';
import { ExactNumber, type ExactObject, type ExactValue, toPlainJson } from '../model/exact-number.ts';
import { pointerTo } from '../model/json.ts';
import type { NullCursor } from '../model/manifest-settings.ts';
import type { ValueOrder } from '../source/row-source.ts';
import type { RecordWindow } from './refined.ts';

export type CursorReading =
  | {
      readonly kind: 'cursor';
      readonly inside: boolean;
      /** As the source wrote it (a number as its exact decimal). */
      readonly text: string;
      /** Of one type within a window: ordered by `compareKeys`. */
      readonly key: OrderKey;
    }
  /** Nothing to order the record by. */
  | { readonly kind: 'missing'; readonly violation: Violation };

export interface CursorReader {
  (record: ExactObject): CursorReading;
  /** What becomes of a record without a value to be read. */
  readonly nullCursor: NullCursor;
}

export type OrderKey = string | bigint | number;

export type WindowReading =
  | { readonly kind: 'window'; readonly readCursor: CursorReader }
  /** The declaration is at fault: the field has no order, or a bound is no value of its type. */
  | { readonly kind: 'refused'; readonly message: string };

/** How the values of one column type are ordered; null for a value that has no place in the order. */
interface Order {
  readonly of: string;
  readonly kind: ValueOrder['kind'];
  keyOf(value: ExactValue): OrderKey | null;
  /** Of a bound, which a declaration can only write as a string. */
  boundOf(text: string): OrderKey | null;
}

const INSTANTS: Order = {
  of: 'a date-time',
  kind: 'instant',
  keyOf: (value) => (typeof value === 'string' ? instantOf(value) : null),
  boundOf: (text) => (isColumnDate(text) ? `${text} 00:00:00.000000+00` : instantOf(text)),
};

const INTEGERS: Order = {
  of: 'an integer within 64 bits',
  kind: 'integer',
  keyOf: integerOf,
  boundOf: (text) => (isJsonNumber(text) ? integerOf(new ExactNumber(canonicalDecimal(text))) : null),
};

const DOUBLES: Order = {
  of: 'a number that a double holds exactly',
  kind: 'number',
  keyOf: (value) => (typeof value === 'number' ? value : null),
  boundOf: (text) => (isJsonNumber(text) && isExactDouble(text) ? Number(text) : null),
};

const TEXTS: Order = {
  of: 'a string',
  kind: 'text',
  keyOf: (value) => (typeof value === 'string' ? value : null),
  boundOf: (text) => text,
};

const ORDERS: Readonly<Record<ColumnType['kind'], Order | null>> = {
  timestamptz: INSTANTS,
  long: INTEGERS,
  double: DOUBLES,
  // YYYY-MM-DD sorts as it reads.
  date: TEXTS,
  string: TEXTS,
  boolean: null,
  json: null,
  list: null,
  struct: null,
};

/**
 * How records stand to a window: date-times by instant to the microsecond (a bound may be a plain date, which means
 * its midnight in UTC), numbers by value, other strings by their bytes in UTF-8. `startAt` is inside, `endBefore` is not.
 */
export function readWindow(window: RecordWindow, contract: Contract): WindowReading {
  const { field } = window;
  const column = contract.columns.find(({ property }) => property === field);
  if (column === undefined) {
    return { kind: 'refused', message: `The window's field ${field} is not a property of ${contract.ref}.` };
  }
  const order = ORDERS[column.type.kind];
  if (order === null) {
    const message = `The window's field ${field} of ${contract.ref} has no order: its column type is ${column.type.kind}.`;
    return { kind: 'refused', message };
  }
  const start = window.startAt === null ? null : order.boundOf(window.startAt);
  const end = window.endBefore === null ? null : order.boundOf(window.endBefore);
  for (const [text, key] of [
    [window.startAt, start],
    [window.endBefore, end],
  ]) {
    if (text !== null && key === null) {
      const message = `The window's bound ${shortenText(`"${text}"`)} is not ${order.of}, as ${field} of ${contract.ref} is.`;
      return { kind: 'refused', message };
    }
  }
  const nullCursor: NullCursor = window.nullCursor ?? 'reject';
  const read = (record: ExactObject) => readCursor(record, { field, order, start, end });
  return { kind: 'window', readCursor: Object.assign(read, { nullCursor }) };
}

/** How two bounds of a window's field are ordered: below 0 when `a` is before `b`. Equal where either is no value of it. */
export function compareBounds(of: { field: string; contract: Contract; a: string; b: string }): number {
  const column = of.contract.columns.find(({ property }) => property === of.field);
  const order = column === undefined ? null : ORDERS[column.type.kind];
  const [a, b] = [order?.boundOf(of.a) ?? null, order?.boundOf(of.b) ?? null];
  return a === null || b === null ? 0 : compareKeys(a, b);
}

/** Keys of one order. Text is ordered by its bytes in UTF-8, whatever a string's own order says. */
export function compareKeys(a: OrderKey, b: OrderKey): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

/** How a source that sorts is to compare the values of a field, as records are; null where the field has no order. */
export function orderOfField({ field, contract }: { field: string; contract: Contract }): ValueOrder | null {
  const column = contract.columns.find(({ property }) => property === field);
  const order = column === undefined ? null : ORDERS[column.type.kind];
  if (order === null) return null;
  const { of, kind } = order;
  return {
    of,
    kind,
    keyOf: (value) =>
      typeof value === 'bigint' && order === INTEGERS ? value : order.boundOf(String(value)),
  };
}

interface Bounds {
  readonly field: string;
  readonly order: Order;
  readonly start: OrderKey | null;
  readonly end: OrderKey | null;
}

function readCursor(record: ExactObject, { field, order, start, end }: Bounds): CursorReading {
  const value = Object.hasOwn(record, field) ? record[field] : undefined;
  const key = value === undefined ? null : order.keyOf(value);
  if (value === undefined || key === null) {
    const received = value === undefined ? 'nothing' : shortenValue(toPlainJson(value));
    const expected = `${order.of}, by which the window is cut`;
    return {
      kind: 'missing',
      violation: { rule: 'cursor_missing', pointer: pointerTo('', field), expected, received },
    };
  }
  const inside =
    (start === null || compareKeys(key, start) >= 0) && (end === null || compareKeys(key, end) < 0);
  return { kind: 'cursor', inside, text: typeof value === 'string' ? value : canonicalJson(value), key };
}

function instantOf(text: string): string | null {
  const plain = copyPlainUtc(text);
  if (plain !== null) return plain;
  const reading = readDateTime(text);
  return reading.kind === 'exact' ? reading.text : null;
}

function integerOf(value: ExactValue): bigint | null {
  const text = int64Text(value);
  return text === null ? null : BigInt(text);
}

function isJsonNumber(text: string): boolean {
  return /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/.test(text);
}
