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

export interface WantedCursor {
  readonly form: ColumnForm;
  readonly quoted: string;
  readonly kind: ValueOrder['kind'];
  readonly clock: CursorClock | null;
}

/** Which columns of a kind of database can be a cursor, and what is said of the others. */
export interface CursorRules {
  /** Null: its values have no order that agrees with the contract's. */
  ordered(wanted: WantedCursor): CursorColumn | null;
  readonly advice: Readonly<Record<ValueOrder['kind'], string>>;
  /** The type whose values the database's clock gives. */
  readonly clockType: string;
  /** Types that hold ids of transactions, and what is said of others. */
  readonly transactions: { readonly types: ReadonlySet<string>; readonly advice: string };
}

/** @throws RelationFailure relation_unreadable, where the contract's order is none of the column's, or the clock none of it */
export function cursorColumn(rules: CursorRules, wanted: WantedCursor): CursorColumn {
  const column = rules.ordered(wanted);
  if (column === null) throw refused(wanted, rules.advice[wanted.kind]);
  const { clock, form } = wanted;
  if (clock === 'database' && column.heldBy !== 'transaction start')
    throw refused(
      wanted,
      `cursor_clock: database is for ${rules.clockType}, whose values the database’s clock can be held to`,
    );
  if (clock === 'transaction' && !rules.transactions.types.has(form.type))
    throw refused(wanted, rules.transactions.advice);
  if (clock === 'application') return { ...column, heldBy: null, counted: column.window !== null };
  if (clock === 'transaction') return { ...column, heldBy: 'transaction id', counted: false };
  return { ...column, counted: column.counted && clock !== 'database' };
}

function refused({ form, kind }: WantedCursor, why: string) {
  const contract = { instant: 'a date-time', integer: 'an integer', number: 'a number', text: 'a string' }[
    kind
  ];
  return unreadableRelation(
    `column ${form.name} is ${form.type}, and its cursor ${contract} by the contract: ${why}`,
    'Mend the contract, or declare a query in tidemark.yaml that converts the column, then: tidemark check',
  );
}
