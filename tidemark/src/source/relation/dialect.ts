import type { Limits } from '../../model/limits.ts';
import type { ColumnForm } from './column-form.ts';
import type { CursorColumn, WantedCursor } from './cursor-column.ts';
import type { Relation } from './relation.ts';
import type { Bound, SafeBound } from './safe-bound.ts';

/** A relation as the server has it. */
export interface Described<Form extends ColumnForm = ColumnForm> {
  /** As it stands behind FROM. */
  readonly from: string;
  /** In the order of their names' code units. */
  readonly forms: readonly Form[];
  /** What decides between rows whose cursors are equal: the same rows come in the same order. */
  readonly tie: string;
}

/** One connection. It is cut when the signal is given, and then what waits for it fails. */
export interface Session extends AsyncDisposable {
  /** For messages: without a password. */
  readonly place: string;
  /** Rows as lists of text. @throws RelationFailure */
  rows(sql: string): Promise<(string | null)[][]>;
}

/** What a kind of database has of its own; all else of reading one is in `read-relation.ts`. */
export interface Dialect<Own extends Session = Session, Form extends ColumnForm = ColumnForm> {
  /** @throws RelationFailure */
  connect(to: { readonly url: string; readonly signal: AbortSignal }): Promise<Own>;
  /** Product and version, for people. */
  versionOf(session: Own): Promise<string>;
  /**
   * The time below which every transaction has ended that could still write a value of its own clock. Asked before the
   * snapshot is taken: a transaction that the snapshot does not see was open then, or began later.
   */
  transactionStart(session: Own): Promise<SafeBound>;
  /** The id below which every transaction has ended, of the snapshot that is read; null where rows cannot have one. */
  readonly transactionId:
    | ((session: Own, of: { readonly startAt: bigint | null; readonly type: string }) => Promise<Bound>)
    | null;
  /** One moment of the database, in which all that follows is read, whatever the settings of the account. */
  beginSnapshot(
    session: Own,
    settings: Pick<Limits, 'databaseLockMs' | 'databaseTotalMs'> & {
      /** Else a reading that policies leave rows out of fails, where the database can tell. */
      readonly acceptsHidden: boolean;
    },
  ): Promise<void>;
  /** Whether policies may hide rows of a relation from this account; null where a database has none. Asked if that is accepted. */
  readonly hidesRows: ((session: Own, from: string) => Promise<boolean>) | null;
  /** @throws RelationFailure */
  describe(session: Own, relation: Relation): Promise<Described<Form>>;
  quote(name: string): string;
  /** @throws RelationFailure */
  cursorColumn(wanted: WantedCursor): CursorColumn;
  /** The rows of a SELECT of `forms` as JSON lines, some at once, as fast as they are taken. */
  lines(
    session: Own,
    asked: {
      readonly select: string;
      readonly forms: readonly Form[];
      readonly rowBytesMax: number;
      readonly signal: AbortSignal;
    },
  ): AsyncIterable<readonly string[]>;
  /** What the driver threw, as what to do; anything else as it is. */
  failureOf(error: unknown, where: { readonly place: string }): unknown;
}
