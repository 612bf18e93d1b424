import { createWriteStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Contract } from '../../contract/contract.ts';
import type { DeclaredFormat } from '../../model/declared-format.ts';
import type { Limits } from '../../model/limits.ts';
import { compressionOfBytes, compressionOfName } from './compression.ts';
import {
  type Contradiction,
  compressionOf,
  type Decoding,
  decodedChunks,
  isDecoded,
  PLAIN,
} from './decoding.ts';
import { decompress } from './decompress.ts';
import { parquetOf, recordFormatOf } from './record-format.ts';
import { StreamFault, type StreamRule } from './stream-fault.ts';
import { encodingOfBytes } from './transcode.ts';
import { findMembers, refuseUnlike } from './zip/find-members.ts';

export interface OpenRequest {
  /** Absolute path of the verified raw object. */
  readonly path: string;
  /** Its declared path. */
  readonly name: string;
  readonly declared: DeclaredFormat | null;
  /** How it was decoded before, where it is to be decoded so again. */
  readonly recorded: Decoding | null;
  readonly contract: Contract;
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

/** Enough for every mark that bytes are known by, and for a first row. */
const HEAD_BYTES = 64 * 1024;

/**
 * Makes the records of an object readable: decides how it is decoded, and decodes it into scratch, so that stretches of
 * it can be refined beside each other as those of a plain file are. The same bytes, name, declaration and contract always
 * come to the same.
 */
export async function openRecords(request: OpenRequest): Promise<Opened> {
  const { recorded } = request;
  try {
    return recorded === null ? await openAsFound(request) : await openAs(request, recorded);
  } catch (error) {
    if (!(error instanceof StreamFault)) throw error;
    const { rule, expected, received } = error;
    return { kind: 'undecodable', rule, expected, received };
  }
}

async function openAs(request: OpenRequest, decoding: Decoding): Promise<Opened> {
  const path = await decodeToFile(request, decoding);
  return { kind: 'readable', path, sizeBytes: (await stat(path)).size, decoding };
}

/** By what is declared, its name and its bytes; each of them says one more thing of the next. */
async function openAsFound(request: OpenRequest): Promise<Opened> {
  const { path, name, declared, contract, limits, signal } = request;
  const stored = await headOf(path);
  const compressed = compressionOf({ name, head: stored.bytes, declared });
  if ('expected' in compressed) return { kind: 'contradicted', ...compressed };
  const { compression } = compressed;
  if (compression === null) {
    const columns = parquetOf({ name, head: stored.bytes, declared });
    if (columns !== null && 'expected' in columns) return { kind: 'contradicted', ...columns };
    if (columns !== null) return await openAs(request, { ...PLAIN, records: columns });
  }
  if (compression !== 'zip' && declared?.member !== undefined)
    return contradicted('a zip archive, since a member is declared', 'a file that is none');
  const archived = compression === 'zip' ? await findMembers(request) : null;
  const { member } = archived ?? {};
  const start =
    compression === null ? stored.bytes : await firstBytes({ path, compression, member, limits, signal });
  const encoding = declared?.encoding ?? encodingOfBytes(start);
  if (archived !== null) refuseUnlike(archived, encoding);
  const decoded = await decodeToFile(request, { compression, member, encoding });
  const { bytes: head, isCut } = decoded === path ? stored : await headOf(decoded);
  const within = compression === null ? null : compressionOfBytes(head);
  if (within !== null) return contradicted(`records in the ${compression} stream`, `${within} bytes`);
  const inner = archived?.names[0] ?? compressionOfName(name).inner;
  const records = recordFormatOf({ name: inner, head, isCut, declared, contract });
  if ('expected' in records) return { kind: 'contradicted', ...records };
  const decoding: Decoding = { compression, ...(member !== undefined && { member }), encoding, records };
  return { kind: 'readable', path: decoded, sizeBytes: (await stat(decoded)).size, decoding };
}

function contradicted(expected: string, received: string): Opened {
  return { kind: 'contradicted', rule: 'format_contradicted', expected, received };
}

async function decodeToFile(
  { path, scratchDir, limits, signal }: OpenRequest,
  decoding: Pick<Decoding, 'compression' | 'member' | 'encoding'> & Partial<Decoding>,
): Promise<string> {
  if (!isDecoded(decoding)) return path;
  const decoded = join(scratchDir, 'decoded');
  await pipeline(decodedChunks({ path, ...decoding, limits, signal }), createWriteStream(decoded), {
    signal,
  });
  return decoded;
}

/** Of what is compressed: enough for a byte order mark. */
async function firstBytes(compressed: Parameters<typeof decompress>[0]): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of decompress(compressed)) {
    parts.push(Buffer.from(chunk));
    if (Buffer.concat(parts).length > 1) break;
  }
  return Buffer.concat(parts);
}

async function headOf(path: string): Promise<{ readonly bytes: Buffer; readonly isCut: boolean }> {
  await using file = await open(path, 'r');
  const head = Buffer.allocUnsafe(HEAD_BYTES + 1);
  const { bytesRead } = await file.read(head, 0, HEAD_BYTES + 1, 0);
  return { bytes: head.subarray(0, Math.min(bytesRead, HEAD_BYTES)), isCut: bytesRead > HEAD_BYTES };
}
