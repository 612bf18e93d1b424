import { createWriteStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Contract } from '../../contract/contract.ts';
import type { DeclaredFormat, Encoding } from '../../model/declared-format.ts';
import type { Limits } from '../../model/limits.ts';
import { compressionOfBytes, compressionOfName } from './compression.ts';
import {
  type Contradiction,
  compressionOf,
  type Decoding,
  decodedChunks,
  isDecoded,
  type RecordFormat,
} from './decoding.ts';
import { decompress } from './decompress.ts';
import { formatOfName, parquetOf, recordFormatOf } from './record-format.ts';
import { StreamFault, type StreamRule } from './stream-fault.ts';
import { encodingOfBytes } from './transcode.ts';
import { openArchive } from './zip/open-archive.ts';

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
  const { path, name, declared, recorded, contract, limits, signal } = request;
  const stored = await headOf(path);
  const compressed = recorded ?? compressionOf({ name, head: stored.bytes, declared });
  if ('expected' in compressed) return { kind: 'contradicted', ...compressed };
  const { compression } = compressed;
  if (compression !== 'zip' && declared?.member !== undefined && recorded === null)
    return contradicted('a zip archive, since a member is declared', 'a file that is none');
  try {
    const parquet =
      recorded === null && compression === null ? parquetOf({ name, head: stored.bytes, declared }) : null;
    if (parquet !== null && 'expected' in parquet) return { kind: 'contradicted', ...parquet };
    const columns = parquet ?? (recorded?.records.format === 'parquet' ? recorded.records : null);
    if (columns !== null) return await openColumns(request, columns);
    const archived = compression === 'zip' ? await membersOf(request) : null;
    const member = archived?.member;
    const encoding =
      recorded?.encoding ??
      declared?.encoding ??
      encodingOfBytes(
        compression === null ? stored.bytes : await firstBytes({ path, compression, member, limits, signal }),
      );
    if (archived !== null && recorded === null)
      refuseUnlike(archived.names, { isLines: archived.isLines, encoding });
    const decoded = await decodeToFile(request, { compression, member, encoding });
    const { size: sizeBytes } = await stat(decoded);
    if (recorded !== null) return { kind: 'readable', path: decoded, sizeBytes, decoding: recorded };
    const { bytes: head, isCut } = decoded === path ? stored : await headOf(decoded);
    const within = compression === null ? null : compressionOfBytes(head);
    if (within !== null) return contradicted(`records in the ${compression} stream`, `${within} bytes`);
    const inner = archived?.names[0] ?? compressionOfName(name).inner;
    const records = recordFormatOf({ name: inner, head, isCut, declared, contract });
    if ('expected' in records) return { kind: 'contradicted', ...records };
    const decoding: Decoding = { compression, ...(member !== undefined && { member }), encoding, records };
    return { kind: 'readable', path: decoded, sizeBytes, decoding };
  } catch (error) {
    if (!(error instanceof StreamFault)) throw error;
    const { rule, expected, received } = error;
    return { kind: 'undecodable', rule, expected, received };
  }
}

/** Of a table of columns: its rows as lines, in UTF-8 whatever is declared of text. */
async function openColumns(request: OpenRequest, records: RecordFormat): Promise<Opened> {
  const decoding: Decoding = { compression: null, encoding: 'utf-8', records };
  const path = await decodeToFile(request, decoding);
  return { kind: 'readable', path, sizeBytes: (await stat(path)).size, decoding };
}

function contradicted(expected: string, received: string): Opened {
  return { kind: 'contradicted', rule: 'format_contradicted', expected, received };
}

interface Archived {
  /** What names the members, so that the same ones are found again. */
  readonly member: string;
  readonly names: readonly string[];
  /** By what is declared, else by their names. */
  readonly isLines: boolean;
}

async function membersOf({ path, declared, recorded, limits }: OpenRequest): Promise<Archived> {
  const asked = recorded?.member ?? declared?.member ?? null;
  await using archive = await openArchive({ path, member: asked, limits });
  const names = archive.members.map(({ fileName }) => fileName);
  const isLines = names.every((name) => (declared?.format ?? formatOfName(name)) === 'jsonl');
  return { member: asked ?? names[0] ?? '', names, isLines };
}

/** Lines can be read one behind the other; a header, an array or a byte order mark in the middle cannot. */
function refuseUnlike(names: readonly string[], form: { isLines: boolean; encoding: Encoding }): void {
  if (names.length === 1 || (form.isLines && form.encoding === 'utf-8')) return;
  throw new StreamFault({
    rule: 'archive_member',
    expected: 'one member, or several that are lines of JSON in UTF-8',
    received: `${names.length} members, such as ${names.slice(0, 2).join(' and ')}`,
  });
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
