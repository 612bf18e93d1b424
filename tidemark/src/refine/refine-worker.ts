/** The thread that refines stretches of an object: entry of the workers that `refine-thread.ts` starts. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Contract } from '../contract/contract.ts';
import { compileJudge } from '../contract/judge.ts';
import type { LineRange } from './line-ranges.ts';
import { type RefinedRange, refineRange } from './refine-range.ts';
import type { RefineInput } from './refined.ts';

/** What all stretches of an object share. A judge is code and does not cross: it is compiled from the schema again. */
export interface Task extends Pick<RefineInput, 'path' | 'window' | 'limits' | 'lane' | 'encoding'> {
  readonly contract: Omit<Contract, 'validate'>;
}

export interface Order {
  readonly range: LineRange;
  readonly scratchDir: string;
}

export type Answer =
  /** Of this stretch, so far. */
  | { readonly kind: 'progress'; readonly bytes: number; readonly records: number }
  | { readonly kind: 'refined'; readonly result: RefinedRange }
  /** An error, as far as it crosses: the class and what the system said of it are in `facts`. */
  | { readonly kind: 'failed'; readonly message: string; readonly facts: Readonly<Record<string, unknown>> };

const task = workerData as Task;
const contract = contractOf(task);
const never = new AbortController().signal;

parentPort?.on('message', async (order: Order) => {
  parentPort?.postMessage(await answer(order));
});

async function answer({ range, scratchDir }: Order): Promise<Answer> {
  try {
    const result = await refineRange({
      ...task,
      contract,
      range,
      scratchDir,
      // Whoever gave the order ends the thread instead.
      signal: never,
      onProgress: (bytes, records) =>
        parentPort?.postMessage({ kind: 'progress', bytes, records } satisfies Answer),
    });
    return { kind: 'refined', result };
  } catch (error) {
    const { message, stack, ...facts } = error as Error & Record<string, unknown>;
    return { kind: 'failed', message, facts: { ...facts, threadStack: stack } };
  }
}

function contractOf({ contract: told, limits }: Task): Contract {
  const judge = compileJudge({ schema: told.schema, limits });
  if (judge.kind === 'unusable') throw new Error(`${told.ref} cannot judge records: ${judge.reason}`);
  return { ...told, validate: judge.validate };
}
