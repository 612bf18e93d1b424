/** The thread in which a large file is read and hashed: entry of the worker that `read-in-thread.ts` starts. */
import { parentPort, workerData } from 'node:worker_threads';
import { readUntold } from './land-file.ts';
import type { Reading, ReadOptions } from './reading.ts';

export type ReadRequest = Pick<ReadOptions, 'source' | 'copyTo' | 'uncached' | 'chunkBytes'>;

export type ReadAnswer =
  | { readonly kind: 'bytes'; readonly bytes: number }
  | { readonly kind: 'ended'; readonly reading: Reading }
  /** The store failed, as the system told it. */
  | { readonly kind: 'failed'; readonly error: Error; readonly code: string | undefined };

const cancel = new AbortController();
parentPort?.once('message', () => cancel.abort());
const answer = (told: ReadAnswer) => parentPort?.postMessage(told);
try {
  const reading = await readUntold({
    ...(workerData as ReadRequest),
    signal: cancel.signal,
    onBytes: (bytes) => answer({ kind: 'bytes', bytes }),
  });
  answer({ kind: 'ended', reading });
} catch (error) {
  // A property of an error is lost when it is sent, so its code goes beside it.
  answer({ kind: 'failed', error: error as Error, code: (error as NodeJS.ErrnoException).code });
}
parentPort?.close();
