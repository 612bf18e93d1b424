import { type FileHandle, open } from 'node:fs/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { Limits } from '../../model/limits.ts';
import { Bzip2Truncated, bunzip2 } from './bunzip2.ts';
import type { Compression } from './compression.ts';
import { StreamFault } from './stream-fault.ts';
import { unzip } from './zip/unzip.ts';

/** Below so many decoded bytes no ratio is too high: a few equal lines compress a thousandfold. */
const RATIO_FROM_BYTES = 16 * 1024 * 1024;

/** What of the limits bounds the decoding of a source. */
export type DecodeLimits = Pick<
  Limits,
  'chunkBytes' | 'decodedBytesMax' | 'decodedRatioMax' | 'archiveMembersMax' | 'duckdbMemoryBytes'
>;

export interface DecompressRequest {
  readonly path: string;
  readonly compression: Compression;
  /** Of an archive: the member that is read, or a pattern for several; null for its only file. */
  readonly member?: string | null | undefined;
  readonly limits: DecodeLimits;
  readonly signal: AbortSignal;
}

interface Piece {
  readonly bytes: Buffer;
  /** Compressed bytes read so far. */
  readonly consumed: number;
}

/**
 * The decoded bytes of a compressed file, all members or frames of it, in chunks; memory is bounded whatever it holds.
 * @throws StreamFault where it is not whole, or beyond a limit
 */
export async function* decompress(request: DecompressRequest): AsyncGenerator<Buffer> {
  const { path, compression, limits, signal } = request;
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  const pieces = piecesOf(file, size, request);
  let decoded = 0;
  try {
    for await (const { bytes, consumed } of pieces) {
      signal.throwIfAborted();
      decoded += bytes.length;
      refuseBomb({ decoded, consumed, limits });
      yield bytes;
    }
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    throw new StreamFault({
      rule: error.rule,
      expected: `a whole ${compression} stream`,
      received: `${error.message} ${size}, after ${decoded} decoded bytes`,
    });
  }
}

function piecesOf(
  file: FileHandle,
  size: number,
  request: DecompressRequest,
): AsyncIterable<Piece> | Iterable<Piece> {
  const { path, compression, member = null, limits } = request;
  if (compression === 'zip') return unzip({ path, member, limits });
  return compression === 'bzip2' ? bzip2(file, limits) : zlib(file, size, request);
}

class Damage extends Error {
  readonly rule: 'stream_truncated' | 'stream_corrupt';

  constructor(rule: Damage['rule'], message: string) {
    super(message);
    this.rule = rule;
  }
}

const truncated = () => new Damage('stream_truncated', 'its end at byte');
/** Decoders say of the chunk that they were given that it is bad, not of a byte. */
const corrupt = (reason: string, behind: number) =>
  new Damage('stream_corrupt', `${reason.toLowerCase()} behind byte ${behind} of`);

/**
 * One decoder after the other until every byte is read: Node's zstd decoder ends at the end of the first frame, and its
 * gzip decoder passes over a short rest, neither of which says so.
 */
async function* zlib(
  file: FileHandle,
  size: number,
  { compression, limits, signal }: DecompressRequest,
): AsyncGenerator<Piece> {
  let start = 0;
  do {
    if (start > 0 && compression === 'gzip' && (await isPadding(file, start, limits))) return;
    const { chunkBytes: chunkSize } = limits;
    const decoder =
      compression === 'gzip' ? createGunzip({ chunkSize }) : createZstdDecompress({ chunkSize });
    let failure: NodeJS.ErrnoException | null = null;
    const feeding = feed(file, decoder, { start, limits, signal }).catch((error) => decoder.destroy(error));
    try {
      for await (const bytes of decoder) yield { bytes, consumed: start + decoder.bytesWritten };
    } catch (error) {
      failure = error as NodeJS.ErrnoException;
    } finally {
      decoder.destroy();
      await feeding;
    }
    const at = start + decoder.bytesWritten;
    if (failure?.code === 'Z_BUF_ERROR') throw truncated();
    if (isDecoding(failure)) throw corrupt(failure.message, at);
    if (failure !== null) throw failure;
    if (at === start) throw truncated();
    start = at;
  } while (start < size);
}

function isDecoding(failure: NodeJS.ErrnoException | null): failure is NodeJS.ErrnoException {
  return failure !== null && /^(Z_|ZSTD_)/.test(failure.code ?? '');
}

/** Writes the file into the decoder, chunk by chunk, each once the one before is decoded; stops where the decoder has ended. */
async function feed(
  file: FileHandle,
  decoder: ReturnType<typeof createGunzip>,
  { start, limits, signal }: { start: number } & Pick<DecompressRequest, 'limits' | 'signal'>,
): Promise<void> {
  const buffer = Buffer.allocUnsafe(limits.chunkBytes);
  const over = new Promise<void>((resolve) => {
    for (const event of ['end', 'close']) decoder.once(event, resolve);
  });
  let position = start;
  while (!decoder.destroyed && !decoder.readableEnded) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    const decoded = new Promise<unknown>((resolve) => decoder.write(buffer.subarray(0, bytesRead), resolve));
    await Promise.race([decoded, over]);
  }
  decoder.end();
}

/** Zero bytes to the end, as tapes and block devices leave them. */
async function isPadding(
  file: FileHandle,
  start: number,
  { chunkBytes }: Pick<Limits, 'chunkBytes'>,
): Promise<boolean> {
  const buffer = Buffer.allocUnsafe(chunkBytes);
  for (let position = start; ; ) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) return true;
    if (buffer.subarray(0, bytesRead).some((byte) => byte !== 0)) return false;
    position += bytesRead;
  }
}

function* bzip2(file: FileHandle, { chunkBytes }: Pick<Limits, 'chunkBytes'>): Generator<Piece> {
  let consumed = 0;
  try {
    for (const piece of bunzip2(file.fd, chunkBytes)) {
      consumed = piece.consumed;
      yield piece;
    }
  } catch (error) {
    if (error instanceof Bzip2Truncated) throw truncated();
    if (error instanceof StreamFault || (error as NodeJS.ErrnoException).code !== undefined) throw error;
    throw corrupt((error as Error).message, consumed);
  }
}

/** @throws StreamFault */
export function refuseBomb({
  decoded,
  consumed,
  limits,
}: { decoded: number; consumed: number } & Pick<DecompressRequest, 'limits'>): void {
  if (decoded > limits.decodedBytesMax) {
    throw new StreamFault({
      rule: 'decoded_too_large',
      expected: `at most ${limits.decodedBytesMax} decoded bytes (limits.decodedBytesMax)`,
      received: `more, from ${consumed} bytes`,
    });
  }
  if (decoded > RATIO_FROM_BYTES && decoded > consumed * limits.decodedRatioMax) {
    throw new StreamFault({
      rule: 'decoded_ratio_too_high',
      expected: `at most ${limits.decodedRatioMax} decoded bytes for one (limits.decodedRatioMax)`,
      received: `${decoded} bytes from ${consumed}`,
    });
  }
}
