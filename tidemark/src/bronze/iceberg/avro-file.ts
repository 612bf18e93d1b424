import { hash } from 'node:crypto';
import { deflateRawSync, inflateRawSync, zstdDecompressSync } from 'node:zlib';
import avro from 'avsc';
import { ERROR_CODES } from '../../errors/codes.ts';
import { ConfigurationError, InvariantError } from '../../errors/tidemark-error.ts';
import { type AvroSchema, avroType } from './avro-schema.ts';

const MAGIC = Buffer.from('Obj\x01', 'latin1');
const SYNC_BYTES = 16;
/** Records to a block: enough to compress well, few enough that a reader holds little. */
const BLOCK_RECORDS = 4096;

const HEADER_TYPE = avro.Type.forSchema({ type: 'map', values: 'bytes' });
const LONG = avroType('long');

/**
 * An Avro object container file (Avro 1.11, "Object Container Files"), deflated. Framed by hand because a container
 * writer that is given a parsed type drops the `field-id` attributes from the schema in the header, and one that is given
 * the JSON takes no custom long type. The sync marker is the hash of the content: equal content, equal bytes.
 */
export function writeAvroFile(file: {
  readonly schema: AvroSchema;
  /** Keys of the header beside Avro's own. */
  readonly header: Readonly<Record<string, string>>;
  /** Longs are bigints. */
  readonly records: readonly unknown[];
}): Uint8Array {
  const type = avroType(file.schema);
  const header = {
    'avro.schema': Buffer.from(JSON.stringify(file.schema)),
    'avro.codec': Buffer.from('deflate'),
    ...Object.fromEntries(Object.entries(file.header).map(([key, text]) => [key, Buffer.from(text)])),
  };
  const preamble = Buffer.concat([MAGIC, HEADER_TYPE.toBuffer(header)]);
  const blocks: Buffer[][] = [];
  for (let start = 0; start < file.records.length; start += BLOCK_RECORDS) {
    const records = file.records.slice(start, start + BLOCK_RECORDS);
    const data = deflateRawSync(Buffer.concat(records.map((record) => type.toBuffer(record))));
    blocks.push([LONG.toBuffer(BigInt(records.length)), LONG.toBuffer(BigInt(data.length)), data]);
  }
  const digest = hash('sha256', Buffer.concat([preamble, ...blocks.flat()]), 'buffer');
  const sync = digest.subarray(0, SYNC_BYTES);
  return Buffer.concat([preamble, sync, ...blocks.flatMap((block) => [...block, sync])]);
}

export interface AvroFile {
  /** As written, attributes such as `field-id` included. */
  readonly schema: AvroSchema;
  readonly header: ReadonlyMap<string, string>;
  /** By the writer's names; longs are bigints, absent optional values are null. */
  readonly records: readonly Readonly<Record<string, unknown>>[];
}

/**
 * @throws InvariantError `manifest_unreadable` when the bytes are not a whole Avro file of records.
 * @throws ConfigurationError `iceberg_unsupported` for a codec that is not null, deflate or zstandard.
 */
export function readAvroFile(bytes: Uint8Array, uri: string): AvroFile {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return parse(buffer, uri);
  } catch (cause) {
    if (cause instanceof ConfigurationError) throw cause;
    throw new InvariantError({
      code: ERROR_CODES.manifest_unreadable,
      message: `${uri} is not a readable Avro file: ${(cause as Error).message}.`,
      next: 'Restore the file from a copy, or roll the table back to a snapshot that can be read.',
      facts: { uri, bytes: bytes.length },
      cause,
    });
  }
}

function parse(buffer: Buffer, uri: string): AvroFile {
  if (!buffer.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error('it does not begin with Obj 1');
  const head = HEADER_TYPE.decode(buffer, MAGIC.length);
  if (head.offset < 0) throw new Error('its header is cut');
  const header = new Map(
    Object.entries(head.value as Record<string, Buffer>).map(([key, value]) => [key, value.toString('utf8')]),
  );
  const schema = JSON.parse(header.get('avro.schema') ?? 'null') as AvroSchema;
  const type = avroType(schema);
  const inflate = decompressor(header.get('avro.codec') ?? 'null', uri);
  const sync = buffer.subarray(head.offset, head.offset + SYNC_BYTES);
  if (sync.length < SYNC_BYTES) throw new Error('its header is cut');

  const records: Record<string, unknown>[] = [];
  let offset = head.offset + SYNC_BYTES;
  while (offset < buffer.length) {
    const count = readLong(buffer, offset);
    const size = readLong(buffer, count.offset);
    const end = size.offset + size.value;
    if (!buffer.subarray(end, end + SYNC_BYTES).equals(sync))
      throw new Error(`the block at byte ${offset} is cut`);
    const data = inflate(buffer.subarray(size.offset, end));
    let position = 0;
    for (let read = 0; read < count.value; read += 1) {
      const record = type.decode(data, position);
      if (record.offset < 0) throw new Error(`a record of the block at byte ${offset} is cut`);
      records.push(record.value as Record<string, unknown>);
      position = record.offset;
    }
    if (position !== data.length) throw new Error(`the block at byte ${offset} holds more than its records`);
    offset = end + SYNC_BYTES;
  }
  return { schema, header, records };
}

function readLong(buffer: Buffer, at: number): { readonly value: number; readonly offset: number } {
  const { value, offset } = LONG.decode(buffer, at);
  if (offset < 0 || value < 0n) throw new Error(`the block at byte ${at} is cut`);
  return { value: Number(value), offset };
}

function decompressor(codec: string, uri: string): (data: Buffer) => Buffer {
  if (codec === 'null') return (data) => data;
  if (codec === 'deflate') return (data) => inflateRawSync(data);
  if (codec === 'zstandard') return (data) => zstdDecompressSync(data);
  throw new ConfigurationError({
    code: ERROR_CODES.iceberg_unsupported,
    message: `${uri} is compressed with the Avro codec "${codec}"; null, deflate and zstandard can be read.`,
    next: 'Set the table property `write.avro.compression-codec` to `gzip` in the engine that wrote it and rewrite its manifests.',
    facts: { uri, codec },
  });
}
