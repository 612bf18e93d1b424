import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { copyBytes, endOfPlain, standsAt, worded, wordsOf } from './worded-bytes.ts';

const bytesOf = (max: number) => fc.uint8Array({ maxLength: max }).map((bytes) => Buffer.from(bytes));

test('bytes of any length are copied as they stand, and nothing beside them is touched', () => {
  fc.assert(
    fc.property(bytesOf(300), fc.nat(9), fc.nat(9), (text, start, at) => {
      const from = worded(Buffer.concat([Buffer.alloc(start, 1), text, Buffer.alloc(3, 1)]));
      const to = worded(Buffer.alloc(at + text.length + 8, 2));
      assert.equal(copyBytes(from, start, start + text.length, to, at), at + text.length);
      assert.deepEqual(to.bytes, Buffer.concat([Buffer.alloc(at, 2), text, Buffer.alloc(8, 2)]));
    }),
  );
});

test('a text is found where it stands, and one that differs in a single byte is not', () => {
  fc.assert(
    fc.property(bytesOf(40), fc.nat(9), fc.nat(39), (text, at, place) => {
      const words = wordsOf(text);
      if (words === null) return assert.ok(text.length < 4);
      const { bytes, words: there } = worded(Buffer.concat([Buffer.alloc(at), text]));
      assert.ok(standsAt(words, text.length, there, at));
      const index = at + (place % text.length);
      bytes[index] = (bytes[index] as number) ^ 0x80;
      assert.ok(!standsAt(words, text.length, there, at));
    }),
  );
});

test('plain text ends at the first quote, backslash or control character, or within three bytes of the end', () => {
  const isSpecial = (byte: number) => byte === 0x22 || byte === 0x5c || byte < 0x20;
  const bytes = fc
    .array(fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 0x20, max: 0xff }) }, fc.nat(0xff)), {
      maxLength: 60,
    })
    .map((values) => Buffer.from(values));
  fc.assert(
    fc.property(bytes, fc.nat(5), (text, start) => {
      const at = Math.min(start, text.length);
      const found = text.findIndex((byte, index) => index >= at && isSpecial(byte));
      const end = endOfPlain(worded(text).words, at, text.length);
      if (found === -1 || end < found) assert.ok(text.length - end < 4 && end >= at);
      else assert.equal(end, found);
    }),
    { numRuns: 1000 },
  );
});
