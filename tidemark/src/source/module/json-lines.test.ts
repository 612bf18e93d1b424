import assert from 'node:assert/strict';
import { it } from 'node:test';
import { jsonLines, type Row } from './json-lines.ts';

const { signal } = new AbortController();

async function written(...rows: readonly Row[]): Promise<string> {
  return Buffer.concat(await Array.fromAsync(jsonLines(rows, { chunkBytes: 8, signal }))).toString();
}

it('rows of one’s own are canonical JSON lines: members in order, every digit kept, nothing for what is undefined', async () => {
  const row = { b: 9007199254740993n, a: { d: [1.0, null], c: new Date(0) }, gone: undefined };
  assert.equal(
    await written(row, { a: 'é' }),
    '{"a":{"c":"1970-01-01T00:00:00.000Z","d":[1,null]},"b":9007199254740993}\n{"a":"é"}\n',
  );
});

it('a value that JSON has no form for is refused with its place, never written as another', async () => {
  await assert.rejects(written({ a: [{ b: Number.NaN }] }), /a row has NaN at \/a\/0\/b,/);
  await assert.rejects(written({ a: () => 1 }), TypeError);
});
