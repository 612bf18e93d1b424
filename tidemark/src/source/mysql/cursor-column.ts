import type { CursorColumn, CursorRules, WantedCursor } from '../relation/cursor-column.ts';
import type { MysqlForm } from './column-form.ts';

const INTEGERS = /^(tiny|small|medium|big)?int( unsigned)?$/;
const EXACT_IN_DOUBLE = /^(tinyint|smallint|mediumint|int)( unsigned)?$/;
/** Of longer ones the server sorts by their first kilobyte alone. */
const TEXT_LENGTH_MAX = 256;

export const CURSORS: CursorRules = {
  ordered,
  advice: {
    instant: 'a date-time is ordered by timestamp; a datetime has no zone: declare a string for it',
    integer:
      'whole numbers are ordered by tinyint to bigint; of a decimal a query can make one: CAST(… AS SIGNED)',
    number: 'numbers are ordered by double and tinyint to int; of others a query can make one: … * 1e0',
    text: `text is ordered by date, datetime, and char and varchar of at most ${TEXT_LENGTH_MAX} characters; declare format: date-time for timestamp, integer for numbers`,
  },
  clockType: 'timestamp',
  transactions: {
    types: new Set(),
    advice: 'cursor_clock: transaction is for PostgreSQL; a row of MySQL has no id of its transaction',
  },
};

function ordered({ form, quoted, kind }: WantedCursor): CursorColumn | null {
  const { type } = form;
  const plain = { key: quoted, unordered: `${quoted} IS NULL`, window: null, heldBy: null, counted: false };
  const days = {
    ...plain,
    // Dates that are none come before.
    unordered: `${quoted} IS NULL OR ${quoted} < '0001-01-01'`,
    window: `DATE(${quoted})`,
    counted: true,
  };
  if (kind === 'instant' && type === 'timestamp')
    return {
      ...days,
      unordered: `${quoted} IS NULL OR ${quoted} < '1970-01-01 00:00:01'`,
      heldBy: 'transaction start',
      literal: instantLiteral,
    };
  if (kind === 'integer' && INTEGERS.test(type))
    return {
      ...plain,
      window: `CAST(FLOOR(${quoted} / 1000) AS DECIMAL(65, 0)) * 1000`,
      counted: true,
      literal: String,
    };
  if (kind === 'number' && (type === 'double' || EXACT_IN_DOUBLE.test(type)))
    return { ...plain, literal: doubleLiteral };
  if (kind !== 'text') return null;
  if (type === 'date') return { ...days, literal: (key) => `DATE'${literalText(key)}'` };
  // It sorts as it reads, but has no zone, so nobody can say when it was.
  if (type === 'datetime') return { ...days, literal: (key) => `'${literalText(key)}'` };
  const { length } = form as MysqlForm;
  if ((type !== 'char' && type !== 'varchar') || length > TEXT_LENGTH_MAX) return null;
  return { ...plain, key: `CAST(CONVERT(${quoted} USING utf8mb4) AS BINARY)`, literal: textBytes };
}

/** As keys of instants are written, `2026-03-05 23:59:58.123456+00`, in the zone that the session is in. */
function instantLiteral(key: string | number | bigint): string {
  return `TIMESTAMP'${literalText(key).replace(/\+00$/, '').replace(/Z$/, '').replace('T', ' ')}'`;
}

/** With an exponent, without which it would be a DECIMAL. */
function doubleLiteral(key: string | number | bigint): string {
  const text = String(key);
  return text.includes('e') ? text : `${text}e0`;
}

function textBytes(key: string | number | bigint): string {
  return `x'${Buffer.from(String(key)).toString('hex')}'`;
}

/** Of a date, in which there is nothing to quote; else it is the bytes of text that is no date. */
function literalText(key: string | number | bigint): string {
  return String(key).replaceAll(/[^\w .:+-]/g, '');
}
