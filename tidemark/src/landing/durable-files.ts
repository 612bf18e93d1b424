import { link, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ERROR_CODES } from '../errors/codes.ts';
import { InvariantError, TransientError } from '../errors/tidemark-error.ts';
import { removeStored } from '../landing/store/stored-files.ts';
import { mountedKey, mountedUri } from './store/mount.ts';

/** Durable means: the file and the folder that names it are both on disk. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export async function syncFile(path: string): Promise<void> {
  await syncFolder(path);
  await syncFolder(dirname(path));
}

/** Creates a folder and its missing parents, each made durable in its parent. */
export async function makeFolder(folder: string): Promise<void> {
  const whole = resolve(folder);
  const first = await mkdir(whole, { recursive: true });
  if (first === undefined) return;
  const top = dirname(resolve(first));
  for (let at = whole; ; at = dirname(at)) {
    await syncFolder(at);
    if (at === top) return;
  }
}

/** Puts a file that was just written in its final place, a name that is given once. @throws what `storeError` makes of it */
export async function placeWritten(written: string, place: string): Promise<void> {
  try {
    await syncFile(written);
    await moveDurably({ from: written, to: place, givenOnce: true });
  } catch (error) {
    throw storeError(error, place);
  }
}

/**
 * Moves a finished file to its name, durably. The name appears whole or not at all.
 * @throws InvariantError store_name_taken where a name that is `givenOnce` stands for other bytes in a store
 */
export async function moveDurably({
  from,
  to,
  givenOnce = false,
  keepsCopy = false,
}: {
  from: string;
  to: string;
  givenOnce?: boolean;
  /** Whether the file stays as the copy of what a store took. */
  keepsCopy?: boolean;
}): Promise<void> {
  const at = mountedKey(to);
  if (at !== null) {
    const store = await at.mount.writable();
    const copy = `${from}.copy`;
    if (keepsCopy) await link(from, copy);
    if ((await store.putFile(at.key, from, { ifAbsent: givenOnce })) === 'taken') throw nameTaken(to);
    if (keepsCopy) {
      await mkdir(dirname(to), { recursive: true });
      await rename(copy, to);
    } else await rm(to, { force: true });
    return;
  }
  await makeFolder(dirname(to));
  await rename(from, to);
  await syncFolder(dirname(to));
}

/** Gives a stored file another name. In a store it is there under both for a moment, never under neither. */
export async function moveStored({ from, to }: { from: string; to: string }): Promise<void> {
  const at = mountedKey(from);
  if (at !== null) {
    const draft = `${to}.moving`;
    await (await at.mount.writable()).getToFile(at.key, draft);
    await moveDurably({ from: draft, to });
    await removeStored(from);
    return;
  }
  await moveDurably({ from, to });
}

/** Writes a small file whole: beside its name first, then renamed. */
export async function writeDurably(
  path: string,
  bytes: Uint8Array | string,
  { givenOnce = false }: { givenOnce?: boolean } = {},
): Promise<void> {
  const at = mountedKey(path);
  if (at !== null) {
    const store = await at.mount.writable();
    if ((await store.put(at.key, Buffer.from(bytes), { ifAbsent: givenOnce })) === 'taken')
      throw nameTaken(path);
    await rm(path, { force: true });
    return;
  }
  await makeFolder(dirname(path));
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const handle = await open(temporary, 'w');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw storeError(error, path);
  }
}

function nameTaken(path: string): InvariantError {
  const uri = mountedUri(path) ?? path;
  return new InvariantError({
    code: ERROR_CODES.store_name_taken,
    message: `${uri} stands for other bytes already, and it is a name that is given once.`,
    next: 'See who else writes below that prefix, then run the same command again: tidemark doctor',
    facts: { uri },
  });
}

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const REFUSED = new Set(['EACCES', 'EPERM', 'EROFS', 'EIO', 'EMFILE', 'ENFILE', 'ENOTDIR', 'ENOENT']);

/** An operating-system error of our own store, as an error that says what to do; any other error as it is. */
export function storeError(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException)?.code ?? '';
  const folder = resolve(dirname(path));
  if (FULL.has(code)) {
    return new TransientError({
      code: ERROR_CODES.store_full,
      message: `No space left (${code}) while ${path} was written.`,
      next: `Free space where ${folder} is, then run the same command again: landed and prepared work is kept.`,
      facts: { path, code },
      cause: error,
    });
  }
  if (REFUSED.has(code)) {
    return new TransientError({
      code: ERROR_CODES.store_unwritable,
      message: `The store refused ${path}: ${(error as Error).message}`,
      next: `Mend ${folder} (permissions, mount, disk), then run the same command again.`,
      facts: { path, code },
      cause: error,
    });
  }
  return error;
}
