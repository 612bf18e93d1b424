import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { covers, verifiedThrough, type WindowResult } from './verified.ts';

const window = (
  startAt: string | null,
  endBefore: string,
  verdict: WindowResult['verdict'] = 'pass',
): WindowResult => ({ startAt, endBefore, verdict, mended: false });
const mended = (startAt: string | null, endBefore: string): WindowResult => ({
  ...window(startAt, endBefore, 'fail'),
  mended: true,
});
const through = (...results: WindowResult[]) => verifiedThrough(results).through;

describe('verified-through', () => {
  it('is the end of the passing windows that hang together from the start', () => {
    assert.equal(through(), null);
    assert.equal(through(window(null, '10')), '10');
    assert.equal(through(window(null, '10'), window('10', '20'), window('18', '30')), '30');
    assert.equal(through(window('10', '20'), window(null, '10')), '20');
  });

  it('never jumps a hole, whatever passes behind it', () => {
    assert.equal(through(window(null, '10'), window('11', '20'), window('20', '90')), '10');
    assert.equal(through(window(null, '10', 'fail'), window('10', '20')), null);
    assert.equal(through(window(null, '10', 'unknown'), window('10', '20')), null);
  });

  it('goes on from where the hole is filled', () => {
    assert.equal(through(window(null, '10'), window('11', '20'), window('10', '11')), '20');
    assert.equal(through(mended(null, '10'), window('10', '20'), window(null, '10')), '20');
  });

  it('goes back to before what fails, though another window passed over it, until that is mended', () => {
    assert.equal(through(window(null, '30'), window('10', '20', 'fail')), '10');
    assert.equal(through(window('10', '20', 'fail'), window(null, '30')), '10');
    assert.equal(through(window(null, '30'), mended('10', '20')), '30');
    assert.equal(through(window(null, '30'), window('10', '20', 'unknown')), '30');
  });

  it('compares times as times', () => {
    const night = window('2026-03-01T00:00:00+01:00', '2026-03-02T00:00:00+01:00');
    assert.equal(through(window(null, '2026-02-28T23:00:00Z'), night), '2026-03-02T00:00:00+01:00');
  });

  it('is what looking at every single place gives', () => {
    const end = 12;
    const result = fc.record({
      from: fc.integer({ min: 0, max: end }),
      length: fc.integer({ min: 0, max: 5 }),
      open: fc.boolean(),
      verdict: fc.constantFrom('pass' as const, 'pass' as const, 'fail' as const, 'unknown' as const),
      mended: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(result, { maxLength: 12 }), (drawn) => {
        const results = drawn.map(({ from, length, open, ...result }) => ({
          ...result,
          startAt: open ? null : String(from),
          endBefore: String(from + length),
        }));
        assert.equal(through(...results), placeByPlace(results));
      }),
      { numRuns: 2000 },
    );
  });
});

it('windows that passed together cover another one, or do not', () => {
  const other = window('10', '20');
  assert.equal(covers([window('5', '25')], other), true);
  assert.equal(covers([window('15', '20'), window('10', '15')], other), true);
  assert.equal(covers([window('15', '20'), window('10', '14')], other), false);
  assert.equal(covers([window('11', '30')], other), false);
  assert.equal(covers([], other), false);
  assert.equal(covers([window('10', '20')], { ...other, startAt: null }), false);
});

/** The naive reference: every whole number, and one place before all of them. */
function placeByPlace(results: readonly WindowResult[]): string | null {
  const places = Array.from({ length: 40 }, (_, at) => at - 1);
  const start = Math.min(...results.map(({ startAt }) => (startAt === null ? -1 : Number(startAt))));
  const has = (place: number, wanted: (result: WindowResult) => boolean) =>
    results.some(
      (result) =>
        (result.startAt === null ? -1 : Number(result.startAt)) <= place &&
        place < Number(result.endBefore) &&
        wanted(result),
    );
  const isProven = (place: number) =>
    has(place, ({ verdict }) => verdict === 'pass') &&
    !has(place, ({ verdict, mended: gone }) => verdict === 'fail' && !gone);
  const stop = places.find((place) => place >= start && !isProven(place)) ?? start;
  return results.length === 0 || stop === start ? null : String(stop);
}
