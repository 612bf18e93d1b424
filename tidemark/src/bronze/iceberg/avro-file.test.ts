import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { deflateRawSync, zstdCompressSync } from 'node:zlib';
import avro from 'avsc';
import { ConfigurationError, InvariantError } from '../../errors/tidemark-error.ts';
import { readAvroFile, writeAvroFile } from './avro-file.ts';
import type { AvroSchema } from './avro-schema.ts';

const SCHEMA: AvroSchema = {
  type: 'record',
  name: 'row',
  fields: [
    { name: 'id', type: 'long', 'field-id': 1 },
    {
      name: 'at',
      type: ['null', { type: 'long', logicalType: 'timestamp-micros' }],
      default: null,
      'field-id': 2,
    },
    { name: 'name', type: ['null', 'string'], default: null, 'field-id': 3 },
  ],
};
const rows = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: BigInt(index), at: null, name: `n${index}` }));
const write = (records: readonly unknown[]) =>
  writeAvroFile({ schema: SCHEMA, header: { 'format-version': '2' }, records });

/** Reads with avsc's own container reader, which shares nothing with ours. */
async function readIndependently(
  bytes: Uint8Array,
): Promise<{ header: Record<string, Buffer>; rows: Record<string, unknown>[] }> {
  const decoder = new avro.streams.BlockDecoder();
  let header: Record<string, Buffer> = {};
  decoder.on('metadata', (_type, _codec, head) => {
    header = head.meta;
  });
  const found: Record<string, unknown>[] = [];
  for await (const row of Readable.from([Buffer.from(bytes)]).pipe(decoder)) found.push({ ...row });
  return { header, rows: found };
}

test('a file of several blocks is read alike by an independent reader, custom header keys included', async () => {
  const bytes = write(rows(10_000));
  const { header, rows: found } = await readIndependently(bytes);
  assert.equal(found.length, 10_000);
  assert.deepEqual(found[9_999], { id: 9_999, at: null, name: 'n9999' });
  assert.equal(String(header['format-version']), '2');
  assert.equal(String(header['avro.codec']), 'deflate');
});

test('the schema in the header keeps every field id', () => {
  const bytes = write([]);
  assert.deepEqual(readAvroFile(bytes, 'x').schema, SCHEMA);
  assert.match(Buffer.from(bytes).toString('latin1'), /"field-id":1.*"field-id":2.*"field-id":3/);
});

test('a file without records is whole', async () => {
  const bytes = write([]);
  assert.deepEqual(readAvroFile(bytes, 'x').records, []);
  assert.deepEqual((await readIndependently(bytes)).rows, []);
});

test('longs of 63 bits survive, under a logical type too', () => {
  const records = [
    { id: 2n ** 63n - 1n, at: -(2n ** 63n), name: null },
    { id: 2n ** 53n + 1n, at: null, name: '' },
  ];
  assert.deepEqual(
    readAvroFile(write(records), 'x').records.map((record) => ({ ...record })),
    records,
  );
});

test('equal content gives equal bytes', () => {
  assert.deepEqual(write(rows(3)), write(rows(3)));
  assert.notDeepEqual(write(rows(3)), write(rows(4)));
});

/** A container as another writer would frame it. */
function framed(codec: string, compress: (data: Buffer) => Buffer, claimed = 1): Buffer {
  const type = avro.Type.forSchema(SCHEMA as avro.Schema);
  const data = compress(type.toBuffer({ id: 7, at: null, name: 'x' }));
  const header = avro.Type.forSchema({ type: 'map', values: 'bytes' }).toBuffer({
    'avro.schema': Buffer.from(JSON.stringify(SCHEMA)),
    ...(codec === '' ? {} : { 'avro.codec': Buffer.from(codec) }),
  });
  const long = avro.Type.forSchema('long');
  const sync = Buffer.alloc(16, 9);
  return Buffer.concat([
    Buffer.from('Obj\x01'),
    header,
    sync,
    long.toBuffer(claimed),
    long.toBuffer(data.length),
    data,
    sync,
  ]);
}

test('files of other writers are read whatever common codec they used; snappy is refused by name', () => {
  const codecs = {
    '': (data: Buffer) => data,
    null: (data: Buffer) => data,
    deflate: (data: Buffer) => deflateRawSync(data),
    zstandard: (data: Buffer) => zstdCompressSync(data),
  };
  for (const [codec, compress] of Object.entries(codecs)) {
    assert.deepEqual(
      { ...readAvroFile(framed(codec, compress), 'x').records[0] },
      { id: 7n, at: null, name: 'x' },
      codec,
    );
  }
  assert.throws(
    () =>
      readAvroFile(
        framed('snappy', (data) => data),
        'file:///m.avro',
      ),
    (error) => error instanceof ConfigurationError && /file:\/\/\/m\.avro.*"snappy"/.test(error.message),
  );
});

test('a file cut anywhere is refused, never read in part', () => {
  const bytes = write(rows(200));
  const whole = readAvroFile(bytes, 'x').records.length;
  const header = write([]).length;
  for (let length = 0; length < bytes.length; length += 1) {
    const read = () => readAvroFile(bytes.subarray(0, length), 'x').records.length;
    // Cut exactly behind the header, the file is a whole one without records.
    if (length === header) continue;
    assert.throws(read, InvariantError, `cut at ${length} of ${bytes.length}`);
  }
  assert.equal(whole, 200);
});

test('a block that holds more or fewer records than it says is refused', () => {
  const twice = (data: Buffer) => Buffer.concat([data, data]);
  assert.equal(readAvroFile(framed('null', twice, 2), 'x').records.length, 2);
  assert.throws(() => readAvroFile(framed('null', twice, 1), 'x'), /holds more than its records/);
  assert.throws(() => readAvroFile(framed('null', twice, 3), 'x'), /a record .* is cut/);
});

test('damage that the framing shows, and a file of another kind, are refused', () => {
  const bytes = Buffer.from(write(rows(200)));
  const at = bytes.length - 40;
  bytes[at] = bytes[at]! ^ 0xff;
  assert.throws(() => readAvroFile(bytes, 'x'), InvariantError);
  assert.throws(() => readAvroFile(Buffer.from('{"json": true}'), 'x'), /does not begin/);
});
