import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { type Pass, passBytes, writeAll } from './pass-bytes.ts';
import type { OpenedSource, ReadOptions } from './reading.ts';

/** Below it, what a copy takes of the system's memory is no matter. */
export const UNCACHED_BYTES_MIN = 64 * 1024 * 1024;
/** Where and how much a disk is written to are multiples of its blocks, which divide this; so are addresses of memory. */
const BLOCK_BYTES = 4096;

export function goesUncached({ uncached = false }: ReadOptions, sizeBytes: number): boolean {
  return uncached && sizeBytes >= UNCACHED_BYTES_MIN && constants.O_DIRECT !== undefined;
}

/**
 * Copies a large file from this process straight to the disk, past the system's memory, and takes the sum of what it
 * writes. Filling that memory is most of what a copy costs, more so on a virtual machine, and it drives out what others
 * read: four files of 1 GiB, synced, took 2.2 s and 3.3 s of CPU in this way, and 5 s and 7 s copied by the kernel.
 * @returns null where it is not asked for, or the store's file system cannot: another way is taken then
 */
export async function copyUncached({ source, options, sizeBytes }: OpenedSource): Promise<Pass | null> {
  const { copyTo, chunkBytes } = options;
  if (copyTo === null || !goesUncached(options, sizeBytes)) return null;
  const { O_CREAT, O_TRUNC, O_WRONLY, O_DIRECT } = constants;
  try {
    await using copy = await open(copyTo, O_WRONLY | O_CREAT | O_TRUNC | O_DIRECT);
    const passed = await passBytes({
      ...options,
      source,
      buffers: [pagesOf(chunkBytes), pagesOf(chunkBytes)],
      write: async (chunk, position) => await writeAll(copy, { chunk: wholeBlocks(chunk), position }),
    });
    if (passed.kind === 'passed') await copy.truncate(passed.sizeBytes);
    await copy.sync();
    return passed;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EINVAL') return null;
    throw error;
  }
}

/** Memory that begins where a page does: V8 gives whatever can be resized pages of its own. */
function pagesOf(bytesMin: number): Buffer {
  const maxByteLength = roundUp(bytesMin);
  return Buffer.from(new ArrayBuffer(maxByteLength, { maxByteLength }));
}

/** With what its buffer holds behind it, up to the end of the last block. */
function wholeBlocks({ buffer, byteOffset, length }: Buffer): Buffer {
  return Buffer.from(buffer, byteOffset, roundUp(length));
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}
