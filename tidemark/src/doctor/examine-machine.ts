import { constants } from 'node:fs';
import { access, open, rm, stat, statfs } from 'node:fs/promises';
import { freemem } from 'node:os';
import { dirname, join } from 'node:path';
import { openDataEngine } from '../bronze/data-engine.ts';
import type { Limits } from '../model/limits.ts';
import { bad, doubtful, type Finding, good } from './finding.ts';

const NODE_MAJOR_MIN = 24;
const FREE_BYTES_LOW = 2 * 1024 ** 3;
const MIB = 1024 * 1024;

export function examineNode(version: string): Finding {
  const major = Number(version.split('.')[0]);
  return major >= NODE_MAJOR_MIN
    ? good(`Node ${version}`)
    : bad(`Node ${version} is older than ${NODE_MAJOR_MIN}`, `Install Node ${NODE_MAJOR_MIN} or newer.`);
}

/** A file is written, synced and removed where the home is; where it is not yet, its folder has to take it. */
export async function examineHome(dir: string): Promise<Finding> {
  const there = await stat(dir).catch(() => null);
  if (there === null) {
    const parent = await nearestFolder(dir);
    await access(parent, constants.W_OK | constants.X_OK);
    return await withRoom(parent, `${dir} will be made by the first run`);
  }
  const probe = join(dir, `.doctor-${process.pid}`);
  try {
    await using file = await open(probe, 'wx');
    await file.write('tidemark doctor');
    await file.sync();
  } finally {
    await rm(probe, { force: true });
  }
  return await withRoom(dir, `${dir} takes files`);
}

async function nearestFolder(dir: string): Promise<string> {
  for (let folder = dirname(dir); ; folder = dirname(folder)) {
    if ((await stat(folder).catch(() => null)) !== null || folder === dirname(folder)) return folder;
  }
}

async function withRoom(folder: string, message: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder);
  const freeBytes = bavail * bsize;
  const text = `${message}, ${Math.floor(freeBytes / MIB)} MiB are free`;
  return freeBytes >= FREE_BYTES_LOW
    ? good(text)
    : doubtful(text, 'Every source is kept once and its rows once more: free space, or name another home.');
}

/** Opens the engine that writes data files, as a run would. */
export async function examineDataEngine({
  limits,
  spillDir,
}: {
  limits: Limits;
  spillDir: string;
}): Promise<Finding> {
  await using engine = await openDataEngine({ spillDir, limits });
  const [row] = await engine.rows('SELECT version() AS version');
  const text = `DuckDB ${row?.version}, ${Math.floor(limits.duckdbMemoryBytes / MIB)} MiB for ${limits.duckdbThreads} threads, ${Math.floor(freemem() / MIB)} MiB of memory are free`;
  return freemem() > 2 * limits.duckdbMemoryBytes
    ? good(text)
    : doubtful(
        text,
        'Lower limits.duckdbMemoryBytes in tidemark.yaml, or free memory: a run would be slowed by swapping.',
      );
}
