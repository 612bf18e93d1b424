import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isMultipleOf } from './exact-multiple.ts';

test('an amount in cents is a multiple of a cent, whatever the amount', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1_000_000_00, max: 1_000_000_00 }), (cents) => {
      assert.equal(isMultipleOf(Number(`${cents}e-2`), 0.01), true);
      assert.equal(isMultipleOf(Number(`${cents}5e-3`), 0.01), false);
    }),
  );
});

test('whole numbers divide as they do', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1 }), (value, divisor) => {
      assert.equal(isMultipleOf(value, divisor), value % divisor === 0);
    }),
  );
});

test('extreme numbers divide as well', () => {
  assert.equal(isMultipleOf(1e308, 0.5), true);
  assert.equal(isMultipleOf(1e308, 0.123456789), false);
  assert.equal(isMultipleOf(5e-324, 0), false);
  assert.equal(isMultipleOf(1e-7, 1e-8), true);
  assert.equal(isMultipleOf(Number.POSITIVE_INFINITY, 1), false);
});
