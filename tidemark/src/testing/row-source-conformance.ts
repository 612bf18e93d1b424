import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isDate, readInstant, writeInstant } from '../progress/instant.ts';
import type { RowInterval, RowReading, ValueOrder } from '../source/row-source.ts';

export interface SampleRow {
  readonly id: number;
  /** The ordered column. */
  readonly at: string | bigint | null;
}

/** What the ordered column holds, for adapters whose columns have types. */
export type OrderedKind = 'integer' | 'date' | 'instant' | 'text';

/** A source of its own, with a table of `id` and `at`, that others may write to while it is read. */
export interface StartedRows extends AsyncDisposable {
  /** Durable, and seen by readings that are opened later, when it returns. */
  insert(rows: readonly SampleRow[]): Promise<void>;
  open(wanted: {
    interval: RowInterval | null;
    chunkBytes: number;
    signal: AbortSignal;
  }): Promise<RowReading>;
}

const ORDERS: Readonly<Record<OrderedKind, ValueOrder>> = {
  integer: {
    of: 'a whole number',
    kind: 'integer',
    keyOf: (value) => (/^-?\d+$/.test(String(value)) ? BigInt(value) : null),
  },
  date: { of: 'a date', kind: 'text', keyOf: (value) => (isDate(String(value)) ? String(value) : null) },
  instant: {
    of: 'a date-time',
    kind: 'instant',
    keyOf: (value) => {
      const ns = readInstant(String(value));
      return ns === null ? null : writeInstant(ns);
    },
  },
  text: { of: 'a text', kind: 'text', keyOf: String },
};

