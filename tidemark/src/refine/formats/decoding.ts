import type { Limits } from '../../model/limits.ts';
import { type Compression, compressionOfBytes, compressionOfName } from './compression.ts';
import { decompress } from './decompress.ts';

/**
 * How the bytes of a stored object become the stream that places of records count in. Recorded with the unit, so that a
 * record is found again whatever names and settings say by then.
 */
export interface Decoding {
  readonly compression: Compression | null;
}

/** Stored bytes are read as they are. */
export const PLAIN: Decoding = { compression: null };

/** Why the bytes are not read at all. */
export interface Contradiction {
  readonly expected: string;
  readonly received: string;
}

const RECORD_NAMES = /\.(jsonl|ndjson|json|csv|tsv|txt)$/i;

/**
 * By name and first bytes together. Bytes decide where the name says nothing; where both speak and differ, neither is
 * believed.
 */
export function decodingOf({ name, head }: { name: string; head: Uint8Array }): Decoding | Contradiction {
  const { compression: named, inner } = compressionOfName(name);
  const found = compressionOfBytes(head);
  if (named === found) return { compression: found };
  const received =
    found === null ? `${head.length === 0 ? 'an empty file' : 'other bytes'}` : `${found} bytes`;
  if (named !== null) return { expected: `a ${named} stream, by its name`, received };
  if (RECORD_NAMES.test(inner)) return { expected: 'plain text, by its name', received };
  return { compression: found };
}

/** The decoded stream from its beginning. @throws StreamFault */
export async function* decodedChunks({
  path,
  decoding,
  limits,
  signal,
}: {
  path: string;
  decoding: Decoding & { readonly compression: Compression };
  limits: Pick<Limits, 'chunkBytes' | 'decodedBytesMax' | 'decodedRatioMax'>;
  signal: AbortSignal;
}): AsyncGenerator<Buffer> {
  yield* decompress({ path, compression: decoding.compression, limits, signal });
}
