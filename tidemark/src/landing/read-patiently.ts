import { setTimeout as wait } from 'node:timers/promises';
import type { Limits } from '../model/limits.ts';
import { readSource } from './land-file.ts';
import { readInThread } from './read-in-thread.ts';
import type { Reading, ReadOptions } from './reading.ts';

/** A reading that failed for a reason that may pass, and after which the file was read again. */
export interface FailedAttempt {
  readonly attempt: number;
  readonly reason: string;
  readonly waitedMs: number;
}

/**
 * Reads a source again, a bounded number of times, while it fails for a reason that may pass by itself: a network share
 * that stumbles, a machine out of file handles. The waits double, each with a share of chance, so that many processes
 * do not come back at once. A file that is missing, forbidden or changing is not tried again.
 */
export async function readPatiently(
  options: ReadOptions & {
    limits: Pick<Limits, 'sourceAttemptsMax' | 'retryDelayMs'>;
    readonly sizeBytes: number;
    /** Whether other files are read at the same time: then a large one is read in a thread of its own. */
    readonly besideOthers: boolean;
    onFailedAttempt(failed: FailedAttempt): void;
  },
): Promise<Reading> {
  return await patiently(options, async () =>
    options.besideOthers ? await readInThread(options) : await readSource(options),
  );
}

/** The same of any reading. */
export async function patiently(
  options: {
    readonly limits: Pick<Limits, 'sourceAttemptsMax' | 'retryDelayMs'>;
    readonly signal: AbortSignal;
    onFailedAttempt(failed: FailedAttempt): void;
  },
  read: () => Promise<Reading>,
): Promise<Reading> {
  const { limits, signal } = options;
  for (let attempt = 1; ; attempt += 1) {
    const reading = await read();
    const mayPass = reading.kind === 'unreadable' && PASSING.has(reading.errno);
    if (!mayPass || attempt >= limits.sourceAttemptsMax) return reading;
    const waitedMs = Math.round(limits.retryDelayMs * 2 ** (attempt - 1) * (0.5 + Math.random() / 2));
    options.onFailedAttempt({ attempt, reason: reading.reason, waitedMs });
    await wait(waitedMs, undefined, { signal });
  }
}

const PASSING: ReadonlySet<string | undefined> = new Set([
  'EAGAIN',
  'EBUSY',
  'EIO',
  'EINTR',
  'EMFILE',
  'ENFILE',
  'ESTALE',
  'ETIMEDOUT',
  'EREMOTEIO',
]);
