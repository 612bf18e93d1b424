import type { CursorClock } from '../model/manifest-settings.ts';
import type { Census } from '../progress/census.ts';

/**
 * The port of sources that are rows with an ordered column: a table of a database, an API that sorts.
 *
 * An interval is fixed before the first row is read, start closed, and everything in it is delivered:
 * 1. `startAt` is where the reader begins: the stored cursor less the declared lookback. It is closed, so rows that share
 *    the cursor's value and came after it was stored are not skipped; those known already are duplicates.
 * 2. `through` is a safe bound: a value such that no row at or below it can appear in what this reading sees after the
 *    bound was taken. SQLite gives one for nothing: inside a read transaction nothing changes, so the greatest value
 *    there is safe, ties included. Elsewhere it is safe only if it is taken from the same snapshot that is read, or if it
 *    lies below the oldest transaction that may still commit a row (PostgreSQL: `pg_snapshot_xmin`), or below the
 *    database's own clock by more than its writers ever wait. "Now" by the reader's clock, or a greatest value taken in
 *    another transaction than the rows, is not safe.
 * 3. What is written behind `startAt` later is not read by any forward run. Comparing counts with the source finds it.
 *
 * An adapter passes `describeRowSource` (testing/row-source-conformance.ts), which holds it to this with writers at work.
 */
export interface RowReading extends AsyncDisposable {
  readonly interval: FixedInterval;
  /** Canonical JSON lines in the order of the rows, in pieces of bounded size; the same rows give the same bytes. */
  chunks(): AsyncIterable<Uint8Array>;
}

/**
 * A source of a user's own: a module that `tidemark.yaml` names under `sources`, or an object given to `openTidemark`.
 * A manifest names it as `module:<name>?<parameters>`.
 */
export interface RowSource {
  /**
   * Fixes the interval and opens it. What it throws, here or while rows are read, is told as it stands and ends the attempt;
   * with a `code` of the system that may pass, such as `EAGAIN` or `ETIMEDOUT`, it is opened anew, a bounded number of times.
   */
  open(asked: RowRequest): Promise<RowReading>;
}

export interface RowRequest {
  /** What stands behind the `?` of the location. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Null: all of it, in an order that is the same as long as the rows are. */
  readonly interval: RowInterval | null;
  /** Pieces are to be no longer than this and one row more. */
  readonly chunkBytes: number;
  readonly signal: AbortSignal;
}

/** How the values of the ordered column are compared. A key is compared as the source compares it. */
export interface ValueOrder {
  /** What a value has to be, such as `a date-time`. */
  readonly of: string;
  /** Which order it is, for a source that compares by its own types. */
  readonly kind: 'instant' | 'integer' | 'number' | 'text';
  /** Null: the value has no place in the order. Text sorts by its bytes in UTF-8. */
  keyOf(value: string | number | bigint): string | number | bigint | null;
}

/** What of a source is wanted. Keys are those of `order`; null: from the beginning, to the newest. */
export interface RowInterval {
  readonly field: string;
  readonly order: ValueOrder;
  readonly startAt: string | null;
  /** Exclusive. */
  readonly endBefore: string | null;
  /** Who gives the values of the field; null or absent: nobody said. */
  readonly clock?: CursorClock | null;
}

/** The interval as it was fixed. */
export interface FixedInterval {
  readonly rows: number;
  /** Rows among them that have no place in the order; they come with every reading. */
  readonly unordered: number;
  /** The greatest value in it as the source writes it, inclusive; null where no row has one. */
  readonly through: string | null;
  /** Rows by window: of the whole source, and of the interval; null where its values have no windows. */
  readonly census: { readonly now: Census; readonly inside: Census } | null;
  /** It ends before the declared end of what is wanted, which is not finished: no cursor may stand there. */
  readonly endsEarly?: boolean;
  /** What a person should know of how far it goes. */
  readonly remark?: string;
}
