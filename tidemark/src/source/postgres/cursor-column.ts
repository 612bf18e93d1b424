import pg from 'pg';
import type { CursorColumn, CursorRules, WantedCursor } from '../relation/cursor-column.ts';

const { escapeLiteral } = pg;

const TEXTS: ReadonlySet<string> = new Set('text varchar name citext uuid'.split(' '));
const INTEGERS: ReadonlySet<string> = new Set('int2 int4 int8'.split(' '));
const DOUBLES: ReadonlySet<string> = new Set('float4 float8'.split(' '));
const YEARS = ['0001-01-01', '10000-01-01'] as const;

export const CURSORS: CursorRules = {
  ordered,
  advice: {
    instant: 'a date-time is ordered by timestamptz; of a timestamp a query can make one: AT TIME ZONE',
    integer:
      'whole numbers are ordered by smallint, integer, bigint or xid8; of a numeric a query can make one: ::bigint',
    number: 'numbers are ordered by real, double precision, smallint or integer; declare integer for bigint',
    text: 'text is ordered by text, varchar, uuid, date or timestamp; declare format: date-time for timestamptz, integer for numbers',
  },
  clockType: 'timestamptz',
  transactions: {
    types: new Set(['int8', 'xid8']),
    advice: 'cursor_clock: transaction is for xid8, or bigint that holds transaction ids',
  },
};

function ordered({ form: { type }, quoted, kind }: WantedCursor): CursorColumn | null {
  const typed = (as: string) => (key: string | number | bigint) => `${escapeLiteral(String(key))}::${as}`;
  const days = (from: string, as: string) => ({
    key: quoted,
    window: `(${from})::date`,
    counted: true,
    unordered: `${quoted} IS NULL OR ${quoted} < '${YEARS[0]}'::${as} OR ${quoted} >= '${YEARS[1]}'::${as}`,
    literal: typed(as),
  });
  const plain = { key: quoted, unordered: `${quoted} IS NULL`, window: null, heldBy: null, counted: false };
  if (kind === 'instant' && type === 'timestamptz')
    return { ...days(`${quoted} AT TIME ZONE 'UTC'`, 'timestamptz'), heldBy: 'transaction start' };
  if (kind === 'integer' && type === 'xid8')
    // Ids begin at 3, and xid8 has no negative ones for a lookback to come to.
    return {
      ...plain,
      heldBy: 'transaction id',
      literal: (key) => typed('xid8')(BigInt(key) < 0n ? 0n : key),
    };
  if (kind === 'integer' && INTEGERS.has(type))
    return {
      ...plain,
      window: `floor(${quoted}::numeric / 1000) * 1000`,
      counted: true,
      literal: typed('int8'),
    };
  if (kind === 'number' && DOUBLES.has(type))
    return {
      ...plain,
      unordered: `${quoted} IS NULL OR ${quoted} IN ('NaN', 'Infinity', '-Infinity')`,
      literal: typed(type),
    };
  if (kind === 'number' && (type === 'int2' || type === 'int4'))
    return { ...plain, literal: typed('float8') };
  if (kind !== 'text') return null;
  if (type === 'date') return { ...days(quoted, 'date'), heldBy: null };
  // It sorts as it reads, but has no zone, so nobody can say when it was.
  if (type === 'timestamp') return { ...days(quoted, 'timestamp'), heldBy: null };
  if (!TEXTS.has(type)) return null;
  return { ...plain, key: `${quoted}::text COLLATE "C"`, literal: typed('text') };
}
