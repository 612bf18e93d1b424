import { readFile, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { writeDurably } from '../landing/durable-files.ts';

/** Table metadata on the local file system. A file is there whole and durable, or not at all. */
export const tableIo = {
  read: async (uri: string): Promise<Uint8Array> => await readFile(fileURLToPath(uri)),
  write: async (uri: string, bytes: Uint8Array): Promise<void> =>
    await writeDurably(fileURLToPath(uri), bytes),
  remove: async (uri: string): Promise<void> => await rm(fileURLToPath(uri), { force: true }),
};
