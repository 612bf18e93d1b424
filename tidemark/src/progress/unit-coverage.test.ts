import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { coverageOf } from './unit-coverage.ts';

const at = (text: string) => Date.parse(text);
const nothing = { recordWindow: null, eventTime: null, cursor: null, watermark: null };
const events = {
  eventTime: { min: '2026-03-01 10:00:00.000000+00', max: '2026-03-02 08:30:00.250900+00' },
  watermark: { field: 'created_at', value: '2026-03-02 08:30:00.250900+00' },
};

describe('the time that a unit covers', () => {
  it('is its declared window, records or none', () => {
    const recordWindow = {
      field: 'updated_at',
      startAt: '2026-03-01',
      endBefore: '2026-03-03T00:00:00+02:00',
    };
    assert.deepEqual(coverageOf({ ...nothing, recordWindow }), {
      field: 'updated_at',
      fromMs: at('2026-03-01T00:00:00Z'),
      toMs: at('2026-03-02T22:00:00Z'),
    });
  });

  it('of a window without an end is closed by the cursor, which it holds', () => {
    const recordWindow = { field: 'updated_at', startAt: '2026-03-01T00:00:00Z', endBefore: null };
    const cursor = { field: 'updated_at', value: '2026-03-04T12:00:00Z' };
    assert.equal(coverageOf({ ...nothing, recordWindow, cursor })?.toMs, at('2026-03-04T12:00:00Z') + 1);
    // Nothing was seen, so nothing is covered.
    assert.equal(coverageOf({ ...nothing, recordWindow }), null);
  });

  it('of a whole file is from its earliest event to its latest', () => {
    assert.deepEqual(coverageOf({ ...nothing, ...events }), {
      field: 'created_at',
      fromMs: at('2026-03-01T10:00:00Z'),
      toMs: at('2026-03-02T08:30:00.250Z') + 1,
    });
  });

  it('is none where its cursor is no time, and where it has no event time', () => {
    const recordWindow = { field: 'sequence', startAt: '100', endBefore: '200' };
    assert.equal(coverageOf({ ...nothing, recordWindow }), null);
    assert.equal(coverageOf(nothing), null);
  });
});
