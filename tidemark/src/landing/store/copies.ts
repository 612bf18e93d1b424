import { opendir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { type Mount, mountedKey } from './mount.ts';
import { readStored } from './stored-files.ts';

/** A copy that was used so lately may be in use by another process of the same home, whose holding is not seen here. */
const LEFT_ALONE_MS = 15 * 60_000;

/** How often all copies are looked through while as many are made as may stay. */
const TRIMMED_PER_BOUND = 8;

/**
 * Copies of stored files that stay until they are let go of. Files of this machine are themselves.
 * What the store does not have is left to whoever opens it: the error names the file.
 */
export async function holdCopies(paths: readonly string[]): Promise<AsyncDisposable> {
  const held: { mount: Mount; path: string }[] = [];
  const release = async () => {
    const concerned = new Set<Mount>();
    for (const { mount, path } of held.splice(0)) {
      const left = (mount.held.get(path) ?? 1) - 1;
      if (left > 0) mount.held.set(path, left);
      else mount.held.delete(path);
      concerned.add(mount);
    }
    for (const mount of concerned)
      if (mount.untrimmedBytes > mount.copyBytesMax / TRIMMED_PER_BOUND) await trimCopies(mount);
  };
  try {
    for (const path of paths) {
      const at = mountedKey(path);
      if (at === null) continue;
      at.mount.held.set(path, (at.mount.held.get(path) ?? 0) + 1);
      held.push({ mount: at.mount, path });
    }
    // The store bounds how many are on their way.
    await Promise.all(held.map(async ({ path }) => await copyOf(path)));
  } catch (error) {
    await release();
    throw error;
  }
  return { [Symbol.asyncDispose]: release };
}

/**
 * A file that is never altered under its name, read whole; a second time from its copy.
 * @throws like `readStored`
 */
export async function readOnce(path: string): Promise<Buffer> {
  if (mountedKey(path) === null) return await readFile(path);
  await using _held = await holdCopies([path]);
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return await readStored(path);
  }
}

/** Whether there is a copy of a stored file, made now where there was none. */
async function copyOf(path: string): Promise<boolean> {
  const at = mountedKey(path);
  if (at === null) return true;
  const { mount, key } = at;
  const going = mount.fetching.get(path);
  if (going !== undefined) return await going;
  const isTrusted = mount.trusted === null || mount.trusted.has(path);
  if (isTrusted && (await touched(path))) return true;
  const fetching = (async () => {
    const found = await (await mount.store()).getToFile(key, path);
    // Gone from the store is gone, whatever an earlier copy says.
    if (found) {
      mount.trusted?.add(path);
      mount.untrimmedBytes += (await stat(path)).size;
    } else await rm(path, { force: true });
    return found;
  })();
  mount.fetching.set(path, fetching);
  try {
    return await fetching;
  } finally {
    mount.fetching.delete(path);
  }
}

async function touched(path: string): Promise<boolean> {
  const now = new Date();
  return await utimes(path, now, now).then(
    () => true,
    () => false,
  );
}

/** Removes the copies that were not used for longest until the rest is within its bound. */
async function trimCopies(mount: Mount): Promise<void> {
  mount.untrimmedBytes = 0;
  const copies: { path: string; bytes: number; usedMs: number }[] = [];
  const folder = await opendir(mount.dir, { recursive: true }).catch(() => null);
  if (folder === null) return;
  for await (const entry of folder) {
    const path = join(entry.parentPath, entry.name);
    const found = entry.isFile() ? await stat(path).catch(() => null) : null;
    if (found !== null) copies.push({ path, bytes: found.size, usedMs: found.mtimeMs });
  }
  let bytes = copies.reduce((sum, copy) => sum + copy.bytes, 0);
  const before = Date.now() - LEFT_ALONE_MS;
  for (const copy of copies.sort((a, b) => a.usedMs - b.usedMs)) {
    if (bytes <= mount.copyBytesMax || copy.usedMs > before) return;
    if (mount.held.has(copy.path)) continue;
    await rm(copy.path, { force: true });
    bytes -= copy.bytes;
  }
}
