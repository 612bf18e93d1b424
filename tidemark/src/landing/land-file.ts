import { type FileHandle, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type FileStat, fileStat } from '../source/file/locate-source.ts';
import { copyUncached } from './copy-uncached.ts';
import { makeFolder, storeError, syncFolder } from './durable-files.ts';
import { EarlySync } from './early-sync.ts';
import { followCopy } from './follow-copy.ts';
import { Gathered, type Pass, passBytes, plainBuffers, unreadable, writeAll } from './pass-bytes.ts';
import type { OpenedSource, Reading, ReadOptions } from './reading.ts';
import { mountedKey } from './store/mount.ts';
import { piecesOf } from './store/stored-files.ts';

/**
 * Takes a file's sum and its head for sniffing, and copies it where asked. Memory is two chunks whatever the size. The
 * copy is synced before this returns; a copy of a reading that failed is removed.
 * @throws TransientError when our own store fails; AbortError when cancelled. A failing source is a `Reading`.
 */
export async function readSource(options: ReadOptions): Promise<Reading> {
  if (mountedKey(options.source) !== null) return await sumStored(options);
  try {
    return await readUntold(options);
  } catch (error) {
    throw options.copyTo === null ? error : storeError(error, options.copyTo);
  }
}

/** The sum of what a store has, whatever copies there are of it. */
async function sumStored({ source, chunkBytes, signal, onBytes }: ReadOptions): Promise<Reading> {
  const gathered = new Gathered();
  try {
    for await (const chunk of piecesOf(source, chunkBytes)) {
      signal.throwIfAborted();
      gathered.take(chunk);
      onBytes?.(chunk.length);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return unreadable(error);
    throw error;
  }
  const { sha256, sizeBytes, head } = gathered.pass();
  return { kind: 'read', bytes: { sha256, sizeBytes, head, stat: null } };
}

/** The same, with errors of the store as the system tells them, so that they can cross from one thread to another. */
export async function readUntold(options: ReadOptions): Promise<Reading> {
  let source: FileHandle;
  try {
    source = await open(options.source, 'r');
  } catch (error) {
    return unreadable(error);
  }
  try {
    const before = fileStat(await source.stat({ bigint: true }));
    const passed = await pass({ source, options, sizeBytes: before.sizeBytes });
    if (passed.kind === 'unreadable') {
      await discard(options.copyTo);
      return passed;
    }
    const after = fileStat(await source.stat({ bigint: true }));
    if (!sameStat(before, after) || passed.sizeBytes !== after.sizeBytes) {
      await discard(options.copyTo);
      return { kind: 'changed', before, after };
    }
    return { kind: 'read', bytes: { ...passed, stat: after } };
  } catch (error) {
    await discard(options.copyTo);
    throw error;
  } finally {
    await source.close();
  }
}

async function pass(work: OpenedSource): Promise<Pass> {
  const { source, options } = work;
  if (options.copyTo === null) {
    return await passBytes({ ...options, source, buffers: plainBuffers(options.chunkBytes) });
  }
  await makeFolder(dirname(options.copyTo));
  const passed =
    (await followCopy(work)) ??
    (await copyUncached(work)) ??
    (await passAndCopy(source, { ...options, copyTo: options.copyTo }));
  await syncFolder(dirname(options.copyTo));
  return passed;
}

async function passAndCopy(source: FileHandle, options: ReadOptions & { copyTo: string }): Promise<Pass> {
  await using copy = await open(options.copyTo, 'w');
  const syncing = new EarlySync(copy);
  try {
    const passed = await passBytes({
      ...options,
      source,
      buffers: plainBuffers(options.chunkBytes),
      write: async (chunk, position) => {
        await writeAll(copy, { chunk, position });
        syncing.reached(position + chunk.length);
      },
    });
    await syncing.finish();
    return passed;
  } finally {
    await syncing.settle();
  }
}

export function sameStat(a: FileStat, b: FileStat): boolean {
  return a.sizeBytes === b.sizeBytes && a.mtimeNs === b.mtimeNs && a.inode === b.inode;
}

async function discard(path: string | null): Promise<void> {
  if (path !== null) await rm(path, { force: true });
}
