import { Worker } from 'node:worker_threads';
import type { Look } from './look-at-file.ts';
import type { Answer } from './observe-worker.ts';

/** An idle thread is ended after this long; until then the next file is spared the start (35 ms and the libraries). */
const IDLE_MS = 1000;
const HEAP_MIB_MAX = 512;
/** Of buffers, which no limit of a thread's heap counts: a PDF of 1.4 MB was seen to inflate one stream to 2.7 GB. */
const BUFFER_BYTES_MAX = 512 * 1024 * 1024;
const WEIGHED_EACH_MS = 100;

/** How a look ended: with an answer, or not. The thread is gone unless it answered. */
export type LookEnd =
  | Answer
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'timed_out' }
  /** Its buffers grew beyond the bound. */
  | { readonly kind: 'too_large'; readonly bytesMax: number }
  /** The thread ended by itself: out of memory, or a failure that nothing caught. */
  | { readonly kind: 'died'; readonly reason: string };

let idle: { readonly worker: Worker; readonly retire: NodeJS.Timeout } | null = null;

/**
 * Has one file looked at in a thread of its own, since the libraries read what strangers wrote: MediaInfo was seen to
 * loop for ever inside WebAssembly on a Matroska file with a few bytes changed, where no timer of this thread can fire
 * and only ending the thread helps. One look at a time a thread; an idle one does not keep the process alive.
 */
export function lookInThread({
  look,
  timeoutMs,
  signal,
}: {
  look: Look;
  timeoutMs: number;
  signal: AbortSignal;
}): Promise<LookEnd> {
  const worker = takeWorker();
  return new Promise((resolve) => {
    let ended = false;
    const end = (ending: LookEnd) => {
      // The last weighing may answer when the thread is at the next file already.
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      clearInterval(weighing);
      signal.removeEventListener('abort', onAbort);
      // One by one: without a name, removeAllListeners also removes what Node's Worker itself listens with.
      worker.off('message', end).off('error', onError).off('exit', onExit);
      if (ending.kind === 'observed' || ending.kind === 'failed') {
        keepWorker(worker);
        resolve(ending);
      } else {
        worker.terminate().then(() => resolve(ending));
      }
    };
    const onAbort = () => end({ kind: 'cancelled' });
    const onError = (error: unknown) => end({ kind: 'died', reason: String(error) });
    const onExit = (code: number) => end({ kind: 'died', reason: `its thread ended with code ${code}` });
    const timer = setTimeout(() => end({ kind: 'timed_out' }), timeoutMs);
    const weighing = setInterval(() => {
      // V8 answers in the middle of a loop; a thread that has ended meanwhile does not.
      worker.getHeapStatistics().then(
        ({ external_memory: bytes }) => {
          if (bytes > BUFFER_BYTES_MAX) end({ kind: 'too_large', bytesMax: BUFFER_BYTES_MAX });
        },
        () => undefined,
      );
    }, WEIGHED_EACH_MS);
    signal.addEventListener('abort', onAbort, { once: true });
    worker.on('message', end).on('error', onError).on('exit', onExit);
    worker.postMessage(look);
  });
}

function takeWorker(): Worker {
  if (idle === null) return startWorker();
  const { worker, retire } = idle;
  clearTimeout(retire);
  idle = null;
  worker.ref();
  return worker;
}

function keepWorker(worker: Worker): void {
  if (idle !== null) {
    worker.terminate();
    return;
  }
  const retire = () => {
    idle = null;
    worker.terminate();
  };
  worker.unref();
  idle = { worker, retire: setTimeout(retire, IDLE_MS).unref() };
}

function startWorker(): Worker {
  // Run as source or as built: the entry has this file's ending.
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const worker = new Worker(new URL(`./observe-worker.${ending}`, import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB_MAX },
    execArgv: [],
    // What libraries print is not ours to show; nobody reads it, since whoever does keeps the process alive for more.
    stdout: true,
    stderr: true,
  });
  // A thread that fails while idle, or while it is being ended, is nobody's: without a listener it would throw here.
  worker.on('error', () => {
    if (idle?.worker === worker) idle = null;
  });
  return worker;
}
