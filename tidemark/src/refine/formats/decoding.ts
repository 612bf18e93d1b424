import type { DeclaredFormat } from '../../model/declared-format.ts';
import type { Limits } from '../../model/limits.ts';
import { type Compression, compressionOfBytes, compressionOfName } from './compression.ts';
import type { Dialect } from './csv/dialect.ts';
import { decompress } from './decompress.ts';

/**
 * How the bytes of a stored object become the stream that places of records count in, and how records stand in that.
 * Recorded with the unit, so that a record is found again whatever names and settings say by then.
 */
export interface Decoding {
  readonly compression: Compression | null;
  readonly records: RecordFormat;
}

export type RecordFormat =
  | { readonly format: 'jsonl' }
  | {
      readonly format: 'csv';
      readonly dialect: Dialect;
      /** What of the dialect was not declared, but found in the first rows. */
      readonly found: readonly ('delimiter' | 'columns')[];
    };

/** Lines of JSON, stored as they are. */
export const PLAIN: Decoding = { compression: null, records: { format: 'jsonl' } };

/** Why the bytes are not read at all. */
export interface Contradiction {
  readonly rule: 'format_contradicted' | 'csv_header';
  readonly expected: string;
  readonly received: string;
}

const RECORD_NAMES = /\.(jsonl|ndjson|json|csv|tsv|tab|txt)$/i;

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

/** The decoded stream from its beginning. @throws StreamFault */
export async function* decodedChunks({
  path,
  compression,
  limits,
  signal,
}: {
  path: string;
  compression: Compression;
  limits: Pick<Limits, 'chunkBytes' | 'decodedBytesMax' | 'decodedRatioMax'>;
  signal: AbortSignal;
}): AsyncGenerator<Buffer> {
  yield* decompress({ path, compression, limits, signal });
}
