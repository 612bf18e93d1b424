import { addAbortSignal } from 'node:stream';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { Limits } from '../../model/limits.ts';
import type { FixedInterval, RowInterval, RowReading } from '../row-source.ts';
import type { ColumnForm } from './column-form.ts';
import { jsonLines } from './copy-rows.ts';
import { type CursorColumn, cursorColumn } from './cursor-column.ts';
import { type Described, describeRelation, quoted, type Relation } from './describe-relation.ts';
import { relationFailure, unreadableRelation } from './relation-failure.ts';
import { boundUnknown, type SafeBound, transactionId, transactionStart } from './safe-bound.ts';
import { beginSnapshot, connect, type Session } from './session.ts';

export interface RelationRequest {
  /** References are put in: it may hold a password. */
  readonly url: string;
  readonly relation: Relation;
  readonly interval: RowInterval | null;
  readonly limits: Pick<Limits, 'chunkBytes' | 'lineBytesMax' | 'databaseLockMs' | 'databaseTotalMs'>;
  readonly signal: AbortSignal;
}

/**
 * Opens a table, a view or a query read-only, and fixes the interval inside the one snapshot that its rows are read in. One
 * `COPY` brings them in the order of (cursor, key) as fast as they are taken, so memory does not grow with the table.
 * @throws RelationFailure
 */
