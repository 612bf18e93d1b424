import { constants } from 'node:fs';
import { copyFile, type FileHandle, open, stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { goesUncached } from './copy-uncached.ts';
import { EarlySync } from './early-sync.ts';
import { Gathered, type Pass } from './pass-bytes.ts';
import type { OpenedSource, ReadOptions } from './reading.ts';

/** Below it, what the kernel spares is less than what it takes to ask for it. */
export const COPY_BYTES_MIN = 4 * 1024 * 1024;
/** Above it only a clone is asked for: a copy by the kernel cannot be cancelled, and Ctrl-C must not wait for minutes. */
const COPY_BYTES_MAX = 1024 * 1024 * 1024;
/** How long the sum waits where the copy is not ahead of it. */
const WAIT_MS = 1;

interface Copying {
  state: 'copying' | 'done' | 'failed';
  readonly ended: Promise<void>;
}

/**
 * Lets the kernel copy (a clone where the store can, else `copy_file_range`), and takes the sum of the copy as it grows:
 * what is hashed is what is stored. 1 GiB on ext4, from the page cache, synced: 1.2 s and 1.1 s of CPU; read and written
 * through this process it takes 2.5 s of CPU, and the disk's time comes after the last byte.
 * @returns null where nothing can be said in this way; the plain pass then finds out why
 */
export async function followCopy({ source, options, sizeBytes }: OpenedSource): Promise<Pass | null> {
  const { copyTo } = options;
  if (copyTo === null || sizeBytes < COPY_BYTES_MIN) return null;
  const { COPYFILE_FICLONE, COPYFILE_FICLONE_FORCE } = constants;
  // A clone fills no memory, and writes nothing.
  const onlyClones = sizeBytes > COPY_BYTES_MAX || goesUncached(options, sizeBytes);
  const mode = onlyClones ? COPYFILE_FICLONE_FORCE : COPYFILE_FICLONE;
  // It is there before the copy begins, so that there is something to follow.
  await using copy = await open(copyTo, 'w+');
  const { mode: ownMode } = await copy.stat();
  const copying = startCopy({ from: options.source, to: copyTo, mode });
  const syncing = new EarlySync(copy);
  try {
    const passed = await follow({ copy, copying, syncing, options });
    // Who may read or write the source is no matter of the store's: the kernel's copy takes it over.
    if (passed !== null) await copy.chmod(ownMode & 0o777);
    if (passed !== null) await syncing.finish();
    return passed !== null && (await isStillNamed({ source, path: options.source })) ? passed : null;
  } finally {
    // It writes into the store until it ends: nobody may use or remove the copy before.
    await copying.ended;
    await syncing.settle();
  }
}

function startCopy({ from, to, mode }: { from: string; to: string; mode: number }): Copying {
  const copying: Copying = {
    state: 'copying',
    ended: copyFile(from, to, mode).then(
      () => {
        copying.state = 'done';
      },
      () => {
        copying.state = 'failed';
      },
    ),
  };
  return copying;
}

async function follow({
  copy,
  copying,
  syncing,
  options,
}: {
  copy: FileHandle;
  copying: Copying;
  syncing: EarlySync;
  options: ReadOptions;
}): Promise<Pass | null> {
  const { chunkBytes, signal, onBytes } = options;
  const gathered = new Gathered();
  const buffers = [Buffer.allocUnsafe(chunkBytes), Buffer.allocUnsafe(chunkBytes)] as const;
  let turn: 0 | 1 = 0;
  const readAt = async (position: number) => {
    // Asked before reading: where nothing is there although the copy had ended, it is the end.
    const whole = copying.state !== 'copying';
    const { bytesRead } = await copy.read(buffers[turn], 0, chunkBytes, position);
    return { whole, chunk: buffers[turn].subarray(0, bytesRead) };
  };
  let reading = readAt(0);
  for (;;) {
    signal.throwIfAborted();
    const { whole, chunk } = await reading;
    if (chunk.length === 0) {
      if (whole) return copying.state === 'done' ? gathered.pass() : null;
      await wait(WAIT_MS);
      reading = readAt(gathered.sizeBytes);
      continue;
    }
    turn = turn === 0 ? 1 : 0;
    reading = readAt(gathered.sizeBytes + chunk.length);
    gathered.take(chunk);
    syncing.reached(gathered.sizeBytes);
    onBytes?.(chunk.length);
  }
}

/** The path is opened a second time by the copy: it must name the file that was looked at before and after. */
async function isStillNamed({ source, path }: { source: FileHandle; path: string }): Promise<boolean> {
  const [opened, named] = await Promise.all([
    source.stat({ bigint: true }),
    stat(path, { bigint: true }).catch(() => null),
  ]);
  return named !== null && named.ino === opened.ino && named.dev === opened.dev;
}
