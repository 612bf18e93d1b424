import { Worker } from 'node:worker_threads';
import { storeError } from './durable-files.ts';
import { readSource } from './land-file.ts';
import type { ReadAnswer, ReadRequest } from './read-worker.ts';
import type { Reading, ReadOptions } from './reading.ts';

/** Starting a thread takes 35 ms; hashing so many bytes takes 60 ms. */
export const THREAD_BYTES_MIN = 64 * 1024 * 1024;

/**
 * `readSource` in a thread of its own, so that several large files are hashed on several cores. It ends with its file,
 * and with nothing left behind: when cancelled it is told so and removes its copy, it is never killed.
 */
export async function readInThread(options: ReadOptions & { readonly sizeBytes: number }): Promise<Reading> {
  const { source, copyTo, uncached = false, chunkBytes, signal } = options;
  if (options.sizeBytes < THREAD_BYTES_MIN) return await readSource(options);
  signal.throwIfAborted();
  // Run as source or as built: the entry has this file's ending.
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const request: ReadRequest = { source, copyTo, uncached, chunkBytes };
  const worker = new Worker(new URL(`./read-worker.${ending}`, import.meta.url), {
    workerData: request,
    execArgv: [],
  });
  const cancel = () => worker.postMessage('cancel');
  signal.addEventListener('abort', cancel, { once: true });
  let answer: Exclude<ReadAnswer, { kind: 'bytes' }> | null = null;
  worker.on('message', (told: ReadAnswer) => {
    if (told.kind === 'bytes') options.onBytes?.(told.bytes);
    else answer = told;
  });
  try {
    // Not before its end: until then it may still write.
    await new Promise<void>((resolve, reject) => {
      worker.on('error', reject);
      worker.on('exit', () => resolve());
    });
  } finally {
    signal.removeEventListener('abort', cancel);
  }
  return concluded(answer, options);
}

function concluded(
  answer: Exclude<ReadAnswer, { kind: 'bytes' }> | null,
  { copyTo, signal }: ReadOptions,
): Reading {
  if (answer?.kind === 'ended') return answer.reading;
  signal.throwIfAborted();
  const error =
    answer === null ? new Error('a thread that read a file ended without an answer') : answer.error;
  if (answer !== null) Object.assign(error, { code: answer.code });
  throw copyTo === null ? error : storeError(error, copyTo);
}
