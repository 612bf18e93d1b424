// A source of one's own: bookings that another program appends to a file, one JSON object a line, read from the cursor on.
// tidemark.yaml:   sources: { bookings: ./own-source.ts }
// A manifest:      source: "module:bookings?file=data/bookings.log"
// In an installed project the import reads: import { … } from 'tidemark';
import { readFile } from 'node:fs/promises';
import { compareText, jsonLines, type RowInterval, type RowSource } from '../tidemark/src/index.ts';

type Booking = Readonly<Record<string, unknown>>;
type Key = string | number | bigint;

const bookings: RowSource = {
  async open({ parameters, interval, chunkBytes, signal }) {
    const { file } = parameters;
    if (file === undefined) throw new Error('name the file, as in module:bookings?file=data/bookings.log');
    // The whole file, as it is now: what is appended meanwhile is not in it, so its greatest value is a safe bound.
    const rows = (await readFile(file, { encoding: 'utf8', signal }))
      .split('\n')
      .filter((line) => line !== '')
      .map(parse);
    const chosen = interval === null ? rows : within(rows, interval);
    const last = interval === null ? undefined : chosen.findLast((row) => keyOf(row, interval) !== null);
    return {
      interval: {
        rows: chosen.length,
        unordered: interval === null ? 0 : chosen.filter((row) => keyOf(row, interval) === null).length,
        through: interval === null || last === undefined ? null : String(last[interval.field]),
        census: null,
      },
      chunks: () => jsonLines(chosen, { chunkBytes, signal }),
      [Symbol.asyncDispose]: async () => undefined,
    };
  },
};
export default bookings;

/** Rows from the start, closed, to the end, open, in their order; what has no place in it comes with every reading. */
function within(rows: readonly Booking[], interval: RowInterval): Booking[] {
  const [start, end] = [interval.startAt, interval.endBefore].map((text) =>
    text === null ? null : interval.order.keyOf(text),
  );
  const isInside = (key: Key) =>
    (start == null || compare(key, start) >= 0) && (end == null || compare(key, end) < 0);
  return rows
    .map((row) => ({ row, key: keyOf(row, interval) }))
    .filter(({ key }) => key === null || isInside(key))
    .sort((a, b) => (a.key === null || b.key === null ? rank(a.key) - rank(b.key) : compare(a.key, b.key)))
    .map(({ row }) => row);
}

function keyOf(row: Booking, { field, order }: RowInterval): Key | null {
  const value = row[field];
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint'
    ? order.keyOf(value)
    : null;
}

function compare(a: Key, b: Key): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

const rank = (key: Key | null): number => (key === null ? 0 : 1);

/** Whole numbers beyond 2^53 keep every digit. */
function parse(line: string): Booking {
  return JSON.parse(line, (_key: string, value: unknown, context?: { readonly source?: string }) =>
    Number.isInteger(value) && !Number.isSafeInteger(value) ? BigInt(context?.source ?? '') : value,
  );
}
