import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { type ExactValue, toPlainJson } from '../model/exact-number.ts';
import type { JsonValue } from '../model/json.ts';
import { parseRecord } from './parse-record.ts';
import { readStrictJson } from './strict-json.ts';

const DEPTH_MAX = 6;

/** JSON texts that lean on the edges: keys that repeat in disguise, numbers no double holds, halves of surrogates. */
const jsonText = fc.letrec<{ value: string; object: string }>((tie) => {
  const space = fc.constantFrom('', '', '', ' ', '\t', '\r', '  ');
  const character = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom('a', 'b', '0', ':', '{', '[', ',', 'é', '中', '😀') },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        '\\"',
        '\\\\',
        '\\/',
        '\\n',
        '\\u0061',
        '\\u00E9',
        '\\ud83d\\ude00',
        '\\uD83D\\uDE00',
      ),
    },
    { weight: 1, arbitrary: fc.constantFrom('\\ud83d', '\\ude00', '\\uDBFF', '\\ud7ff', '\\ue000') },
  );
  const text = fc.array(character, { maxLength: 4 }).map((parts) => `"${parts.join('')}"`);
  const key = fc.oneof(
    fc.constantFrom('"a"', '"a"', '"c"', '"\\u0061"', '"b"', '"1"', '"__proto__"', '"constructor"', '""'),
    text,
  );
  const digits = (maxLength: number) =>
    fc.array(fc.constantFrom(...'0123456789'), { minLength: 1, maxLength }).map((list) => list.join(''));
  const number = fc
    .record({
      sign: fc.constantFrom('', '-'),
      integer: digits(20).map((all) => all.replace(/^0+(?=\d)/, '')),
      fraction: fc.oneof(
        fc.constant(''),
        digits(22).map((all) => `.${all}`),
      ),
      exponent: fc.oneof(
        fc.constant(''),
        fc.tuple(fc.constantFrom('e', 'E', 'e+', 'e-'), digits(3)).map((pair) => pair.join('')),
      ),
    })
    .map(({ sign, integer, fraction, exponent }) => sign + integer + fraction + exponent);
  const member = fc
    .tuple(space, key, space, space, tie('value'), space)
    .map(([a, name, b, c, value, d]) => `${a}${name}${b}:${c}${value}${d}`);
  const object = fc.array(member, { maxLength: 4 }).map((members) => `{${members.join(',')}}`);
  const array = fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`);
  const scalar = fc.oneof(
    text,
    number,
    fc.constantFrom('null', 'true', 'false', '0', '-0', '1', '1.5', '12345'),
  );
  return { object, value: fc.oneof({ maxDepth: 7 }, scalar, object, array) };
});

/** One character taken out, put in or put in place of another: mostly no JSON any more. */
const damage = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  take: fc.nat({ max: 2 }),
  put: fc.oneof(fc.constant(''), fc.constantFrom(...'{}[],:"\\0129.eE+-tn \t\u0000\ufeff')),
});

const line = fc
  .tuple(fc.oneof(jsonText.object, jsonText.value), fc.option(damage, { nil: null, freq: 2 }))
  .map(([text, hurt]) => {
    if (hurt === null) return text;
    const at = Math.floor(hurt.at * text.length);
    return Buffer.from(text.slice(0, at) + hurt.put + text.slice(at + hurt.take)).toString();
  });

function jsonParse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

/** JSON.parse is no witness here: V8 may give the key another's name (nodejs/node#63785). */
function escapesAKey(text: string): boolean {
  const strings = text.matchAll(/"(?:[^"\\]|\\.)*"\s*(:?)/g);
  return [...strings].some(([string, colon]) => colon === ':' && string.includes('\\'));
}

it('the strict reader takes for JSON what JSON.parse takes for JSON, and nothing else', () => {
  fc.assert(
    fc.property(line, (text) => {
      const reading = readStrictJson(text, DEPTH_MAX);
      const parsed = jsonParse(text);
      if (reading.kind === 'value') {
        assert.ok(parsed !== undefined, text);
        if (!escapesAKey(text)) assert.deepStrictEqual(toPlainJson(reading.value), parsed);
      } else if (reading.violation.rule === 'malformed_json') {
        assert.equal(parsed, undefined, `${text}: ${JSON.stringify(reading.violation)}`);
      }
    }),
    { numRuns: 4000 },
  );
});

it('a record is the same value or the same rejection whether or not it took the fast way', () => {
  let fast = 0;
  fc.assert(
    fc.property(line, (text) => {
      const parsed = parseRecord(Buffer.from(text), { recordDepthMax: DEPTH_MAX });
      const reading = readStrictJson(text, DEPTH_MAX);
      if (reading.kind === 'violation') {
        assert.deepStrictEqual(parsed, { kind: 'rejected', violation: reading.violation });
      } else if (parsed.kind === 'record') {
        assert.deepStrictEqual<ExactValue>(parsed.value, reading.value);
        assert.deepStrictEqual(parsed.plain, toPlainJson(reading.value));
        if (parsed.value === parsed.plain && text.includes(':')) fast += 1;
      } else {
        assert.equal(parsed.violation.rule, 'not_an_object');
      }
    }),
    { numRuns: 8000 },
  );
  assert.ok(fast > 200, `the fast way was tried on ${fast} records`);
});
