import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalDecimal, canonicalJson, isExactDouble, quoteJson } from './canonical-json.ts';
import { ExactNumber, type ExactValue } from './exact-number.ts';

const wellFormed = fc.string({ unit: 'binary' });
const plain = fc.jsonValue({ stringUnit: 'binary' });

function numberOf(text: string): ExactValue {
  return isExactDouble(text) ? Number(text) : new ExactNumber(canonicalDecimal(text));
}

/** The same value with the members of every object in another order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, item]) => [name, reversed(item)]),
  );
}

test('the canonical form parses back to the same value', () => {
  fc.assert(
    fc.property(plain, (value) => {
      assert.deepEqual(JSON.parse(canonicalJson(value as ExactValue)), JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('the order in which members were written does not matter', () => {
  fc.assert(
    fc.property(plain, (value) => {
      assert.equal(canonicalJson(reversed(value) as ExactValue), canonicalJson(value as ExactValue));
    }),
  );
});

test('different values have different canonical forms', () => {
  fc.assert(
    fc.property(plain, plain, (a, b) => {
      let equal = true;
      try {
        assert.deepStrictEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)));
      } catch {
        equal = false;
      }
      assert.equal(canonicalJson(a as ExactValue) === canonicalJson(b as ExactValue), equal);
    }),
  );
});

test('plain values in sorted order look as JSON.stringify writes them', () => {
  const sorted = fc
    .dictionary(wellFormed, fc.oneof(fc.string(), fc.integer(), fc.boolean()), { noNullPrototype: true })
    .filter((object) => !Object.keys(object).some((name) => /^\d/.test(name)))
    .map((object) => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1))));
  fc.assert(fc.property(sorted, (object) => assert.equal(canonicalJson(object), JSON.stringify(object))));
});

test('strings are escaped as JSON.stringify escapes them, short or long', () => {
  fc.assert(
    fc.property(wellFormed, fc.nat(3), (text, times) => {
      const longer = text.repeat(times * 8 + 1);
      assert.equal(quoteJson(longer), JSON.stringify(longer));
    }),
  );
});

test('members are ordered by UTF-16 code units, as in the example of RFC 8785', () => {
  const names = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6'];
  const object = Object.fromEntries(names.map((name) => [name, 0]));
  const expected = ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\ud83d\ude00', '\ufb33'];
  assert.deepEqual(
    [...canonicalJson(object).matchAll(/("(?:[^"\\]|\\.)*"):/g)].map((match) =>
      JSON.parse(match[1] as string),
    ),
    expected,
  );
});

test('the shape of one record does not leak into the next', () => {
  assert.equal(canonicalJson({ b: 1, a: 2 }), '{"a":2,"b":1}');
  assert.equal(canonicalJson({ b: 1, a: 3, c: 4 }), '{"a":3,"b":1,"c":4}');
  assert.equal(canonicalJson({ a: 1, b: { d: 1, c: 2 } }), '{"a":1,"b":{"c":2,"d":1}}');
  assert.equal(canonicalJson({}), '{}');
});

test('1.0, 1 and 10e-1 are one number, and 9007199254740993 stays what it is', () => {
  const values = ['1.0', '1', '10e-1'].map((text) => canonicalJson({ n: numberOf(text) }));
  assert.deepEqual(values, ['{"n":1}', '{"n":1}', '{"n":1}']);
  assert.equal(
    canonicalJson([numberOf('9007199254740993'), -0, numberOf('1e400')]),
    '[9007199254740993,0,1e+400]',
  );
});

test('left-out members are left out at the top only', () => {
  const omit = new Set(['source_id', 'ingest_batch_id']);
  const record = { source_id: 's', ticket: { source_id: 'inner' }, ingest_batch_id: 'b', a: null };
  assert.equal(canonicalJson(record, omit), '{"a":null,"ticket":{"source_id":"inner"}}');
  assert.equal(canonicalJson({ source_id: 's' }, omit), '{}');
});

test('a member named __proto__ is a member like any other', () => {
  assert.equal(canonicalJson(JSON.parse('{"b":1,"__proto__":{"x":2}}')), '{"__proto__":{"x":2},"b":1}');
});
