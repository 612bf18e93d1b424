import type { DataEngine, OpenEngine } from './data-engine.ts';
import { exhaustedBytes, type WithEngine } from './memory-ladder.ts';

/**
 * Does pieces of work beside each other, each with a fresh engine that has its share of the threads and of the memory.
 * A COPY of sorted rows keeps one thread busy and not two: of 100 MB of lines, two took 1.18 s one after the other with
 * two threads each, and 0.63 s beside each other with one each, at the same peak of memory.
 * A piece for which its share is too little memory is done again, alone, once the others are done. Results are in the
 * order of the work; after a failure nothing more is begun, and it is told when nothing runs any more.
 */
export async function shareEngines<T>(
  { open, alone, shares }: { open: OpenEngine; alone: WithEngine; shares: number },
  works: readonly ((engine: DataEngine) => Promise<T>)[],
): Promise<T[]> {
  const results: T[] = [];
  const again: number[] = [];
  const failures: unknown[] = [];
  const waiting = [...works.entries()].reverse();

  async function takeTurns(): Promise<void> {
    for (let next = waiting.pop(); next !== undefined && failures.length === 0; next = waiting.pop()) {
      const [at, work] = next;
      try {
        await using engine = await open({ shares });
        results[at] = await work(engine);
      } catch (error) {
        if (exhaustedBytes(error) > 0) again.push(at);
        else failures.push(error);
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(shares, works.length) }, takeTurns));
  if (failures.length > 0) throw failures[0];
  for (const at of again) results[at] = await alone(works[at] as (typeof works)[number]);
  return results;
}