/** What every adapter of the row-source port has to hold; its own test calls this once. */
export function describeRowSource(name: string, start: (kind: OrderedKind) => Promise<StartedRows>): void {
  describe(`${name}, as a source of rows`, () => {
    it('brings what lies from the start, closed, to the end, open, ties on both bounds included', async () => {
      const read = await readOnce('integer', [10n, 20n, 20n, 30n, 40n, 40n], { from: '20', before: '40' });
      assert.deepEqual(read.ids, [2, 3, 4]);
      assert.deepEqual([read.interval.rows, read.interval.through], [3, '30']);
    });

    it('brings a row that came later with the value reading begins at', async () => {
      await using source = await started('integer', [10n, 20n]);
      const first = await readAll(source, 'integer');
      await source.insert([{ id: 9, at: 20n }]);
      const next = await readAll(source, 'integer', { from: first.interval.through });
      assert.deepEqual(next.ids.toSorted(), [2, 9]);
    });

    it('fixes the interval before the first row: what is written meanwhile waits for the next reading', async () => {
      await using source = await started('integer', [10n, 20n, 30n]);
      const late = [15n, 30n, 99n, null].map((at, index) => ({ id: 50 + index, at }));
      {
        await using reading = await opened(source, 'integer', { chunkBytes: 1 });
        await source.insert(late.slice(0, 2));
        const rows: number[] = [];
        for await (const chunk of reading.chunks()) {
          if (rows.length === 0) await source.insert(late.slice(2));
          rows.push(...idsOf(chunk));
        }
        assert.deepEqual(rows, [1, 2, 3]);
        assert.deepEqual([reading.interval.rows, reading.interval.through], [3, '30']);
      }
      const next = await readAll(source, 'integer', { from: '30' });
      assert.deepEqual(
        next.ids.toSorted(),
        [3, 51, 52, 53],
        'the one written behind, 15, is no forward run’s',
      );
    });

    it('brings rows that have no place in the order with every reading, and counts them', async () => {
      const read = await readOnce('integer', [10n, null, 30n, null], { from: '30' });
      assert.deepEqual(read.ids.toSorted(), [2, 3, 4]);
      assert.deepEqual([read.interval.rows, read.interval.unordered, read.interval.through], [3, 2, '30']);
    });

    it('has no bound where no row has a value', async () => {
      const none = await readOnce('integer', []);
      assert.deepEqual([none.ids, none.interval.rows, none.interval.through], [[], 0, null]);
      const nulls = await readOnce('integer', [null]);
      assert.deepEqual([nulls.ids, nulls.interval.rows, nulls.interval.through], [[1], 1, null]);
      const ahead = await readOnce('integer', [10n], { from: '11' });
      assert.deepEqual([ahead.ids, ahead.interval.through], [[], null]);
    });

    it('gives the same bytes for the same rows, however they are cut', async () => {
      await using source = await started('integer', [30n, 10n, 20n, 20n, null]);
      const [whole, again, cut] = [
        await readAll(source, 'integer'),
        await readAll(source, 'integer'),
        await readAll(source, 'integer', { chunkBytes: 1 }),
      ];
      assert.equal(again.text, whole.text);
      assert.equal(cut.text, whole.text);
      assert.equal(cut.chunks.length, 5);
    });

    it('gives pieces no longer than asked for and one row more', async () => {
      const values = Array.from({ length: 3000 }, (_, index) => BigInt(index));
      const { chunks, text, ids } = await readOnce('integer', values, { chunkBytes: 1000 });
      const longestLine = Math.max(...text.split('\n').map((line) => line.length + 1));
      assert.ok(Math.max(...chunks) <= 1000 + longestLine, `a piece of ${Math.max(...chunks)} bytes`);
      assert.equal(ids.length, 3000);
    });

    it('is closed early without harm, and stops when it is told to', async () => {
      await using source = await started('integer', [10n, 20n, 30n]);
      {
        await using reading = await opened(source, 'integer', { chunkBytes: 1 });
        for await (const _ of reading.chunks()) break;
      }
      await source.insert([{ id: 9, at: 40n }]);
      assert.deepEqual((await readAll(source, 'integer')).ids, [1, 2, 3, 9]);
      await assert.rejects(readAll(source, 'integer', { signal: AbortSignal.abort() }), {
        name: 'AbortError',
      });
    });

    it('keeps every digit of whole numbers beyond 2^53, in the rows, the order and the bounds', async () => {
      const values = [9007199254740993n, 9007199254740992n, 9223372036854775807n];
      const read = await readOnce('integer', values, { from: '9007199254740993' });
      assert.deepEqual(read.ids, [1, 3]);
      assert.match(read.text, /"at":9007199254740993,.*\n.*"at":9223372036854775807,/);
      assert.equal(read.interval.through, '9223372036854775807');
    });

    it('orders dates by day', async () => {
      const read = await readOnce('date', ['2026-03-02', '2025-12-31', '2026-03-01'], { from: '2026-03-01' });
      assert.deepEqual([read.ids, read.interval.through], [[3, 1], '2026-03-02']);
    });

    it('orders date-times by the instant, whatever zone they are written in', async () => {
      const values = ['2026-03-01T10:00:00+02:00', '2026-03-01T09:00:00Z', '2026-03-01T04:30:00-05:00'];
      const read = await readOnce('instant', values);
      assert.deepEqual(read.ids, [1, 2, 3]);
      const later = await readOnce('instant', values, { from: '2026-03-01T11:00:00+02:00' });
      assert.deepEqual(later.ids, [2, 3]);
    });

    it('orders text by its bytes in UTF-8, capitals and astral characters included', async () => {
      const read = await readOnce('text', ['\u{1f600}', '\uff5a', 'a', 'B', 'é']);
      assert.deepEqual([read.ids, read.interval.through], [[4, 3, 5, 2, 1], '\u{1f600}']);
    });
  });

  interface Wanted {
    readonly from?: string | null;
    readonly before?: string;
    readonly chunkBytes?: number;
    readonly signal?: AbortSignal;
  }

  /** Ids count from 1 in the order of the values. */
  async function started(kind: OrderedKind, values: readonly SampleRow['at'][]): Promise<StartedRows> {
    const source = await start(kind);
    await source.insert(values.map((at, index) => ({ id: index + 1, at })));
    return source;
  }

  function opened(source: StartedRows, kind: OrderedKind, wanted: Wanted): Promise<RowReading> {
    const { from = null, before = null, chunkBytes = 65_536, signal = new AbortController().signal } = wanted;
    const interval = { field: 'at', order: ORDERS[kind], startAt: from, endBefore: before };
    return source.open({ interval, chunkBytes, signal });
  }

  async function readAll(source: StartedRows, kind: OrderedKind, wanted: Wanted = {}) {
    await using reading = await opened(source, kind, wanted);
    const pieces = await Array.fromAsync(reading.chunks());
    const bytes = Buffer.concat(pieces);
    const { interval } = reading;
    return {
      interval,
      text: bytes.toString(),
      ids: idsOf(bytes),
      chunks: pieces.map(({ length }) => length),
    };
  }

  async function readOnce(kind: OrderedKind, values: readonly SampleRow['at'][], wanted: Wanted = {}) {
    await using source = await started(kind, values);
    return readAll(source, kind, wanted);
  }
}

function idsOf(chunk: Uint8Array): number[] {
  const lines = Buffer.from(chunk).toString().split('\n').slice(0, -1);
  return lines.map((line) => (JSON.parse(line) as { id: number }).id);
}
