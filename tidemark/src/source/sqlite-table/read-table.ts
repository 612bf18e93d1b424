import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setImmediate as turn } from 'node:timers/promises';
import { windowOf } from '../../progress/census.ts';
import type { FixedInterval, RowInterval, RowReading } from '../row-source.ts';
import { type Cell, CellRefused, rowLine, sortColumns, type TableColumn } from './row-line.ts';
import type { TableLocation } from './table-location.ts';

/** Why a table cannot be read: it, a column or a value is not what was declared, or the database is not to be had. */
export class TableUnreadable extends Error {
  /** What the system would call it, such as `EBUSY`. */
  readonly errno: string | undefined;

  constructor(message: string, errno?: string) {
    super(message);
    this.errno = errno;
  }
}

/**
 * Rows between two looks at the abort signal. `node:sqlite` blocks its thread: a thousand rows take a few milliseconds.
 * The first step of an interval also sorts it, a million rows in about two seconds, on disk where they are many.
 */
const ROWS_PER_STEP = 1000;

/**
 * Opens a table read-only and fixes the interval inside the read transaction that its rows are read in. One statement
 * brings them in the order of (key, row), so memory does not grow with the table, and no page can miss a tie.
 * Keys are made by the caller's order, not by SQLite's: text in several zones or precisions does not sort as it reads.
 * That costs a pass over the table, about a second a million rows.
 * @throws TableUnreadable
 */
