import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { makeFolder } from '../landing/durable-files.ts';
import type { Limits } from '../model/limits.ts';
import { numberRanges, planRanges } from './line-ranges.ts';
import { sumAccounts } from './record-account.ts';
import type { RefinedRange } from './refine-range.ts';
import { startThread } from './refine-thread.ts';
import type { RefinedUnit, RefineInput, UnitFiles } from './refined.ts';

/**
 * Refines an object by stretches, each in a thread and a folder of its own; the result is in the order of the file
 * whoever finished first, and so is what is told of stretches meanwhile. A thread is given its next stretch once it is
 * done with the one before, so nothing queues.
 * The first failure, or an abort, ends them all before it is told.
 */
export async function refineInThreads(input: RefineInput, sizeBytes: number): Promise<RefinedUnit> {
  const { limits, scratchDir } = input;
  const cancel = new AbortController();
  const signal = AbortSignal.any([input.signal, cancel.signal]);
  const ranges = planRanges(sizeBytes, limits);
  const numbered = numberRanges({ ...input, ranges, signal });
  const progress = sumProgress(input);
  const results: RefinedRange[] = [];
  let taken = 0;
  let told = 0;

  async function work(): Promise<void> {
    await using thread = startThread({ ...input, signal });
    for (;;) {
      const { value: range } = await numbered.next();
      if (range === undefined) return;
      const at = taken++;
      const folder = join(scratchDir, `range-${String(at + 1).padStart(5, '0')}`);
      await makeFolder(folder);
      results[at] = await thread.refine({ range, scratchDir: folder }, progress(at));
      for (let next = results[told]; next !== undefined; next = results[told]) {
        told += 1;
        input.onStretch?.({ ...next.files, ...sumAccounts([next.account]) });
      }
    }
  }

  const threads = Array.from({ length: Math.min(limits.refineWorkersMax, ranges.length) }, async () => {
    try {
      await work();
    } catch (error) {
      cancel.abort(error);
    }
  });
  await Promise.all(threads);
  signal.throwIfAborted();
  const files = await joinFiles({ files: results.map((result) => result.files), scratchDir, limits });
  return { ...files, ...sumAccounts(results.map((result) => result.account)) };
}

/** One cumulative account of what the stretches tell each of itself. */
function sumProgress({ onProgress }: RefineInput) {
  const told = { bytes: 0, records: 0 };
  return (_range: number): NonNullable<RefineInput['onProgress']> => {
    let [bytesBefore, recordsBefore] = [0, 0];
    return (bytes, records) => {
      told.bytes += bytes - bytesBefore;
      told.records += records - recordsBefore;
      [bytesBefore, recordsBefore] = [bytes, records];
      onProgress?.(told.bytes, told.records);
    };
  };
}

/** The files of stretches as those of one unit: what is large side by side, the others one behind the other. */
async function joinFiles({
  files,
  scratchDir,
  limits,
}: {
  files: readonly UnitFiles[];
  scratchDir: string;
  limits: Pick<Limits, 'chunkBytes'>;
}): Promise<UnitFiles> {
  const joinIn = async (name: string, paths: readonly (string | null)[]) => {
    const [first, ...rest] = paths.filter((path) => path !== null);
    if (first === undefined) return null;
    const whole = join(scratchDir, name);
    await rename(first, whole);
    for (const path of rest) {
      await pipeline(
        createReadStream(path, { highWaterMark: limits.chunkBytes }),
        createWriteStream(whole, { flags: 'a' }),
      );
      await rm(path);
    }
    return whole;
  };
  return {
    acceptedParts: files.flatMap(({ acceptedParts }) => acceptedParts),
    fingerprintsPaths: files.flatMap(({ fingerprintsPaths }) => fingerprintsPaths),
    rejectsPath: await joinIn(
      'rejects.ndjson',
      files.map((one) => one.rejectsPath),
    ),
    outOfWindowPath: await joinIn(
      'out-of-window.ndjson',
      files.map((one) => one.outOfWindowPath),
    ),
    longestLineBytes: Math.max(0, ...files.map((one) => one.longestLineBytes)),
  };
}
