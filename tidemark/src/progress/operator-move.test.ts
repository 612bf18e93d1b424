import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { operatorMove } from './operator-move.ts';

describe('what an operator sets', () => {
  for (const [object, before, after, kind, from, to] of [
    ['cursor', '10', '5', 'read_again', '5', '10'],
    ['cursor', '5', '10', 'never_read', '5', '10'],
    ['cursor', null, '10', 'never_read', null, '10'],
    ['watermark', '2026-03-02', '2026-03-01', 'open_again', '2026-03-01', '2026-03-02'],
    ['watermark', '2026-03-01', '2026-03-02', 'taken_as_complete', '2026-03-01', '2026-03-02'],
    ['watermark', null, '2026-03-02', 'taken_as_complete', null, '2026-03-02'],
  ] as const) {
    it(`${object} from ${before} to ${after}: ${kind}`, () => {
      const effect = { kind, from, to };
      assert.deepEqual(operatorMove({ object, before, after }), { kind: 'move', effect });
    });
  }

  for (const [before, after, why] of [
    ['10', '2026-03-01', '2026-03-01 is a time; the cursor is a whole number: 10'],
    ['2026-03-01T00:00:00Z', 'yesterday', 'yesterday is text; the cursor is a time: 2026-03-01T00:00:00Z'],
    [
      '2026-03-01T00:00:00Z',
      '2026-03-01T01:00:00+01:00',
      'the cursor is at 2026-03-01T01:00:00+01:00 already',
    ],
  ] as const) {
    it(`is refused: ${why}`, () => {
      assert.deepEqual(operatorMove({ object: 'cursor', before, after }), { kind: 'refused', why });
    });
  }
});
