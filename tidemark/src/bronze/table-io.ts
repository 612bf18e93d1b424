import { writeDurably } from '../landing/durable-files.ts';
import { readOnce } from '../landing/store/copies.ts';
import { mountedPath, mountedUri } from '../landing/store/mount.ts';
import { removeStored } from '../landing/store/stored-files.ts';
import { fileUri, pathOfFileUri } from './iceberg/file-uri.ts';

/** Table metadata where tables are, on this machine or in a mounted store. A file is there whole and durable, or not at all. */
export const tableIo = {
  read: async (uri: string): Promise<Uint8Array> => await readOnce(pathOf(uri)),
  write: async (uri: string, bytes: Uint8Array): Promise<void> =>
    await writeDurably(pathOf(uri), bytes, { givenOnce: true }),
  remove: async (uri: string): Promise<void> => await removeStored(pathOf(uri)),
};

/** The local path behind a URI of a table: of the file, or below a mounted store. @throws RangeError for another store */
export function pathOf(uri: string): string {
  const path = mountedPath(uri) ?? pathOfFileUri(uri);
  if (path === null)
    throw new RangeError(`${uri} is not a file of this machine, nor of the store that is configured`);
  return path;
}

/** How tables name a path. A home whose path has no URI is refused when it is opened. */
export function uriOf(path: string): string {
  const uri = mountedUri(path) ?? fileUri(path);
  if (uri === null) throw new RangeError(`${path} cannot be named by a table: it holds # or ?`);
  return uri;
}
