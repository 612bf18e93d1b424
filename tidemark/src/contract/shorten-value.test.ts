import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonValue } from '../model/json.ts';
import { SHORT_TEXT_MAX, shortenText, shortenValue } from './shorten-value.ts';

test('a value whose JSON is short is its JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 2, stringUnit: 'binary' }), (value) => {
      const json = JSON.stringify(value);
      if (json.length <= SHORT_TEXT_MAX) assert.equal(shortenValue(JSON.parse(json)), json);
    }),
  );
});

test('a value whose JSON is long is its beginning, whole characters only', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), fc.nat(3), (value, copies) => {
      const json = JSON.stringify([value, 'x😀'.repeat(copies * 40), value]);
      const short = shortenValue(JSON.parse(json) as JsonValue);
      if (json.length <= SHORT_TEXT_MAX) return;
      assert.ok(short.length <= SHORT_TEXT_MAX && short.endsWith('…') && short.isWellFormed());
      assert.ok(json.startsWith(short.slice(0, -1)), short);
    }),
  );
});

test('of a value of millions only the beginning is visited', () => {
  const row = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`k${at}`, at]));
  const rows = Array.from({ length: 10_000 }, () => row);
  assert.equal(shortenValue(rows).length, SHORT_TEXT_MAX);
});

test('a text is not cut through a surrogate pair', () => {
  assert.equal(shortenText('ab😀c', 4), 'ab…');
  assert.equal(shortenText('abcd', 4), 'abcd');
});
