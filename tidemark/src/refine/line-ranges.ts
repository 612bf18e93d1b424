import { open } from 'node:fs/promises';
import type { Limits } from '../model/limits.ts';

/** A stretch of a file: the lines that begin in it, `start` included and `end` not, are its own, whole. */
export interface LineRange {
  readonly start: number;
  readonly end: number;
  /** Number of the first line that begins in it. */
  readonly firstLine: number;
}

/** What a range's scratch text may be longer than the range itself before a data file more is begun: a third. */
const RANGE_OF_PART = 0.75;

/**
 * Cuts a file into stretches of equal length, so many that each makes one data file of the usual kind and that every
 * worker has one. Where they are cut depends on size and limits alone.
 */
export function planRanges(
  sizeBytes: number,
  { partBytesMax, refineWorkersMax }: Pick<Limits, 'partBytesMax' | 'refineWorkersMax'>,
): readonly Omit<LineRange, 'firstLine'>[] {
  const wanted = Math.max(refineWorkersMax, Math.ceil(sizeBytes / (partBytesMax * RANGE_OF_PART)));
  const count = Math.max(1, Math.min(wanted, sizeBytes));
  const border = (at: number) => Math.floor((sizeBytes * at) / count);
  return Array.from({ length: count }, (_, at) => ({ start: border(at), end: border(at + 1) }));
}

const LF = 0x0a;

/**
 * The same ranges with the numbers of their first lines, each as soon as the lines before it are counted. A line begins
 * at the start of the file and behind every LF.
 */
export async function* numberRanges({
  path,
  ranges,
  limits,
  signal,
}: {
  path: string;
  ranges: ReturnType<typeof planRanges>;
  limits: Pick<Limits, 'chunkBytes'>;
  signal: AbortSignal;
}): AsyncGenerator<LineRange> {
  await using file = await open(path, 'r');
  const buffer = Buffer.allocUnsafe(limits.chunkBytes);
  let firstLine = 1;
  let position = 0;
  for (const range of ranges) {
    // The LF behind which its first line begins may be the last byte of the range before.
    const until = Math.max(0, range.start - 1);
    while (position < until) {
      signal.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, until - position), position);
      if (bytesRead === 0) break;
      position += bytesRead;
      firstLine += countLf(buffer.subarray(0, bytesRead));
    }
    yield { ...range, firstLine: range.start === 0 ? 1 : firstLine + 1 };
  }
}

function countLf(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) count += 1;
  return count;
}