export async function openRelation(request: RelationRequest): Promise<RowReading> {
  const { interval, limits, signal, relation } = request;
  const session = await connect(request);
  try {
    const clock = interval?.clock ?? null;
    // Before the snapshot: see there.
    const started = interval === null || clock === 'application' ? null : await transactionStart(session);
    await beginSnapshot(session, limits);
    const described = await describeRelation(session, relation);
    const cursor = interval === null ? null : cursorOf(described, { interval, relation });
    const bound = interval === null ? null : await boundOf(session, { cursor, started, interval });
    const selection = selectionOf(described, { cursor, interval, bound });
    const fixed = await fixInterval(session, { selection, cursor, bound, unbounded: started });
    return {
      interval: fixed,
      chunks: () => chunksOf(session, { selection, rows: fixed.rows, limits, signal }),
      [Symbol.asyncDispose]: async () => await session[Symbol.asyncDispose](),
    };
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

interface Cursor extends CursorColumn {
  readonly form: ColumnForm;
}

function cursorOf(
  { forms, from }: Described,
  { interval, relation }: { interval: RowInterval; relation: Relation },
): Cursor {
  const { field, order, clock = null } = interval;
  const form = forms.find(({ name }) => name === field);
  if (form === undefined) {
    const known = forms.map(({ name }) => name).join(', ');
    const what = relation.kind === 'query' ? `query ${relation.name}` : `table ${from}`;
    throw unreadableRelation(
      `${what} has no column ${field}, its cursor; it has ${known}`,
      'Mend the cursor field of the manifest, or the query in tidemark.yaml, then: tidemark check',
    );
  }
  const { escapeLiteral } = pg;
  return { ...cursorColumn({ form, quoted: quoted(field), kind: order.kind, clock, escapeLiteral }), form };
}

/** Null: nothing is held back, for nothing has to be, or because what comes late is found by counts. */
async function boundOf(
  session: Session,
  { cursor, started, interval }: { cursor: Cursor | null; started: SafeBound | null; interval: RowInterval },
): Promise<Extract<SafeBound, { kind: 'bound' }> | null> {
  if (cursor === null || cursor.heldBy === null) return null;
  if (cursor.heldBy === 'transaction start') {
    if (started?.kind === 'bound') return started;
    if (started !== null && !cursor.counted) throw boundUnknown(started);
    return null;
  }
  const { startAt, order } = interval;
  const start = startAt === null ? null : order.keyOf(startAt);
  const bound = await transactionId(session, typeof start === 'bigint' ? start : null);
  const as = cursor.form.type;
  return bound.kind === 'bound' ? { ...bound, at: `${bound.at}::${as}` } : null;
}

interface Selection {
  readonly from: string;
  readonly forms: readonly ColumnForm[];
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

function selectionOf(
  { from, forms, tie }: Described,
  {
    cursor,
    interval,
    bound,
  }: { cursor: Cursor | null; interval: RowInterval | null; bound: { readonly at: string } | null },
): Selection {
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

async function fixInterval(
  session: Session,
  {
    selection,
    cursor,
    bound,
    unbounded,
  }: {
    selection: Selection;
    cursor: Cursor | null;
    bound: Extract<SafeBound, { kind: 'bound' }> | null;
    unbounded: SafeBound | null;
  },
): Promise<FixedInterval> {
  const { from, where, ordered, held, endsEarly } = selection;
  if (cursor === null) {
    const [[rows] = []] = await session.rows(`SELECT count(*) FROM ${from}`);
    return { rows: Number(rows), unordered: 0, through: null, census: null };
  }
  const [[rows, unordered] = []] = await session.rows(
    `SELECT count(*), count(*) FILTER (WHERE ${cursor.unordered}) FROM ${from} WHERE ${where}`,
  );
  const [[through] = []] = await session.rows(
    `SELECT ${cursor.form.expression}::text FROM ${from} WHERE ${ordered} ORDER BY ${cursor.key} DESC LIMIT 1`,
  );
  const [[early] = []] = endsEarly === null ? [] : await session.rows(`SELECT ${endsEarly}`);
  return {
    rows: Number(rows),
    unordered: Number(unordered),
    endsEarly: early === 't',
    through: through == null ? null : textOf(cursor.form.toJson(through)),
    census: cursor.counted ? await censusOf(session, { selection, cursor, bound }) : null,
    ...(held !== null && bound !== null && (await heldBack(session, { from, held, cursor, bound }))),
    ...(bound === null && cursor.heldBy !== null && unbounded?.kind === 'unknown' && notHeld(unbounded)),
  };
}

/** A cursor is text, a number as it is written. */
function textOf(json: string): string {
  return json.startsWith('"') ? (JSON.parse(json) as string) : json;
}

async function heldBack(
  session: Session,
  { from, held, cursor, bound }: { from: string; held: string; cursor: Cursor; bound: { because: string } },
): Promise<Pick<FixedInterval, 'remark'>> {
  const [[rows] = []] = await session.rows(
    `SELECT count(*) FROM ${from} WHERE ${held} AND NOT (${cursor.unordered})`,
  );
  if (Number(rows) === 0) return {};
  return { remark: `${rows} ${rows === '1' ? 'row waits' : 'rows wait'} for a later run: ${bound.because}` };
}

function notHeld({ why, next }: Extract<SafeBound, { kind: 'unknown' }>): Pick<FixedInterval, 'remark'> {
  return { remark: `read to its newest row, what is written late is found by counts: ${why} (${next})` };
}

/** Windows that are counted, the last ones: more than ten years of days. */
const WINDOWS_MAX = 4000;

/** Every row by window, as far as this reading may go: what lies behind it must not grow unseen. */
async function censusOf(
  session: Session,
  {
    selection: { from, where },
    cursor,
    bound,
  }: { selection: Selection; cursor: Cursor; bound: { readonly at: string } | null },
): Promise<FixedInterval['census']> {
  const upTo = bound === null ? '' : ` AND ${cursor.key} <= ${bound.at}`;
  const rows = await session.rows(
    `SELECT ${cursor.window}, count(*), count(*) FILTER (WHERE ${where}) FROM ${from}
     WHERE NOT (${cursor.unordered})${upTo} GROUP BY 1 ORDER BY 1 DESC LIMIT ${WINDOWS_MAX}`,
  );
  if (rows.length === 0) return null;
  const by = (at: 1 | 2) => Object.fromEntries(rows.map((row) => [String(row[0]), Number(row[at])]));
  return { now: by(1), inside: by(2) };
}

async function* chunksOf(
  { client, place }: Session,
  {
    selection: { from, forms, where, orderBy },
    rows,
    limits,
    signal,
  }: { selection: Selection; rows: number; limits: RelationRequest['limits']; signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  signal.throwIfAborted();
  const columns = forms.map(({ expression }) => expression).join(', ');
  const text = `COPY (SELECT ${columns} FROM ${from} WHERE ${where} ORDER BY ${orderBy}) TO STDOUT`;
  const copy = addAbortSignal(signal, client.query(copyTo(text)));
  let lines = '';
  let count = 0;
  try {
    // Escapes of COPY at most double a row.
    for await (const line of jsonLines(copy, { forms, rowBytesMax: 2 * limits.lineBytesMax })) {
      count += 1;
      lines += line;
      if (lines.length < limits.chunkBytes) continue;
      yield Buffer.from(lines);
      lines = '';
    }
  } catch (error) {
    signal.throwIfAborted();
    throw relationFailure(error, { place });
  }
  // It was counted in the same snapshot: fewer rows are a stream that was cut and did not say so.
  if (count !== rows)
    throw relationFailure(new Error(`terminated after ${count} of ${rows} rows`), { place });
  if (lines !== '') yield Buffer.from(lines);
}
