/** The thread in which foreign libraries read files: entry of the worker that `observer-thread.ts` starts. */
import { parentPort } from 'node:worker_threads';
import { type Look, lookAtFile } from './look-at-file.ts';
import type { Observation } from './observation.ts';

export type Answer =
  | { readonly kind: 'observed'; readonly observation: Observation }
  /** The file could not be read, or the library failed beyond what its observer knows. */
  | { readonly kind: 'failed'; readonly reason: string };

// pdf.js leaves rejections of its inner promises unhandled on some broken files, after and beside its answer, which
// comes by its own promise. By default one of them would end the thread.
process.on('unhandledRejection', () => {});

// What libraries print is dropped where it is printed: a hostile file can have them print without end.
for (const stream of [process.stdout, process.stderr]) stream.write = () => true;

parentPort?.on('message', async (look: Look) => {
  parentPort?.postMessage(await answer(look));
});

async function answer(look: Look): Promise<Answer> {
  try {
    return { kind: 'observed', observation: await lookAtFile(look) };
  } catch (error) {
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}
