import { createReadStream } from 'node:fs';
import { opendir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type MountedKey, mountedKey } from './mount.ts';

/** Asked of a store at once: a request takes as long as some megabytes. */
const PIECE_BYTES_MIN = 8 * 1024 * 1024;

/**
 * Durable files as they are looked at, listed and removed, by path: below a mounted store they are the store's, anywhere
 * else this machine's. Writing is in `durable-files.ts`.
 */
export interface StoredFile {
  readonly path: string;
  /** The last part of the path. */
  readonly name: string;
}

/** Null where there is no such file. @throws TransientError store_unreachable: not knowing is not absence */
export async function sizeOf(path: string): Promise<number | null> {
  const at = mountedKey(path);
  if (at !== null) return (await (await at.mount.store()).head(at.key))?.sizeBytes ?? null;
  const found = await stat(path).catch(() => null);
  return found?.isFile() ? found.size : null;
}

/** @throws an error of the system's form, `ENOENT` with the path, where there is no such file */
export async function readStored(path: string): Promise<Buffer> {
  const at = mountedKey(path);
  if (at === null) return await readFile(path);
  const bytes = await (await at.mount.store()).get(at.key);
  if (bytes === null) throw missing(at);
  return asBuffer(bytes);
}

function missing({ mount, key }: MountedKey): Error {
  const path = `${mount.location}/${key}`;
  return Object.assign(new Error(`ENOENT: there is no ${path}`), { code: 'ENOENT', path });
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/**
 * A stored file from its beginning to its end, in flat memory.
 * @throws like `readStored`
 */
export async function* piecesOf(path: string, pieceBytes: number): AsyncGenerator<Buffer> {
  const at = mountedKey(path);
  if (at === null) {
    for await (const piece of createReadStream(path, { highWaterMark: pieceBytes })) yield piece as Buffer;
    return;
  }
  const store = await at.mount.store();
  const found = await store.head(at.key);
  if (found === null) throw missing(at);
  const length = Math.max(pieceBytes, PIECE_BYTES_MIN);
  for (let offset = 0; offset < found.sizeBytes; offset += length) {
    const piece = await store.get(at.key, { offset, length });
    if (piece === null) throw missing(at);
    yield asBuffer(piece);
  }
}

/** Names in a folder, of files and folders, that have a beginning; none where there is no such folder. */
export async function namesIn(folder: string, beginning = ''): Promise<string[]> {
  const at = mountedKey(folder);
  if (at !== null) {
    const prefix = at.key === '' ? beginning : `${at.key}/${beginning}`;
    return (await Array.fromAsync((await at.mount.store()).names(prefix))).flat();
  }
  try {
    return (await readdir(folder)).filter((name) => name.startsWith(beginning));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

export interface DatedFile {
  readonly path: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** Files that lie in a folder itself. */
export async function filesIn(folder: string, is: (name: string) => boolean): Promise<DatedFile[]> {
  const found: DatedFile[] = [];
  const at = mountedKey(folder);
  if (at !== null) {
    for await (const page of (await at.mount.store()).list(`${at.key}/`))
      for (const { key, sizeBytes, modifiedAt } of page) {
        const name = key.slice(at.key.length + 1);
        if (name.includes('/') || !is(name)) continue;
        found.push({ path: join(folder, name), bytes: sizeBytes, modifiedMs: modifiedAt.getTime() });
      }
    return found.sort((a, b) => (a.path < b.path ? -1 : 1));
  }
  for (const name of (await namesIn(folder)).filter(is).sort()) {
    const path = join(folder, name);
    const stats = await stat(path).catch(() => null);
    if (stats?.isFile()) found.push({ path, bytes: stats.size, modifiedMs: stats.mtimeMs });
  }
  return found;
}

/** Entries that are asked of the system at once. */
const PAGE = 512;

/** Every file below a folder, a page at a time; none where there is no such folder. */
export async function* listFiles(folder: string): AsyncGenerator<StoredFile> {
  const at = mountedKey(folder);
  if (at !== null) {
    const prefix = at.key === '' ? '' : `${at.key}/`;
    for await (const page of (await at.mount.store()).list(prefix))
      for (const { key } of page)
        yield { path: join(at.mount.dir, key), name: key.slice(key.lastIndexOf('/') + 1) };
    return;
  }
  const folders = [folder];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    let opened: Awaited<ReturnType<typeof opendir>>;
    try {
      opened = await opendir(next, { bufferSize: PAGE });
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) continue;
      throw error;
    }
    for await (const entry of opened) {
      const path = join(next, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else yield { path, name: entry.name };
    }
  }
}

/** S3 answers nobody whose clock is off by more, so its own and that of whoever asks are no farther apart. */
const CLOCKS_APART_MS = 15 * 60_000;

/** No file was made or changed after it, by the clock of this machine; null where there is none. */
export async function changedBefore(path: string): Promise<Date | null> {
  const at = mountedKey(path);
  if (at === null) return (await stat(path).catch(() => null))?.ctime ?? null;
  for await (const page of (await at.mount.store()).list(at.key))
    for (const { key, modifiedAt } of page)
      if (key === at.key) return new Date(modifiedAt.getTime() + CLOCKS_APART_MS);
  return null;
}

/** What is gone already is no error. */
export async function removeStored(path: string): Promise<void> {
  const at = mountedKey(path);
  if (at !== null) await (await at.mount.writable()).remove(at.key);
  await rm(path, { force: true });
}
