import { totalmem } from 'node:os';
import { ERROR_CODES } from '../errors/codes.ts';
import { TidemarkError } from '../errors/tidemark-error.ts';
import type { DataEngine, OpenEngine } from './data-engine.ts';

/** Of the machine's memory, what one engine may be given at most. */
const MEMORY_SHARE_MAX = 0.5;

/** Does a piece of work with a fresh engine. It may be done again from its beginning, so it must not mind that. */
export type WithEngine = <T>(work: (engine: DataEngine) => Promise<T>) => Promise<T>;

/**
 * Gives work more memory when it turns out to need it: twice as much each time, and what it took is where the next work
 * begins. DuckDB spills rows, but not a vector of them, and 2,048 records with lists of thousands are one vector: how much
 * that takes can not be told from the length of the lines (measured: up to 34 times).
 * @throws ConfigurationError memory_exhausted once `memoryBytesMax` (default: half of the machine's memory) is not enough
 */
export function memoryLadder(open: OpenEngine, memoryBytesMax = totalmem() * MEMORY_SHARE_MAX): WithEngine {
  let memoryBytesMin = 0;
  return async (work) => {
    for (;;) {
      try {
        await using engine = await open({ memoryBytesMin });
        return await work(engine);
      } catch (error) {
        const next = 2 * exhaustedBytes(error);
        if (next === 0 || next > memoryBytesMax) throw error;
        memoryBytesMin = next;
      }
    }
  };
}

/** The limit that was too low; 0 for any other error. */
export function exhaustedBytes(error: unknown): number {
  if (!(error instanceof TidemarkError) || error.code !== ERROR_CODES.memory_exhausted) return 0;
  return Number(error.facts.memoryBytes);
}
