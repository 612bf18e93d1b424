import { statfs } from 'node:fs/promises';
import { ERROR_CODES } from '../errors/codes.ts';
import { TransientError } from '../errors/tidemark-error.ts';
import { makeFolder } from './durable-files.ts';

export interface Room {
  /** As the beginning of a sentence, such as `Landing one file`. */
  readonly what: string;
  readonly bytes: number;
  /** What has to stay free. */
  readonly reserveBytes: number;
}

/**
 * @param folder on the disk that is asked about; made where it is not there yet
 * @throws TransientError space_missing
 */
export async function assertRoom(folder: string, room: Room): Promise<void> {
  if (room.bytes === 0) return;
  await makeFolder(folder);
  const { bavail, bsize } = await statfs(folder);
  const missing = missingBytes(room, bavail * bsize);
  if (missing === 0) return;
  const { what, bytes, reserveBytes } = room;
  throw new TransientError({
    code: ERROR_CODES.space_missing,
    message: `${what} takes ${bytes} bytes, and ${reserveBytes} are to stay free; ${bavail * bsize} are free where ${folder} is.`,
    next: `Free ${missing} bytes there, or name a home on a larger disk with --home, then run the same command again.`,
    facts: { ...room, freeBytes: bavail * bsize, missingBytes: missing },
  });
}

/** The same for one file of which the size is known before it is landed. */
export async function assertRoomForFile(
  folder: string,
  { sizeBytes, reserveBytes }: { sizeBytes: number; reserveBytes: number },
): Promise<void> {
  await assertRoom(folder, { what: 'Landing one file', bytes: sizeBytes, reserveBytes });
}

export function missingBytes({ bytes, reserveBytes }: Room, freeBytes: number): number {
  return Math.max(0, bytes + reserveBytes - freeBytes);
}
