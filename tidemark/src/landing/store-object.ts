import { copyFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder, moveDurably, storeError, syncFile } from './durable-files.ts';
import type { Home } from './home.ts';

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
  const to = options.home.objectPath(options.zone, options.sha256);
  if (await hasObject({ path: to, sizeBytes: options.sizeBytes })) {
    await rm(options.landed, { force: true });
    return;
  }
  try {
    await moveDurably({ from: options.landed, to });
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
    await makeFolder(dirname(landed));
    await copyFile(from, landed);
    await syncFile(landed);
    await moveDurably({ from: landed, to: options.home.objectPath('raw', options.sha256) });
  } catch (error) {
    throw storeError(error, landed);
  }
}

export async function hasObject({ path, sizeBytes }: { path: string; sizeBytes: number }): Promise<boolean> {
  try {
    const found = await stat(path);
    return found.isFile() && found.size === sizeBytes;
  } catch {
    return false;
  }
}
