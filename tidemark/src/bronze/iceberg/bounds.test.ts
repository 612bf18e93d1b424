import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lowerBound, STRING_BOUND_CODE_POINTS, truncatedUpperBound, upperBound } from './bounds.ts';
import { compareSingleValues, decodeSingleValue, encodeSingleValue } from './single-value.ts';

const hex = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString('hex'));

test('numbers are little-endian in the width of their type', () => {
  assert.equal(hex(lowerBound('long', '1')), '0100000000000000');
  assert.equal(hex(lowerBound('long', '-2')), 'feffffffffffffff');
  assert.equal(hex(upperBound('long', '9223372036854775807')), 'ffffffffffffff7f');
  assert.equal(hex(lowerBound('int', '258')), '02010000');
  assert.equal(hex(lowerBound('double', '1.5')), '000000000000f83f');
  assert.equal(hex(lowerBound('date', '1970-01-02')), '01000000');
  assert.equal(hex(lowerBound('date', '1969-12-31')), 'ffffffff');
  assert.equal(hex(lowerBound('timestamptz', '1970-01-01 00:00:00.000258+00')), '0201000000000000');
  assert.equal(hex(lowerBound('boolean', '0')), '00');
  assert.equal(hex(upperBound('boolean', '1')), '01');
  assert.equal(hex(lowerBound('string', 'é')), 'c3a9');
});

test('a zero is -0.0 below and +0.0 above, whatever DuckDB printed', () => {
  for (const text of ['0.0', '-0.0']) {
    assert.equal(hex(lowerBound('double', text)), '0000000000000080');
    assert.equal(hex(upperBound('double', text)), '0000000000000000');
  }
});

test('infinite doubles are bounds, infinite times and NaN are not', () => {
  assert.equal(hex(lowerBound('double', '-inf')), '000000000000f0ff');
  assert.equal(hex(upperBound('double', 'inf')), '000000000000f07f');
  assert.equal(upperBound('double', 'nan'), null);
  assert.equal(upperBound('timestamptz', 'infinity'), null);
  assert.equal(lowerBound('date', '-infinity'), null);
  assert.equal(
    lowerBound('uuid', '6ba7b810-9dad-11d1-80b4-00c04fd430c8'),
    null,
    'no bound of a type we do not write',
  );
});

test('a string of at most 16 code points is its own bound, emoji counted as one', () => {
  const text = '😀'.repeat(STRING_BOUND_CODE_POINTS);
  assert.equal(truncatedUpperBound(text), text);
  assert.equal(Buffer.from(lowerBound('string', text)!).toString(), text);
});

test('a cut upper bound is bumped past every string with that beginning', () => {
  assert.equal(truncatedUpperBound('abcdefghijklmnopq'), 'abcdefghijklmnoq');
  assert.equal(truncatedUpperBound(`${'😀'.repeat(16)}x`), `${'😀'.repeat(15)}😁`);
  assert.equal(
    truncatedUpperBound(`${'a'.repeat(15)}\uD7FFx`),
    `${'a'.repeat(15)}\uE000`,
    'surrogates are skipped',
  );
  assert.equal(
    truncatedUpperBound(`${'a'.repeat(14)}b\u{10FFFF}x`),
    `${'a'.repeat(14)}c`,
    'the last code point has no next',
  );
  assert.equal(truncatedUpperBound('\u{10FFFF}'.repeat(17)), null, 'nothing can be bumped: no bound');
  assert.equal(upperBound('string', '\u{10FFFF}'.repeat(17)), null);
});

test('a string lies between its bounds in byte order, always', () => {
  const points = fc.oneof(
    fc.constantFrom('a', 'z', '\u007f', '\ud7ff', '\ue000', '\uffff', '😀', '\u{10FFFF}'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  );
  fc.assert(
    fc.property(fc.array(points, { maxLength: 24 }), (parts) => {
      const text = parts.join('');
      const bytes = Buffer.from(text);
      assert.ok(Buffer.compare(lowerBound('string', text)!, bytes) <= 0);
      const upper = upperBound('string', text);
      if (upper === null) assert.match(text, /^\u{10FFFF}{16}/u);
      else assert.ok(Buffer.compare(upper, bytes) >= 0);
    }),
    { numRuns: 2000 },
  );
});

test('values survive their binary form, and keep their order', () => {
  const longs = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const generators = {
    boolean: fc.boolean(),
    int: fc.integer(),
    date: fc.integer(),
    long: longs,
    timestamptz: longs,
    double: fc.double({ noNaN: true }),
    float: fc.float({ noNaN: true }),
    string: fc.string({ unit: 'binary' }),
    binary: fc.uint8Array(),
  };
  for (const [type, values] of Object.entries(generators)) {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const [left, right] = [
          decodeSingleValue(type, encodeSingleValue(type, a))!,
          decodeSingleValue(type, encodeSingleValue(type, b))!,
        ];
        assert.deepEqual(left, a);
        assert.equal(compareSingleValues(left, right), compareSingleValues(a, b));
      }),
      { numRuns: 200 },
    );
  }
});

test('bounds of a column that another engine promoted are still read, bytes of the wrong length are not', () => {
  assert.equal(decodeSingleValue('long', Uint8Array.of(0xff, 0xff, 0xff, 0xff)), -1n);
  assert.equal(decodeSingleValue('double', encodeSingleValue('float', 0.5)), 0.5);
  assert.equal(decodeSingleValue('timestamptz', new Uint8Array(4)), null);
  assert.equal(decodeSingleValue('boolean', new Uint8Array(0)), null);
});

test('a decimal partition bound is the shortest two’s complement form', () => {
  const fixed = (...bytes: number[]) => hex(encodeSingleValue('decimal(9,2)', Uint8Array.from(bytes)));
  assert.equal(fixed(0, 0, 0, 1), '01');
  assert.equal(fixed(0, 0, 0, 0x80), '0080');
  assert.equal(fixed(0xff, 0xff, 0xff, 0xff), 'ff');
  assert.equal(fixed(0xff, 0xff, 0x7f, 0xff), 'ff7fff');
  assert.equal(fixed(0, 0, 0, 0), '00');
});
