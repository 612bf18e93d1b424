import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { loadContracts } from '../contract/load-contracts.ts';
import { DEFAULT_LIMITS } from '../model/limits.ts';
import type { RecordWindow } from '../refine/refined.ts';
import { holesBetween } from './holes.ts';

const dir = fileURLToPath(new URL('../../../contracts/data', import.meta.url));
const shelf = await loadContracts({ dir, limits: DEFAULT_LIMITS });
const found = shelf.get('omni://contracts/data/ticket/v1');
assert.ok(found.kind === 'contract');
const { contract } = found;

const day = (number: number) => `2026-03-${String(number).padStart(2, '0')}T00:00:00Z`;
const window = (from: number | null, to: number | null): RecordWindow => ({
  field: 'created_at',
  startAt: from === null ? null : day(from),
  endBefore: to === null ? null : day(to),
});
const holes = (...windows: RecordWindow[]) =>
  holesBetween(windows, contract).map(({ from, to }) => [from, to]);

describe('windows over one field', () => {
  it('that meet or overlap leave no hole, in whatever order they came in', () => {
    assert.deepEqual(holes(window(3, 5), window(null, 3), window(4, 8)), []);
    assert.deepEqual(holes(window(1, 9), window(2, 3), window(9, null)), []);
  });

  it('leave what lies between them, and nothing before the first or after the last', () => {
    assert.deepEqual(holes(window(5, 6), window(1, 2)), [[day(2), day(5)]]);
    assert.deepEqual(holes(window(1, 2), window(4, null), window(6, 7)), [[day(2), day(4)]]);
  });

  it('are compared as instants, not as text', () => {
    const offset = { field: 'created_at', startAt: '2026-03-02T02:00:00+02:00', endBefore: day(3) };
    assert.deepEqual(holes(window(1, 2), offset), []);
  });

  it('leave exactly the days that none of them holds', () => {
    const days = fc.integer({ min: 1, max: 20 });
    const windows = fc.array(
      fc.tuple(days, days).map(([a, b]) => window(Math.min(a, b), Math.max(a, b) + 1)),
      {
        minLength: 1,
        maxLength: 6,
      },
    );
    fc.assert(
      fc.property(windows, (held) => {
        const inside = (at: number) =>
          held.some(({ startAt, endBefore }) => (startAt ?? '') <= day(at) && day(at) < (endBefore ?? ''));
        const inHole = (at: number) =>
          holesBetween(held, contract).some(({ from, to }) => from <= day(at) && day(at) < to);
        const all = Array.from({ length: 21 }, (_, at) => at + 1).filter(inside);
        for (let at = Math.min(...all); at <= Math.max(...all); at += 1)
          assert.equal(inHole(at), !inside(at), `day ${at}`);
      }),
    );
  });
});
