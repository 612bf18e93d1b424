import type { Limits } from '../../model/limits.ts';
import { inChunks } from '../in-chunks.ts';
import type { RowInterval, RowReading } from '../row-source.ts';
import type { ColumnForm } from './column-form.ts';
import type { Described, Dialect, Session } from './dialect.ts';
import { fixInterval } from './fix-interval.ts';
import { nameOfRelation, type Relation } from './relation.ts';
import { unreadableRelation } from './relation-failure.ts';
import { type Bound, boundUnknown, type SafeBound } from './safe-bound.ts';
import { type Cursor, type Selection, selectionOf } from './selection.ts';

export interface RelationRequest {
  /** References are put in: it may hold a password. */
  readonly url: string;
  readonly relation: Relation;
  readonly interval: RowInterval | null;
  /** Whether what policies of the database hide from this account is meant to be left out. Default: no. */
  readonly acceptsHidden?: boolean;
  readonly limits: Pick<Limits, 'chunkBytes' | 'lineBytesMax' | 'databaseLockMs' | 'databaseTotalMs'>;
  readonly signal: AbortSignal;
}

/**
 * Opens a table, a view or a query read-only, and fixes the interval inside the one snapshot that its rows are read in. One
 * statement brings them in the order of (cursor, key) as fast as they are taken, so memory does not grow with the table.
 * @throws RelationFailure
 */
export async function openRelation<Own extends Session, Form extends ColumnForm>(
  dialect: Dialect<Own, Form>,
  request: RelationRequest,
): Promise<RowReading> {
  const { interval, limits, signal, relation, acceptsHidden = false } = request;
  const session = await dialect.connect(request);
  try {
    const clock = interval?.clock ?? null;
    // Before the snapshot: see there.
    const started =
      interval === null || clock === 'application' ? null : await dialect.transactionStart(session);
    await dialect.beginSnapshot(session, { ...limits, acceptsHidden });
    const described = await dialect.describe(session, relation);
    const cursor = interval === null ? null : cursorOf(dialect, { described, interval, relation });
    const bound = interval === null ? null : await boundOf(dialect, { session, cursor, started, interval });
    const selection = selectionOf(described, { cursor, interval, bound });
    const hidden = acceptsHidden && (await dialect.hidesRows?.(session, described.from));
    const fixed = await fixInterval(session, { selection, cursor, bound, unbounded: started });
    return {
      interval: hidden ? { ...fixed, remark: withHidden(fixed.remark) } : fixed,
      chunks: () =>
        inChunks(
          linesOf(dialect, { session, selection, rows: fixed.rows, limits, signal }),
          limits.chunkBytes,
        ),
      [Symbol.asyncDispose]: async () => await session[Symbol.asyncDispose](),
    };
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

/** Nobody can count what a policy hides. */
function withHidden(remark: string | undefined): string {
  const hidden = 'row-level security applies: rows that it hides from this role are not read';
  return remark === undefined ? hidden : `${hidden}; ${remark}`;
}

function cursorOf(
  dialect: Pick<Dialect, 'cursorColumn' | 'quote'>,
  {
    described: { forms, from },
    interval,
    relation,
  }: { described: Described; interval: RowInterval; relation: Relation },
): Cursor {
  const { field, order, clock = null } = interval;
  const form = forms.find(({ name }) => name === field);
  if (form === undefined) {
    const known = forms.map(({ name }) => name).join(', ');
    throw unreadableRelation(
      `${nameOfRelation(relation, from)} has no column ${field}, its cursor; it has ${known}`,
      'Mend the cursor field of the manifest, or the query in tidemark.yaml, then: tidemark check',
    );
  }
  return { ...dialect.cursorColumn({ form, quoted: dialect.quote(field), kind: order.kind, clock }), form };
}

/** Null: nothing is held back, for nothing has to be, or because what comes late is found by counts. */
async function boundOf<Own extends Session>(
  { transactionId }: Pick<Dialect<Own>, 'transactionId'>,
  {
    session,
    cursor,
    started,
    interval,
  }: { session: Own; cursor: Cursor | null; started: SafeBound | null; interval: RowInterval },
): Promise<Bound | null> {
  if (cursor === null || cursor.heldBy === null) return null;
  if (cursor.heldBy === 'transaction start') {
    if (started?.kind === 'bound') return started;
    if (started !== null && !cursor.counted) throw boundUnknown(started);
    return null;
  }
  const { startAt, order } = interval;
  const start = startAt === null ? null : order.keyOf(startAt);
  const of = { startAt: typeof start === 'bigint' ? start : null, type: cursor.form.type };
  return transactionId === null ? null : await transactionId(session, of);
}

async function* linesOf<Own extends Session, Form extends ColumnForm>(
  dialect: Pick<Dialect<Own, Form>, 'lines' | 'failureOf'>,
  {
    session,
    selection: { from, forms, where, orderBy },
    rows,
    limits,
    signal,
  }: {
    session: Own;
    selection: Selection<Form>;
    rows: number;
    limits: RelationRequest['limits'];
    signal: AbortSignal;
  },
): AsyncGenerator<readonly string[]> {
  signal.throwIfAborted();
  const { place } = session;
  const columns = forms.map(({ expression }) => expression).join(', ');
  const select = `SELECT ${columns} FROM ${from} WHERE ${where} ORDER BY ${orderBy}`;
  let count = 0;
  try {
    const asked = { select, forms, rowBytesMax: limits.lineBytesMax, signal };
    for await (const lines of dialect.lines(session, asked)) {
      count += lines.length;
      yield lines;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw dialect.failureOf(error, { place });
  }
  // It was counted in the same snapshot: fewer rows are a stream that was cut and did not say so.
  if (count !== rows)
    throw dialect.failureOf(new Error(`terminated after ${count} of ${rows} rows`), { place });
}
