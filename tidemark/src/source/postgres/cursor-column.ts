import type { CursorClock } from '../../model/manifest-settings.ts';
import type { ValueOrder } from '../row-source.ts';
import type { ColumnForm } from './column-form.ts';
import { unreadableRelation } from './relation-failure.ts';

/** How the server orders the values of a cursor's column so that it agrees with the contract's order of them. */
export interface CursorColumn {
  /** What is ordered by. */
  readonly key: string;
  /** Whether a value has no place in the order. In terms that an index on the column answers. */
  readonly unordered: string;
  /** The window that a value is counted in; null where its values have none. */
  readonly window: string | null;
  /** Below what a reading has to end, so that nothing at or below its end can be written any more. */
  readonly heldBy: 'transaction start' | 'transaction id' | null;
  /** Whether rows are counted by window, so that what is written behind the cursor is found. */
  readonly counted: boolean;
  /** A key of the order, in SQL. */
  literal(key: string | number | bigint): string;
}

interface Wanted {
  readonly form: ColumnForm;
  readonly quoted: string;
  readonly kind: ValueOrder['kind'];
  readonly clock: CursorClock | null;
  escapeLiteral(text: string): string;
}

const TEXTS: ReadonlySet<string> = new Set('text varchar name citext uuid'.split(' '));
const INTEGERS: ReadonlySet<string> = new Set('int2 int4 int8'.split(' '));
const DOUBLES: ReadonlySet<string> = new Set('float4 float8'.split(' '));
const YEARS = ['0001-01-01', '10000-01-01'] as const;

/** @throws RelationFailure relation_unreadable, where the contract's order is none of the column's, or the clock none of it */
export function cursorColumn(wanted: Wanted): CursorColumn {
  const column = ordered(wanted);
  if (column === null) throw refused(wanted, ADVICE[wanted.kind]);
  const { clock, form } = wanted;
  if (clock === 'database' && column.heldBy !== 'transaction start')
    throw refused(
      wanted,
      'cursor_clock: database is for timestamptz, whose values the database’s clock can be held to',
    );
  if (clock === 'transaction' && form.type !== 'int8' && form.type !== 'xid8')
    throw refused(wanted, 'cursor_clock: transaction is for xid8, or bigint that holds transaction ids');
  if (clock === 'application') return { ...column, heldBy: null, counted: column.window !== null };
  if (clock === 'transaction') return { ...column, heldBy: 'transaction id', counted: false };
  return { ...column, counted: column.counted && clock !== 'database' };
}

function ordered({ form: { type }, quoted, kind, escapeLiteral }: Wanted): CursorColumn | null {
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

const ADVICE: Readonly<Record<ValueOrder['kind'], string>> = {
  instant: 'a date-time is ordered by timestamptz; of a timestamp a query can make one: AT TIME ZONE',
  integer:
    'whole numbers are ordered by smallint, integer, bigint or xid8; of a numeric a query can make one: ::bigint',
  number: 'numbers are ordered by real, double precision, smallint or integer; declare integer for bigint',
  text: 'text is ordered by text, varchar, uuid, date or timestamp; declare format: date-time for timestamptz, integer for numbers',
};

function refused({ form, kind }: Wanted, why: string) {
  const contract = { instant: 'a date-time', integer: 'an integer', number: 'a number', text: 'a string' }[
    kind
  ];
  return unreadableRelation(
    `column ${form.name} is ${form.type}, and its cursor ${contract} by the contract: ${why}`,
    'Mend the contract, or declare a query in tidemark.yaml that converts the column, then: tidemark check',
  );
}
