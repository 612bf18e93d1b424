import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareProgress, formOf, isAhead } from './advance.ts';

describe('a value of progress', () => {
  for (const [lower, higher, how] of [
    ['9', '10', 'integers by value, not by digits'],
    ['9007199254740992', '9007199254740993', 'integers beyond 2^53 exactly'],
    ['-10', '-9', 'negative integers'],
    ['2026-03-01T10:00:00+02:00', '2026-03-01T09:00:00Z', 'instants by time, whatever their offset'],
    [
      '2026-03-01 09:00:00.000001+00',
      '2026-03-01T09:00:00.000002Z',
      'instants to the microsecond, in either form',
    ],
    ['2026-03-01', '2026-03-02', 'dates'],
    ['2026-03-02', '2026-03-01T23:00:00-05:00', 'a date as its midnight in UTC'],
    ['1960-01-01T00:00:00Z', '1970-01-01T00:00:00Z', 'instants before 1970'],
    ['a-9', 'b-1', 'other text by code unit'],
  ] as const) {
    it(`is ordered: ${how}`, () => {
      assert.equal(compareProgress(lower, higher), -1);
      assert.equal(compareProgress(higher, lower), 1);
      assert.equal(isAhead(higher, lower), true);
      assert.equal(isAhead(lower, higher), false);
    });
  }

  it('is not ahead of itself, and ahead of nothing at all', () => {
    assert.equal(isAhead('2026-03-01T10:00:00Z', '2026-03-01T12:00:00+02:00'), false);
    assert.equal(isAhead('1', null), true);
  });

  it('has a form that tells how it is ordered', () => {
    const forms = {
      '-12': 'integer',
      '2026-03-01': 'instant',
      '2026-03-01T00:00:00Z': 'instant',
      'T-1': 'text',
    };
    for (const [value, form] of Object.entries(forms)) assert.equal(formOf(value), form);
  });
});
