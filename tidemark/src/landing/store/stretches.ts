import { type FileHandle, open } from 'node:fs/promises';
import { mountedKey } from './mount.ts';

/** A stored file that is read here and there. Of a store only what is asked for comes. */
export interface Stretches {
  /** Shorter than asked at the end of the file. */
  read(stretch: { readonly offset: number; readonly length: number }): Promise<Buffer>;
  close(): Promise<void>;
}

/** @throws an error of the system's form where there is no such file */
export async function stretchesOf(path: string): Promise<Stretches> {
  const at = mountedKey(path);
  if (at === null) {
    const file = await open(path, 'r');
    return { read: async (stretch) => await readAt(file, stretch), close: async () => await file.close() };
  }
  const store = await at.mount.store();
  return {
    read: async (stretch) => {
      const bytes = await store.get(at.key, stretch);
      if (bytes === null) throw new Error(`there is no ${at.mount.location}/${at.key}`);
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    },
    close: async () => undefined,
  };
}

async function readAt(
  file: FileHandle,
  { offset, length }: { offset: number; length: number },
): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
