import { open } from 'node:fs/promises';
import type { DeclaredFormat } from '../../model/declared-format.ts';
import type { Limits } from '../../model/limits.ts';
import { compressionOfBytes } from './compression.ts';
import { StreamFault } from './stream-fault.ts';
import { findMembers } from './zip/find-members.ts';

/** Enough for the head of a zstd frame. */
const HEAD_BYTES = 18;
const GZIP_SIZE_BYTES = 4;

export interface SizedRequest {
  readonly path: string;
  readonly declared: DeclaredFormat | null;
  readonly limits: Pick<Limits, 'archiveMembersMax' | 'decodedRatioMax'>;
}

/**
 * What a compressed file comes to at least, as it says itself: gzip at its end, zstd in front, zip in its directory. Zero
 * where it does not say, or cannot be read now: whoever lands it tries again, and tells of it. Nothing is decoded, so what
 * it says may be wrong, and is believed no further than it may come to.
 */
export async function decodedBytesAtLeast(request: SizedRequest): Promise<number> {
  try {
    return await toldBytes(request);
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return 0;
    throw error;
  }
}

async function toldBytes(request: SizedRequest): Promise<number> {
  await using file = await open(request.path, 'r');
  const { size } = await file.stat();
  const head = Buffer.alloc(HEAD_BYTES);
  await file.read(head, 0, HEAD_BYTES, 0);
  const believed = (said: number) => Math.min(said, size * request.limits.decodedRatioMax);
  switch (compressionOfBytes(head)) {
    case 'gzip': {
      // Of its last member alone, and of that modulo 2^32: never more than there is.
      const end = Buffer.alloc(GZIP_SIZE_BYTES);
      await file.read(end, 0, GZIP_SIZE_BYTES, Math.max(0, size - GZIP_SIZE_BYTES));
      return believed(end.readUInt32LE());
    }
    case 'zstd':
      return believed(zstdContentSize(head));
    case 'zip':
      return believed(await sizeOfMembers(request));
    default:
      return 0;
  }
}

/** Of the first frame; zero where its head does not tell, or where it is one to be skipped. */
function zstdContentSize(head: Buffer): number {
  if (head[0] !== 0x28) return 0;
  const descriptor = head[4] ?? 0;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const dictionaryIdBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const at = 5 + (isSingleSegment ? 0 : 1) + dictionaryIdBytes;
  switch (descriptor >>> 6) {
    case 0:
      return isSingleSegment ? (head[at] ?? 0) : 0;
    case 1:
      // Sizes below 256 have the form above.
      return head.readUInt16LE(at) + 256;
    case 2:
      return head.readUInt32LE(at);
    default:
      return Number(head.readBigUInt64LE(at));
  }
}

/** One that cannot be read is refused by whoever decodes it. */
async function sizeOfMembers(request: SizedRequest): Promise<number> {
  try {
    return (await findMembers(request)).decodedBytes;
  } catch (error) {
    if (error instanceof StreamFault) return 0;
    throw error;
  }
}
