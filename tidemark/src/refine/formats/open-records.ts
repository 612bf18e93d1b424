import { createWriteStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Limits } from '../../model/limits.ts';
import { type Contradiction, type Decoding, decodedChunks, decodingOf } from './decoding.ts';
import { StreamFault, type StreamRule } from './stream-fault.ts';

export interface OpenRequest {
  /** Absolute path of the verified raw object. */
  readonly path: string;
  /** Its declared path. */
  readonly name: string;
  readonly scratchDir: string;
  readonly limits: Limits;
  readonly signal: AbortSignal;
}

export type Opened =
  | {
      readonly kind: 'readable';
      /** Where the decoded stream is: the object itself, or a file of the scratch folder that the caller removes. */
      readonly path: string;
      readonly sizeBytes: number;
      readonly decoding: Decoding;
    }
  | ({ readonly kind: 'contradicted' } & Contradiction)
  | { readonly kind: 'undecodable'; readonly rule: StreamRule; expected: string; received: string };

/** Enough for every mark that bytes are known by. */
const HEAD_BYTES = 64 * 1024;

/**
 * Makes the records of an object readable: decides how it is decoded, and decodes it into scratch, so that stretches of
 * it can be refined beside each other as those of a plain file are. The same bytes and name always come to the same.
 */
export async function openRecords({ path, name, scratchDir, limits, signal }: OpenRequest): Promise<Opened> {
  const decoding = decodingOf({ name, head: await headOf(path) });
  if ('expected' in decoding) return { kind: 'contradicted', ...decoding };
  const { compression } = decoding;
  if (compression === null) return { kind: 'readable', path, sizeBytes: (await stat(path)).size, decoding };
  const decoded = join(scratchDir, 'decoded');
  try {
    const chunks = decodedChunks({ path, decoding: { ...decoding, compression }, limits, signal });
    await pipeline(chunks, createWriteStream(decoded), { signal });
  } catch (error) {
    if (!(error instanceof StreamFault)) throw error;
    const { rule, expected, received } = error;
    return { kind: 'undecodable', rule, expected, received };
  }
  return { kind: 'readable', path: decoded, sizeBytes: (await stat(decoded)).size, decoding };
}

async function headOf(path: string): Promise<Buffer> {
  await using file = await open(path, 'r');
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  const { bytesRead } = await file.read(head, 0, HEAD_BYTES, 0);
  return head.subarray(0, bytesRead);
}
