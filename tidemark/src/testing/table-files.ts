import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathOfFileUri } from '../bronze/iceberg/file-uri.ts';
import { durablesOf } from './durables-of.ts';

/** Files of tables as someone gets them who knows their URIs and has none of the engine's copies. */
export interface TableFiles extends AsyncDisposable {
  read(uri: string): Promise<Uint8Array>;
  /** A path where the file lies; of an object, one that was fetched. */
  fileOf(uri: string): Promise<string>;
  readonly spillDir: string;
}

export async function tableFilesOf(homeDir: string): Promise<TableFiles> {
  const durables = await durablesOf(homeDir);
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-consumer-'));
  const keyOf = (uri: string) => {
    const root = `${durables.location}/`;
    if (!uri.startsWith(root)) throw new RangeError(`${uri} is not below ${root}`);
    return uri.slice(root.length);
  };
  let fetched = 0;
  return {
    spillDir: join(folder, 'spill'),
    read: async (uri) => {
      const bytes = await durables.get(keyOf(uri));
      if (bytes === null) throw new Error(`ENOENT: there is no ${uri}`);
      return bytes;
    },
    fileOf: async (uri) => {
      const path = pathOfFileUri(uri);
      if (path !== null) return path;
      fetched += 1;
      const copy = join(folder, `${fetched}.parquet`);
      if (!(await durables.getToFile(keyOf(uri), copy))) throw new Error(`ENOENT: there is no ${uri}`);
      return copy;
    },
    [Symbol.asyncDispose]: async () => {
      await durables[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
