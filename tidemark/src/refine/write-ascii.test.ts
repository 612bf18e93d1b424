import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { writeAscii, writeDecimal } from './write-ascii.ts';

test('whole numbers are written as they print, up to the greatest that a double counts to', () => {
  const edges = [0, 9, 10, 99, 1e8, 1e9 - 1, 1e9, 1e9 + 7, 2 ** 31, 2 ** 32, 1e15, Number.MAX_SAFE_INTEGER];
  const numbers = fc.oneof(fc.constantFrom(...edges), fc.maxSafeNat(), fc.nat());
  fc.assert(
    fc.property(numbers, fc.nat(5), (value, from) => {
      const to = Buffer.alloc(30, '.');
      const end = writeDecimal(value, to, from);
      assert.equal(to.toString('latin1', from, end), String(value));
      assert.equal(to[end], 0x2e);
    }),
  );
});

test('a short text is written behind what is there', () => {
  const to = Buffer.from('<......>');
  assert.equal(writeAscii('0af9', to, 1), 5);
  assert.equal(to.toString('latin1'), '<0af9..>');
});
