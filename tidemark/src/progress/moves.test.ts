import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type MoveCause, moves, type ProgressObject } from './moves.ts';

/** For a value ahead, one behind, and the same: does it move? */
const TABLE: readonly [ProgressObject, MoveCause, 'forward' | 'historical', boolean, boolean][] = [
  ['checkpoint', 'commit', 'forward', true, true],
  ['checkpoint', 'commit', 'historical', true, true],
  ['checkpoint', 'operator', 'forward', false, false],
  ['checkpoint', 'verification', 'forward', false, false],
  ['cursor', 'commit', 'forward', true, false],
  ['cursor', 'commit', 'historical', false, false],
  ['cursor', 'operator', 'forward', true, true],
  ['cursor', 'verification', 'forward', false, false],
  ['watermark', 'commit', 'forward', true, false],
  ['watermark', 'commit', 'historical', false, false],
  ['watermark', 'operator', 'forward', true, true],
  ['watermark', 'verification', 'forward', false, false],
  ['verified', 'commit', 'forward', false, false],
  ['verified', 'commit', 'historical', false, false],
  ['verified', 'operator', 'forward', false, false],
  ['verified', 'verification', 'forward', true, true],
];

describe('what moves', () => {
  for (const [object, cause, verb, ahead, back] of TABLE) {
    const where = ahead ? (back ? 'anywhere' : 'forward') : 'never';
    it(`is the ${object} by ${cause} (${verb}): ${where}`, () => {
      const move = { object, cause, forward: verb === 'forward' };
      assert.equal(moves({ ...move, before: '5', after: '10' }), ahead);
      assert.equal(moves({ ...move, before: '10', after: '5' }), back);
      assert.equal(moves({ ...move, before: null, after: '5' }), ahead);
      assert.equal(moves({ ...move, before: '5', after: '5' }), false);
    });
  }
});
