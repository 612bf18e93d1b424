import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalDecimal, isExactDouble } from './canonical-number.ts';

/** value = mantissa × 10^exponent with a mantissa that 10 does not divide: a second road to equality. */
function rationalOf(text: string): { mantissa: bigint; exponent: bigint } {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  assert.ok(match, text);
  const [, sign, integer, fraction = '', power = '0'] = match;
  let mantissa = BigInt(`${integer}${fraction}`);
  let exponent = BigInt(power.replace('+', '')) - BigInt(fraction.length);
  while (mantissa !== 0n && mantissa % 10n === 0n) {
    mantissa /= 10n;
    exponent += 1n;
  }
  if (mantissa === 0n) return { mantissa, exponent: 0n };
  return { mantissa: sign === '-' ? -mantissa : mantissa, exponent };
}

const digits = (maxLength: number) =>
  fc.array(fc.constantFrom(...'0123456789'), { minLength: 1, maxLength }).map((all) => all.join(''));

/** Any text that the JSON grammar calls a number. */
const numberText = fc
  .record({
    negative: fc.boolean(),
    integer: fc.oneof(
      fc.constant('0'),
      digits(30).map((all) => all.replace(/^0+/, '') || '0'),
    ),
    fraction: fc.option(digits(30), { nil: null }),
    mark: fc.constantFrom('e', 'E', 'e+', 'E+', 'e-', 'E-'),
    power: fc.option(fc.oneof(digits(2), digits(30)), { nil: null }),
  })
  .map((part) =>
    [
      part.negative ? '-' : '',
      part.integer,
      part.fraction === null ? '' : `.${part.fraction}`,
      part.power === null ? '' : part.mark + part.power,
    ].join(''),
  );

test('a number keeps its exact value in normal form', () => {
  fc.assert(
    fc.property(numberText, (text) => {
      assert.deepEqual(rationalOf(canonicalDecimal(text)), rationalOf(text));
    }),
    { numRuns: 2000 },
  );
});

test('normal form is its own normal form', () => {
  fc.assert(
    fc.property(numberText, (text) => {
      const once = canonicalDecimal(text);
      assert.equal(canonicalDecimal(once), once);
    }),
    { numRuns: 1000 },
  );
});

test('two spellings have one normal form exactly when they are one number', () => {
  const near = fc.constantFrom(
    '1',
    '1.0',
    '10e-1',
    '0.1e1',
    '1.00',
    '100E-2',
    '-1',
    '1e1',
    '10',
    '1e-1',
    '0.1',
  );
  fc.assert(
    fc.property(near, near, (a, b) => {
      const ra = rationalOf(a);
      const rb = rationalOf(b);
      const sameValue = ra.mantissa === rb.mantissa && ra.exponent === rb.exponent;
      assert.equal(canonicalDecimal(a) === canonicalDecimal(b), sameValue);
    }),
  );
  fc.assert(
    fc.property(numberText, fc.nat(40), (text, zeros) => {
      const match = /^(-?\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
      assert.ok(match);
      const [, integer, fraction = '', power = '0'] = match;
      const shifted = BigInt(power.replace('+', '')) - BigInt(zeros);
      const spelled = `${integer}${fraction}${'0'.repeat(zeros)}e${shifted - BigInt(fraction.length)}`;
      assert.equal(canonicalDecimal(spelled.replace(/^(-?)0+(?=\d)/, '$1')), canonicalDecimal(text));
    }),
    { numRuns: 1000 },
  );
});

test('a double has the text that JavaScript gives it', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      assert.equal(canonicalDecimal(JSON.stringify(value)), String(value));
      assert.equal(isExactDouble(JSON.stringify(value)), true);
    }),
    { numRuns: 2000 },
  );
});

test('a number is exact as a double exactly when the double prints it back', () => {
  fc.assert(
    fc.property(numberText, (text) => {
      assert.equal(isExactDouble(text), String(Number(text)) === canonicalDecimal(text));
    }),
    { numRuns: 2000 },
  );
});

for (const [text, canonical, exact] of [
  ['0', '0', true],
  ['-0', '0', true],
  ['-0.0', '0', true],
  ['0e999', '0', true],
  ['0.10', '0.1', true],
  ['1.0', '1', true],
  ['1E-7', '1e-7', true],
  ['0.000001', '0.000001', true],
  ['1e3', '1000', true],
  ['1e21', '1e+21', true],
  ['1e20', '100000000000000000000', true],
  ['9007199254740992', '9007199254740992', true],
  ['9007199254740993', '9007199254740993', false],
  ['1e400', '1e+400', false],
  ['1e-400', '1e-400', false],
  ['0.1000000000000000055511151231257827', '0.1000000000000000055511151231257827', false],
  ['123456789012345678901234567890', '1.2345678901234567890123456789e+29', false],
  ['1e99999999999999999999', '1e+99999999999999999999', false],
  ['10e99999999999999999999', '1e+100000000000000000000', false],
  ['10e-100000000000000000000', '1e-99999999999999999999', false],
  ['0.01e1000000000000000', '1e+999999999999998', false],
] as const) {
  test(`${text} is ${canonical}, ${exact ? 'exact' : 'not exact'} as a double`, () => {
    assert.equal(canonicalDecimal(text), canonical);
    assert.equal(isExactDouble(text), exact);
  });
}

test('an exponent of a million digits, or a mantissa of a million zeros, costs linear time and no memory', () => {
  const nines = '9'.repeat(1_000_000);
  assert.equal(canonicalDecimal(`10e${nines}`), `1e+1${'0'.repeat(1_000_000)}`);
  assert.equal(canonicalDecimal(`0.1e-1${'0'.repeat(1_000_000)}`), `1e-1${'0'.repeat(999_999)}1`);
  assert.equal(canonicalDecimal(`1${'0'.repeat(1_000_000)}1.0`).endsWith('1e+1000001'), true);
});
