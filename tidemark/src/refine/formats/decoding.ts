import { open, stat } from 'node:fs/promises';
import type { DeclaredFormat, Encoding } from '../../model/declared-format.ts';
import { type Compression, compressionOfBytes, compressionOfName } from './compression.ts';
import type { Dialect } from './csv/dialect.ts';
import { type DecodeLimits, decompress, refuseBomb } from './decompress.ts';
import type { ParquetPolicy } from './parquet/policy.ts';
import { readParquet } from './parquet/read-parquet.ts';
import { transcode } from './transcode.ts';

/**
 * How the bytes of a stored object become the stream that places of records count in, and how records stand in that.
 * Recorded with the unit, so that a record is found again whatever names and settings say by then.
 */
export interface Decoding {
  readonly compression: Compression | null;
  /** Of a zip archive: the member, or the pattern of those, that the records are in. */
  readonly member?: string | undefined;
  readonly encoding: Encoding;
  readonly records: RecordFormat;
}

export type RecordFormat =
  | { readonly format: 'jsonl' }
  /** Its rows are decoded to lines of JSON. */
  | ({ readonly format: 'parquet' } & ParquetPolicy)
  /** `pointer` leads to the array. */
  | { readonly format: 'json'; readonly pointer: string }
  | {
      readonly format: 'csv';
      readonly dialect: Dialect;
      /** What of the dialect was not declared, but found in the first rows. */
      readonly found: readonly ('delimiter' | 'columns')[];
    };

/** Lines of JSON, stored as they are. */
export const PLAIN: Decoding = { compression: null, encoding: 'utf-8', records: { format: 'jsonl' } };

/** Why the bytes are not read at all. */
export interface Contradiction {
  readonly rule: 'format_contradicted' | 'csv_header';
  readonly expected: string;
  readonly received: string;
}

/** Names that say of what is in them that it is text. */
export const RECORD_NAMES = /\.(jsonl|ndjson|json|csv|tsv|tab|txt)$/i;

/**
 * By name and first bytes together. Bytes decide where the name says nothing; where both speak and differ, neither is
 * believed. What is declared takes the place of the name.
 */
export function compressionOf({
  name,
  head,
  declared,
}: {
  name: string;
  head: Uint8Array;
  declared: DeclaredFormat | null;
}): { readonly compression: Compression | null } | Contradiction {
  const { compression: ofName, inner } = compressionOfName(name);
  const told = declared?.compression;
  const named = told === undefined ? ofName : told === 'none' ? null : told;
  const found = compressionOfBytes(head);
  if (named === found) return { compression: found };
  const received = found !== null ? `${found} bytes` : head.length === 0 ? 'an empty file' : 'other bytes';
  const by = told === undefined ? 'by its name' : 'as declared in tidemark.yaml';
  const rule = 'format_contradicted';
  if (named !== null) return { rule, expected: `a ${named} stream, ${by}`, received };
  if (told === 'none' || RECORD_NAMES.test(inner)) return { rule, expected: `plain text, ${by}`, received };
  return { compression: found };
}

/** Whether the decoded stream is another one than the bytes that are stored. */
export function isDecoded({
  compression,
  encoding,
  records,
}: Pick<Decoding, 'compression' | 'encoding'> & Partial<Decoding>): boolean {
  return compression !== null || encoding !== 'utf-8' || records?.format === 'parquet';
}

/** The decoded stream from its beginning. @throws StreamFault */
export async function* decodedChunks({
  compression,
  member,
  encoding,
  records,
  ...request
}: {
  path: string;
  compression: Compression | null;
  member?: string | undefined;
  encoding: Encoding;
  records?: RecordFormat | undefined;
  limits: DecodeLimits;
  signal: AbortSignal;
}): AsyncGenerator<Buffer> {
  if (records?.format === 'parquet')
    return yield* bounded(readParquet({ ...request, policy: records }), request);
  const chunks =
    compression === null ? storedChunks(request) : decompress({ ...request, compression, member });
  yield* encoding === 'utf-8' ? chunks : transcode(chunks, encoding);
}

/** A file of columns can stand for far more than it holds, as what is compressed can. */
async function* bounded(
  chunks: AsyncIterable<Buffer>,
  { path, limits }: { path: string; limits: DecodeLimits },
): AsyncGenerator<Buffer> {
  const { size } = await stat(path);
  let decoded = 0;
  for await (const chunk of chunks) {
    decoded += chunk.length;
    refuseBomb({ decoded, consumed: size, limits });
    yield chunk;
  }
}

async function* storedChunks({
  path,
  limits,
  signal,
}: {
  path: string;
  limits: Pick<DecodeLimits, 'chunkBytes'>;
  signal: AbortSignal;
}): AsyncGenerator<Buffer> {
  await using file = await open(path, 'r');
  for (let position = 0; ; ) {
    signal.throwIfAborted();
    const { buffer, bytesRead } = await file.read(
      Buffer.allocUnsafe(limits.chunkBytes),
      0,
      limits.chunkBytes,
      position,
    );
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