export function openTable({
  path,
  location,
  interval,
  chunkBytes,
  signal,
}: {
  path: string;
  location: TableLocation;
  interval: RowInterval | null;
  chunkBytes: number;
  signal: AbortSignal;
}): RowReading {
  const database = attempt(() => new DatabaseSync(path, { readOnly: true }));
  try {
    return attempt(() => {
      database.exec('BEGIN');
      const columns = columnsOf(database, location);
      if (interval !== null) defineKey(database, { interval, columns, location });
      const selection = selectionOf(database, { location, columns, interval });
      const fixed = fixInterval(database, selection);
      return {
        interval: fixed,
        chunks: () => chunksOf(database, { selection, columns, chunkBytes, signal }),
        [Symbol.asyncDispose]: async () => database.close(),
      };
    });
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Windows that are counted, the last ones: more than ten years of days. */
const WINDOWS_MAX = 4000;

interface Selection {
  readonly from: string;
  readonly where: string;
  readonly orderBy: string;
  readonly cursor: string | null;
  readonly bounds: Readonly<Record<string, string | number | bigint>>;
}

function selectionOf(
  database: DatabaseSync,
  {
    location,
    columns,
    interval,
  }: { location: TableLocation; columns: readonly TableColumn[]; interval: RowInterval | null },
): Selection {
  const from = quoted(location.table);
  const tie = tieBreaker(database, { location, columns });
  if (interval === null) return { from, where: 'true', orderBy: tie, cursor: null, bounds: {} };
  const cursor = quoted(interval.field);
  const bounds: Record<string, string | number | bigint> = {};
  const inside: string[] = [];
  for (const [name, text, test] of [
    ['start', interval.startAt, '>='],
    ['end', interval.endBefore, '<'],
  ] as const) {
    if (text === null) continue;
    const key = interval.order.keyOf(text);
    if (key === null) throw new TableUnreadable(`the bound ${text} is not ${interval.order.of}`);
    bounds[name] = key;
    inside.push(`cursor_key(${cursor}) ${test} :${name}`);
  }
  // What has no place in the order is in no interval, and must not be lost for it.
  const where = inside.length === 0 ? 'true' : `cursor_key(${cursor}) IS NULL OR (${inside.join(' AND ')})`;
  return { from, where, orderBy: `cursor_key(${cursor}), ${tie}`, cursor, bounds };
}

function defineKey(
  database: DatabaseSync,
  {
    interval,
    columns,
    location,
  }: { interval: RowInterval; columns: readonly TableColumn[]; location: TableLocation },
): void {
  const { field, order } = interval;
  if (!columns.some(({ name }) => name === field)) {
    const known = columns.map(({ name }) => name).join(', ');
    throw new TableUnreadable(`table ${location.table} has no column ${field}, its cursor; it has ${known}`);
  }
  database.function('cursor_key', { deterministic: true, useBigIntArguments: true }, (value) =>
    typeof value === 'string' || typeof value === 'bigint' || typeof value === 'number'
      ? order.keyOf(value)
      : null,
  );
}

/** Of rows with equal keys: by rowid; of a view and a table without one by every column, where equal rows are alike. */
function tieBreaker(
  database: DatabaseSync,
  { location, columns }: { location: TableLocation; columns: readonly TableColumn[] },
): string {
  const kind = database
    .prepare("SELECT type, wr FROM pragma_table_list WHERE name = ? AND schema = 'main'")
    .get(location.table) as { type: string; wr: number } | undefined;
  const names = new Set(columns.map(({ name }) => name.toLowerCase()));
  const rowid = ['_rowid_', 'rowid', 'oid'].find((name) => !names.has(name));
  if (kind?.type === 'table' && kind.wr === 0 && rowid !== undefined) return rowid;
  return columns.map(({ name }) => quoted(name)).join(', ');
}

function columnsOf(database: DatabaseSync, { table, jsonColumns }: TableLocation): TableColumn[] {
  const rows = database.prepare('SELECT name, type FROM pragma_table_xinfo(?)').all(table) as {
    name: string;
    type: string;
  }[];
  if (rows.length === 0) {
    const known = database
      .prepare(
        "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name",
      )
      .all()
      .map(({ name }) => String(name));
    throw new TableUnreadable(`it has no table ${table}; it has ${known.slice(0, 12).join(', ') || 'none'}`);
  }
  const missing = jsonColumns.find((name) => !rows.some((row) => row.name === name));
  if (missing !== undefined)
    throw new TableUnreadable(`table ${table} has no column ${missing}, named by json`);
  return sortColumns(
    rows.map(({ name, type }) => ({
      name,
      json: jsonColumns.includes(name) || type.toUpperCase() === 'JSON',
      boolean: /^BOOL(EAN)?$/i.test(type),
    })),
  );
}

function fixInterval(database: DatabaseSync, { from, where, cursor, bounds }: Selection): FixedInterval {
  const key = cursor === null ? 'NULL' : `cursor_key(${cursor})`;
  // SQLite takes the bare column from the row that has the greatest key.
  const statement = bigIntegers(
    database.prepare(
      `SELECT count(*) AS rows, count(${key}) AS ordered, max(${key}), ${cursor ?? 'NULL'} AS through
       FROM ${from} WHERE ${where}`,
    ),
  );
  const row = statement.get(bounds) as { rows: bigint; ordered: bigint; through: Cell };
  const ordered = Number(row.ordered);
  return {
    rows: Number(row.rows),
    unordered: cursor === null ? 0 : Number(row.rows) - ordered,
    through: cursor === null || ordered === 0 ? null : String(row.through),
    census: cursor === null ? null : censusOf(database, { from, where, cursor, bounds }),
  };
}

/** Counts every row of the table by window: what lies behind the interval is read by nobody, and must not grow unseen. */
function censusOf(
  database: DatabaseSync,
  { from, where, cursor, bounds }: Omit<Selection, 'orderBy'>,
): FixedInterval['census'] {
  database.function('census_window', { deterministic: true, useBigIntArguments: true }, (value) =>
    windowOf(value as string | number | bigint | null),
  );
  const rows = bigIntegers(
    database.prepare(
      `SELECT census_window(cursor_key(${cursor})) AS census_window, count(*) AS now, sum(${where}) AS inside
       FROM ${from} GROUP BY 1 HAVING census_window IS NOT NULL ORDER BY 1 DESC LIMIT ${WINDOWS_MAX}`,
    ),
  ).all(bounds) as { census_window: string; now: bigint; inside: bigint }[];
  if (rows.length === 0) return null;
  const by = (key: 'now' | 'inside') =>
    Object.fromEntries(rows.map((row) => [row.census_window, Number(row[key])]));
  return { now: by('now'), inside: by('inside') };
}

async function* chunksOf(
  database: DatabaseSync,
  {
    selection: { from, where, orderBy, bounds },
    columns,
    chunkBytes,
    signal,
  }: { selection: Selection; columns: readonly TableColumn[]; chunkBytes: number; signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  signal.throwIfAborted();
  const names = columns.map(({ name }) => quoted(name)).join(', ');
  const statement = bigIntegers(
    database.prepare(`SELECT ${names} FROM ${from} WHERE ${where} ORDER BY ${orderBy}`),
  );
  const rows = attempt(() => statement.iterate(bounds));
  let lines = '';
  let count = 0;
  for (;;) {
    const next = attempt(() => rows.next());
    if (next.done) break;
    count += 1;
    lines += attempt(() => rowLine(columns, next.value as Record<string, Cell>), `row ${count} in order`);
    if (lines.length >= chunkBytes) {
      yield Buffer.from(lines);
      lines = '';
    }
    if (count % ROWS_PER_STEP === 0) {
      await turn();
      signal.throwIfAborted();
    }
  }
  if (lines !== '') yield Buffer.from(lines);
}

function bigIntegers(statement: StatementSync): StatementSync {
  statement.setReadBigInts(true);
  return statement;
}

function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

/** Result codes of SQLite after which another attempt may find it otherwise. */
const PASSING: Readonly<Record<number, string>> = { 5: 'EBUSY', 6: 'EBUSY', 10: 'EIO' };

function attempt<Result>(work: () => Result, where?: string): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof TableUnreadable) throw error;
    if (error instanceof CellRefused) throw new TableUnreadable(`${where}: ${error.message}`);
    const { errcode, message } = error as { errcode?: number; message: string };
    if (errcode === undefined) throw error;
    throw new TableUnreadable(message, PASSING[errcode & 0xff]);
  }
}
