import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { judgeVolume } from './volume.ts';

const steady = [1000, 980, 1020, 1010, 990, 1005, 995, 1000];

/** Records of a batch, of the others, and what that is; null: nothing can be said. */
const TABLE: readonly (readonly [string, number, readonly number[], string | null])[] = [
  ['like the others', 1003, steady, 'usual'],
  ['half as many, which happens', 500, steady, 'usual'],
  ['a third', 333, steady, 'few'],
  ['nothing at all', 0, steady, 'few'],
  ['half as many again', 1500, steady, 'usual'],
  ['ten times as many', 10_000, steady, 'many'],
  ['too few others', 0, steady.slice(1), null],
  ['no others', 1000, [], null],
  ['a source of few records', 60, [1, 2, 3, 2, 1, 2, 3, 2], null],
  ['a source of few records that brings many', 5_000, [1, 2, 3, 2, 1, 2, 3, 2], 'many'],
  ['others that differ by themselves', 3_000, [100, 900, 2_000, 400, 1_500, 50, 1_200, 700], 'usual'],
  ['others that never differ', 1_100, Array(8).fill(1_000), 'usual'],
  ['one odd batch among the others', 1_003, [...steady, 90_000], 'usual'],
  ['a third, with one odd batch among the others', 333, [...steady, 90_000], 'few'],
];

describe('the volume of a batch', () => {
  for (const [what, records, others, wanted] of TABLE)
    it(`is ${wanted ?? 'not judged'}: ${what}`, () =>
      assert.equal(judgeVolume(records, others)?.found ?? null, wanted));

  it('that is the median of the others is never odd, and what is odd lies outside what it names', () => {
    const counts = fc.array(fc.nat(1_000_000), { minLength: 8, maxLength: 20 });
    fc.assert(
      fc.property(counts, fc.nat(2_000_000), (others, records) => {
        const verdict = judgeVolume(records, others);
        if (verdict === null) return;
        const { median, least, most, found } = verdict;
        assert.ok(least <= median && median <= most);
        assert.equal(found, records < least ? 'few' : records > most ? 'many' : 'usual');
        assert.notEqual(judgeVolume(Math.round(median), others)?.found, 'few');
      }),
    );
  });
});
