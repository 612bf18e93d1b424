import { open } from 'node:fs/promises';
import type { ObjectStore } from './object-store.ts';

const PIECE_BYTES = 8 * 1024 * 1024;

/** Whether what stands under a key is what was to be put there, byte by byte. */
export async function holdsBytes(
  store: Pick<ObjectStore, 'get' | 'head'>,
  { key, bytes }: { key: string; bytes: Uint8Array },
): Promise<boolean> {
  if ((await store.head(key))?.sizeBytes !== bytes.length) return false;
  const found = await store.get(key);
  return found !== null && Buffer.compare(found, bytes) === 0;
}

/** The same for a file, in pieces. */
export async function holdsFile(
  store: Pick<ObjectStore, 'get' | 'head'>,
  { key, path }: { key: string; path: string },
): Promise<boolean> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  if ((await store.head(key))?.sizeBytes !== size) return false;
  const own = Buffer.alloc(Math.min(PIECE_BYTES, size));
  for (let offset = 0; offset < size; ) {
    const length = Math.min(PIECE_BYTES, size - offset);
    const { bytesRead } = await file.read(own, 0, length, offset);
    const theirs = await store.get(key, { offset, length });
    if (theirs === null || bytesRead !== length || Buffer.compare(theirs, own.subarray(0, length)) !== 0)
      return false;
    offset += length;
  }
  return true;
}
