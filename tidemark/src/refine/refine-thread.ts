import { Worker } from 'node:worker_threads';
import { ERROR_CODES } from '../errors/codes.ts';
import { TransientError } from '../errors/tidemark-error.ts';
import type { RefinedRange } from './refine-range.ts';
import type { Answer, Order, Task } from './refine-worker.ts';
import type { RefineInput } from './refined.ts';

/** Left to itself a thread's young heap grows with its work: 423 MiB after 4,000,000 records, 257 with this. */
const YOUNG_MIB = 16;

/** A thread that refines one stretch at a time. Disposed of, it is gone, whatever it was at. */
export interface RefineThread extends AsyncDisposable {
  /**
   * Rejects with the signal's reason on abort, with what the system said when the disk fails, and with `TransientError`
   * when the thread ends by itself.
   */
  refine(order: Order, onProgress: RefineInput['onProgress']): Promise<RefinedRange>;
}

export function startThread(input: RefineInput): RefineThread {
  const { path, window, limits, lane, encoding, signal } = input;
  const { validate: _, ...contract } = input.contract;
  const task: Task = {
    path,
    window,
    limits,
    contract,
    ...(lane !== undefined && { lane }),
    ...(encoding !== undefined && { encoding }),
  };
  // Run as source or as built: the entry has this file's ending.
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const entry = new URL(`./refine-worker.${ending}`, import.meta.url);
  const worker = new Worker(entry, {
    workerData: task,
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
  });
  let ended: Error | null = null;
  let onEnd = (_reason: Error) => {};
  const end = (reason: string, cause?: unknown) => {
    ended ??= threadLost({ path, reason, cause });
    onEnd(ended);
  };
  worker.on('error', (error) => end(String(error), error));
  worker.on('exit', (code) => end(`it ended with code ${code}`));

  return {
    refine(order, onProgress) {
      return new Promise((resolve, reject) => {
        const settle = (how: () => void) => {
          worker.off('message', onAnswer);
          signal.removeEventListener('abort', onAbort);
          onEnd = () => {};
          how();
        };
        const onAnswer = (answer: Answer) => {
          if (answer.kind === 'progress') onProgress?.(answer.bytes, answer.records);
          else if (answer.kind === 'refined') settle(() => resolve(answer.result));
          else settle(() => reject(Object.assign(new Error(answer.message), answer.facts)));
        };
        const onAbort = () => settle(() => reject(signal.reason));
        onEnd = (reason) => settle(() => reject(reason));
        if (ended !== null) return onEnd(ended);
        if (signal.aborted) return onAbort();
        signal.addEventListener('abort', onAbort, { once: true });
        worker.on('message', onAnswer);
        worker.postMessage(order);
      });
    },
    [Symbol.asyncDispose]: async () => {
      await worker.terminate();
    },
  };
}

function threadLost({
  path,
  reason,
  cause,
}: {
  path: string;
  reason: string;
  cause: unknown;
}): TransientError {
  return new TransientError({
    code: ERROR_CODES.refine_thread_lost,
    message: `A thread that refined ${path} was lost: ${reason}`,
    next: 'Run the same command again; where it ends the same way, set limits.refineWorkersMax to 1 in tidemark.yaml.',
    facts: { path, reason },
    cause,
  });
}
