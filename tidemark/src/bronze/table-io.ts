import { readFile, rm } from 'node:fs/promises';
import { writeDurably } from '../landing/durable-files.ts';
import { fileUri, pathOfFileUri } from './iceberg/file-uri.ts';

/** Table metadata on the local file system. A file is there whole and durable, or not at all. */
export const tableIo = {
  read: async (uri: string): Promise<Uint8Array> => await readFile(pathOf(uri)),
  write: async (uri: string, bytes: Uint8Array): Promise<void> => await writeDurably(pathOf(uri), bytes),
  remove: async (uri: string): Promise<void> => await rm(pathOf(uri), { force: true }),
};

/** The local path behind a URI of a table. @throws RangeError for a URI of another store */
export function pathOf(uri: string): string {
  const path = pathOfFileUri(uri);
  if (path === null) throw new RangeError(`${uri} is not a file of this machine`);
  return path;
}

/** How tables name a path. A home whose path has no URI is refused when it is opened. */
export function uriOf(path: string): string {
  const uri = fileUri(path);
  if (uri === null) throw new RangeError(`${path} cannot be named by a table: it holds # or ?`);
  return uri;
}
