import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { tempFolder } from '../../../testing/temp-folder.ts';
import { fingerprintOfBytes } from '../../fingerprint.ts';
import { readArray } from './read-array.ts';

/** `[number, offset, length, text or rule]` of what was read. */
async function read(
  text: string | Buffer,
  { pointer = '', ...given }: { pointer?: string; chunkBytes?: number; lineBytesMax?: number } = {},
) {
  await using folder = await tempFolder();
  const path = await folder.write('array.json', text);
  const limits = { chunkBytes: 64 * 1024, lineBytesMax: 1024 * 1024, ...given };
  const { signal } = new AbortController();
  const seen: [number, number, number, string][] = [];
  for await (const { bytes, lines } of readArray({ path, pointer, limits, signal }))
    for (const line of lines) {
      const what =
        line.kind === 'held'
          ? bytes.subarray(line.start, line.end).toString()
          : line.kind === 'faulty'
            ? `!${line.violation.rule}: ${line.violation.expected}`
            : '!overlong';
      seen.push([line.number, line.offset, line.kind === 'held' ? line.end - line.start : line.length, what]);
      if (line.kind !== 'held')
        assert.equal(
          line.fingerprint,
          fingerprintOfBytes(Buffer.from(text).subarray(line.offset, line.offset + line.length)),
        );
    }
  return seen;
}

const space = fc.constantFrom('', ' ', '\n', '\r\n\t');
const chunkBytes = fc.integer({ min: 1, max: 50 });

describe('reading a JSON array', () => {
  it('gives each element as it is written, at its place, however the reads cut it', async () => {
    const elements = fc.array(fc.tuple(fc.jsonValue(), space, space), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(elements, chunkBytes, fc.boolean(), async (written, chunk, bom) => {
        let text = `${bom ? '\uFEFF' : ''} [`;
        const expected = written.map(([value, before, after], at) => {
          if (at > 0) text += ',';
          const json = JSON.stringify(value);
          const offset = Buffer.byteLength(text + before);
          text += before + json + after;
          return [at + 1, offset, Buffer.byteLength(json), json];
        });
        assert.deepEqual(await read(`${text}]\n`, { chunkBytes: chunk }), expected);
      }),
      { numRuns: 200 },
    );
  });

  it('gives the array that a pointer leads to, whatever stands beside it', async () => {
    const beside = fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue(), { maxKeys: 4 });
    await fc.assert(
      fc.asyncProperty(
        beside,
        beside,
        fc.array(fc.jsonValue(), { maxLength: 4 }),
        chunkBytes,
        async (outer, inner, items, chunk) => {
          const document = { ...outer, 'a/b': { ...inner, items, 'it"ems': 1 }, z: [] };
          const seen = await read(JSON.stringify(document), { pointer: '/a~1b/items', chunkBytes: chunk });
          assert.deepEqual(
            seen.map(([, , , text]) => JSON.parse(text)),
            JSON.parse(JSON.stringify(items)),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  it('loses no byte of any text: what is no element is one fault to the end', async () => {
    const parts = fc.constantFrom(
      '[',
      ']',
      '{',
      '}',
      ',',
      ':',
      '"',
      '\\',
      '1',
      'x',
      ' ',
      '"a"',
      '{"a":1}',
      '[1]',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(parts, { maxLength: 14 }), chunkBytes, async (pieces, chunk) => {
        const text = `[${pieces.join('')}`;
        const seen = await read(text, { chunkBytes: chunk });
        let at = 0;
        for (const [index, [number, offset, length]] of seen.entries()) {
          // Between elements stands nothing but what separates them.
          assert.match(text.slice(at, offset), /^[\s,[\]]*$/);
          assert.equal(number, index + 1);
          at = offset + length;
        }
        assert.match(text.slice(at), /^[\s,[\]]*$/);
        const isArray = (() => {
          try {
            return Array.isArray(JSON.parse(text));
          } catch {
            return false;
          }
        })();
        if (isArray)
          assert.deepEqual(
            seen.map(([, , , json]) => JSON.parse(json)),
            JSON.parse(text),
          );
      }),
      { numRuns: 500 },
    );
  });

  it('says of a document that is cut, or goes on behind its array, where and what it should have been', async () => {
    assert.deepEqual(await read('[{"a":1},{"b'), [
      [1, 1, 7, '{"a":1}'],
      [2, 9, 3, '!malformed_json: the end of the element'],
    ]);
    assert.deepEqual(await read('[1'), [[1, 1, 1, '!malformed_json: the end of the element']]);
    assert.deepEqual(await read('[1,2'.replace('2', '')), [
      [1, 1, 1, '1'],
      [2, 3, 0, '!malformed_json: the end of the array'],
    ]);
    assert.deepEqual(await read('[1] [2]'), [
      [1, 1, 1, '1'],
      [2, 4, 3, '!malformed_json: nothing behind the document'],
    ]);
    assert.deepEqual(await read('[1 2, 3]'), [
      [1, 1, 1, '1'],
      [2, 3, 5, '!malformed_json: a comma or the end of the array'],
    ]);
    assert.deepEqual(await read('{"a":[1],"a":[2]}', { pointer: '/a' }), [
      [1, 6, 1, '1'],
      [2, 11, 6, '!duplicate_key: each key on the way to the array once'],
    ]);
    assert.deepEqual(await read('{"b":[1]}', { pointer: '/a' }), [
      [1, 8, 1, '!malformed_json: a member "a"'],
    ]);
    assert.deepEqual(await read(''), [[1, 0, 0, '!malformed_json: the end of the array']]);
  });

  it('reads past an element that is longer than allowed, in bounded memory', async () => {
    const long = JSON.stringify({ x: 'y'.repeat(5000) });
    assert.deepEqual(await read(`[1,${long},2]`, { lineBytesMax: 100, chunkBytes: 64 }), [
      [1, 1, 1, '1'],
      [2, 3, long.length, '!overlong'],
      [3, 4 + long.length, 1, '2'],
    ]);
  });
});
