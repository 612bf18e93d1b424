import { randomUUID } from 'node:crypto';
import { copyFile, link, open, opendir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { makeFolder, moveDurably, storeError, syncFile, writeDurably } from '../durable-files.ts';
import type { ObjectStore, Put, StoredObject } from './object-store.ts';
import { holdsBytes, holdsFile } from './same-content.ts';

/** Files listed at once. */
const PAGE_FILES = 1000;

/** A folder of this machine, such as a mounted disk. */
export function localStore(root: string): ObjectStore {
  const pathOf = (key: string) => join(root, key);
  const store: ObjectStore = {
    location: `file://${root}`,
    // `link` fails where the name is taken on every file system that has it.
    probe: async () => undefined,
    put: async (key, bytes, { ifAbsent = false } = {}) => {
      if (!ifAbsent) {
        await writeDurably(pathOf(key), bytes);
        return 'stored';
      }
      const draft = `${pathOf(key)}.${randomUUID()}.tmp`;
      await writeDurably(draft, bytes);
      return await linked({ draft, to: pathOf(key), isSame: () => holdsBytes(store, { key, bytes }) });
    },
    putFile: async (key, path, { ifAbsent = false } = {}) => {
      const to = pathOf(key);
      try {
        await syncFile(path);
        if (!ifAbsent) {
          await moveDurably({ from: path, to });
          return 'stored';
        }
        await makeFolder(dirname(to));
      } catch (error) {
        throw storeError(error, to);
      }
      return await linked({ draft: path, to, isSame: () => holdsFile(store, { key, path }) });
    },
    get: async (key, range) =>
      await whereThere(async () => {
        if (range === undefined) return await readFile(pathOf(key));
        await using file = await open(pathOf(key), 'r');
        const bytes = Buffer.alloc(range.length);
        const { bytesRead } = await file.read(bytes, 0, range.length, range.offset);
        return bytes.subarray(0, bytesRead);
      }),
    getToFile: async (key, path) => {
      const draft = `${path}.${randomUUID()}.part`;
      await makeFolder(dirname(path));
      const there = await whereThere(async () => {
        await copyFile(pathOf(key), draft);
        return true;
      });
      if (there === null) return false;
      await rename(draft, path);
      return true;
    },
    head: async (key) =>
      await whereThere(async () => {
        const found = await stat(pathOf(key));
        return found.isFile() ? { sizeBytes: found.size } : null;
      }),
    list: (prefix) => pages(root, prefix),
    names: (prefix) => namesBelow(root, prefix),
    remove: async (key) => await rm(pathOf(key), { force: true }),
    close: () => undefined,
  };
  return store;
}

/** Gives a draft its name unless that is taken. The draft is gone afterwards. */
async function linked(work: { draft: string; to: string; isSame(): Promise<boolean> }): Promise<Put> {
  const { draft, to, isSame } = work;
  try {
    await link(draft, to);
    await syncFile(to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw storeError(error, to);
    if (!(await isSame())) return 'taken';
  } finally {
    await rm(draft, { force: true });
  }
  return 'stored';
}

async function* pages(root: string, prefix: string): AsyncGenerator<StoredObject[]> {
  // The deepest folder that every key of the prefix is in.
  const below = join(root, prefix.slice(0, prefix.lastIndexOf('/') + 1));
  const folder = await whereThere(async () => await opendir(below, { recursive: true }));
  if (folder === null) return;
  let page: StoredObject[] = [];
  for await (const entry of folder) {
    const path = join(entry.parentPath, entry.name);
    const key = relative(root, path).split(sep).join('/');
    if (!entry.isFile() || !key.startsWith(prefix)) continue;
    const found = await whereThere(async () => await stat(path));
    if (found === null) continue;
    page.push({ key, sizeBytes: found.size, modifiedAt: found.mtime });
    if (page.length < PAGE_FILES) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

async function* namesBelow(root: string, prefix: string): AsyncGenerator<string[]> {
  const cut = prefix.lastIndexOf('/') + 1;
  const found = await whereThere(async () => await readdir(join(root, prefix.slice(0, cut))));
  const names = (found ?? []).filter((name) => name.startsWith(prefix.slice(cut)));
  if (names.length > 0) yield names;
}

async function whereThere<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
