import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder, moveDurably, storeError, syncFile } from './durable-files.ts';
import type { Home } from './home.ts';
import { holdCopies } from './store/copies.ts';
import { mountedKey } from './store/mount.ts';
import { sizeOf } from './store/stored-files.ts';

export type Zone = 'raw' | 'quarantine';

/**
 * Gives a landed, verified copy its content-addressed name. Identical content is stored once: when the object is there
 * already the copy is dropped. The name appears whole or not at all.
 */
export async function promote(options: {
  home: Home;
  landed: string;
  zone: Zone;
  sha256: string;
  sizeBytes: number;
}): Promise<void> {
  const { landed, sizeBytes } = options;
  const to = options.home.objectPath(options.zone, options.sha256);
  try {
    const isThere = await hasObject({ path: to, sizeBytes });
    if (!isThere) await moveDurably({ from: landed, to, keepsCopy: true });
    else if (mountedKey(to) === null) await rm(landed, { force: true });
    else {
      // Refining reads it from here, and nobody has to fetch what has just been read.
      await mkdir(dirname(to), { recursive: true });
      await rename(landed, to);
    }
  } catch (error) {
    throw storeError(error, to);
  }
}

/** Brings a quarantined object into raw when it is admitted after all. The quarantined copy stays as evidence. */
export async function admitQuarantined(options: {
  home: Home;
  sha256: string;
  landingDir: string;
}): Promise<void> {
  const from = options.home.objectPath('quarantine', options.sha256);
  const landed = `${options.landingDir}/${options.sha256}.readmitted`;
  try {
    await using _held = await holdCopies([from]);
    await makeFolder(dirname(landed));
    await copyFile(from, landed);
    await syncFile(landed);
    await moveDurably({
      from: landed,
      to: options.home.objectPath('raw', options.sha256),
      keepsCopy: true,
    });
  } catch (error) {
    throw storeError(error, landed);
  }
}

/** @throws TransientError store_unreachable: an object of a store that is away is not missing */
export async function hasObject({ path, sizeBytes }: { path: string; sizeBytes: number }): Promise<boolean> {
  return (await sizeOf(path)) === sizeBytes;
}
