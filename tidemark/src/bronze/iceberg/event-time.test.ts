import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DataFile } from './data-file.ts';
import {
  type EventTimeField,
  type EventTimeRange,
  eventTimeBounds,
  overlapsEventTime,
} from './event-time.ts';
import { exampleFile } from './example-table.fixture.ts';
import { encodeSingleValue } from './single-value.ts';

const FIELD: EventTimeField = { id: 2, type: 'timestamptz' };

/** A file whose rows have these event times. */
function fileOf(times: readonly (bigint | null)[]): DataFile {
  const { span } = rangeOf(times);
  const bound = (time: bigint | undefined) =>
    new Map(time === undefined ? [] : [[2, encodeSingleValue('timestamptz', time)]]);
  return exampleFile('f', {
    recordCount: times.length,
    valueCounts: new Map([[2, times.length]]),
    nullValueCounts: new Map([[2, times.filter((time) => time === null).length]]),
    lowerBounds: bound(span?.fromMicros),
    upperBounds: bound(span?.toMicros),
  });
}

function rangeOf(times: readonly (bigint | null)[]): EventTimeRange {
  const present = times.filter((time) => time !== null).toSorted((a, b) => (a < b ? -1 : 1));
  const span = present.length === 0 ? null : { fromMicros: present[0]!, toMicros: present.at(-1)! };
  return { span, missing: present.length < times.length };
}

test('a file that shares an event time with the incoming rows is never left out', () => {
  const times = fc.array(fc.option(fc.bigInt({ min: -20n, max: 20n })), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(times, times, (stored, incoming) => {
      const overlaps = overlapsEventTime(fileOf(stored), { field: FIELD, range: rangeOf(incoming) });
      if (stored.some((time) => incoming.includes(time))) assert.ok(overlaps);
    }),
    { numRuns: 2000 },
  );
});

test('a file apart from the range is left out; both ends count as inside', () => {
  const overlaps = (range: EventTimeRange) => overlapsEventTime(fileOf([10n, 20n]), { field: FIELD, range });
  const span = (fromMicros: bigint, toMicros: bigint) => ({ span: { fromMicros, toMicros }, missing: false });
  assert.equal(overlaps(span(1n, 9n)), false);
  assert.equal(overlaps(span(21n, 30n)), false);
  assert.equal(overlaps(span(1n, 10n)), true);
  assert.equal(overlaps(span(20n, 30n)), true);
  assert.equal(overlaps(span(12n, 13n)), true);
  assert.equal(overlaps({ span: null, missing: true }), false, 'it has no row without an event time');
});

test('rows without an event time meet only each other', () => {
  const range = { span: null, missing: true };
  assert.equal(overlapsEventTime(fileOf([1n, null]), { field: FIELD, range }), true);
  assert.equal(overlapsEventTime(fileOf([null, null]), { field: FIELD, range: rangeOf([5n]) }), false);
});

test('a file without bounds or counts has to be read', () => {
  const bare = exampleFile('bare', { valueCounts: new Map(), nullValueCounts: new Map() });
  assert.equal(overlapsEventTime(bare, { field: FIELD, range: rangeOf([5n]) }), true);
  assert.equal(overlapsEventTime(bare, { field: FIELD, range: { span: null, missing: true } }), true);
});

test('a date stands for its midnight in UTC', () => {
  const file = exampleFile('f', {
    lowerBounds: new Map([[2, encodeSingleValue('date', -1)]]),
    upperBounds: new Map([[2, encodeSingleValue('date', 1)]]),
  });
  assert.deepEqual(eventTimeBounds(file, { id: 2, type: 'date' }), {
    fromMicros: -86_400_000_000n,
    toMicros: 86_400_000_000n,
  });
});
