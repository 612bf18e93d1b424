import type { FixedInterval } from '../row-source.ts';
import type { Session } from './dialect.ts';
import type { Bound, SafeBound, UnknownBound } from './safe-bound.ts';
import type { Cursor, Selection } from './selection.ts';

/** Counts what a selection holds and how far it goes, in the snapshot that its rows are read in. */
export async function fixInterval(
  session: Session,
  {
    selection,
    cursor,
    bound,
    unbounded,
  }: {
    selection: Selection;
    cursor: Cursor | null;
    bound: Bound | null;
    unbounded: SafeBound | null;
  },
): Promise<FixedInterval> {
  const { from, where, ordered, held, endsEarly } = selection;
  if (cursor === null) {
    const [[rows] = []] = await session.rows(`SELECT count(*) FROM ${from}`);
    return { rows: Number(rows), unordered: 0, through: null, census: null };
  }
  const [[rows, unordered] = []] = await session.rows(
    `SELECT count(*), ${countOf(cursor.unordered)} FROM ${from} WHERE ${where}`,
  );
  const [[through] = []] = await session.rows(
    `SELECT ${cursor.form.expression} FROM ${from} WHERE ${ordered} ORDER BY ${cursor.key} DESC LIMIT 1`,
  );
  const [[early] = []] = endsEarly === null ? [] : await session.rows(`SELECT ${countOf(endsEarly)}`);
  return {
    rows: Number(rows),
    unordered: Number(unordered),
    endsEarly: early === '1',
    through: through == null ? null : textOf(cursor.form.toJson(through)),
    census: cursor.counted ? await censusOf(session, { selection, cursor, bound }) : null,
    ...(held !== null && bound !== null && (await heldBack(session, { from, held, cursor, bound }))),
    ...(bound === null && cursor.heldBy !== null && unbounded?.kind === 'unknown' && notHeld(unbounded)),
  };
}

/** Of all rows, those of which something is so. */
function countOf(condition: string): string {
  return `count(CASE WHEN ${condition} THEN 1 END)`;
}

/** A cursor is text, a number as it is written. */
function textOf(json: string): string {
  return json.startsWith('"') ? (JSON.parse(json) as string) : json;
}

async function heldBack(
  session: Session,
  { from, held, cursor, bound }: { from: string; held: string; cursor: Cursor; bound: Bound },
): Promise<Pick<FixedInterval, 'remark'>> {
  const [[rows] = []] = await session.rows(
    `SELECT count(*) FROM ${from} WHERE ${held} AND NOT (${cursor.unordered})`,
  );
  if (Number(rows) === 0) return {};
  return { remark: `${rows} ${rows === '1' ? 'row waits' : 'rows wait'} for a later run: ${bound.because}` };
}

function notHeld({ why, next }: UnknownBound): Pick<FixedInterval, 'remark'> {
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
  }: { selection: Selection; cursor: Cursor; bound: Bound | null },
): Promise<FixedInterval['census']> {
  const upTo = bound === null ? '' : ` AND ${cursor.key} <= ${bound.at}`;
  const rows = await session.rows(
    `SELECT ${cursor.window}, count(*), ${countOf(where)} FROM ${from}
     WHERE NOT (${cursor.unordered})${upTo} GROUP BY 1 ORDER BY 1 DESC LIMIT ${WINDOWS_MAX}`,
  );
  if (rows.length === 0) return null;
  const by = (at: 1 | 2) => Object.fromEntries(rows.map((row) => [String(row[0]), Number(row[at])]));
  return { now: by(1), inside: by(2) };
}
