import type { DataEngine, OpenEngine } from './data-engine.ts';
import { exhaustedBytes, type WithEngine } from './memory-ladder.ts';

type Work<T> = (engine: DataEngine) => Promise<T>;

export interface EngineQueueOptions {
  readonly open: OpenEngine;
  readonly alone: WithEngine;
  /** Pieces of work that may be done beside each other. */
  readonly shares: number;
  /** An engine is not kept where the process holds more than this: what an engine freed is given back when it is closed. */
  readonly heldBytesMax: number;
}

/**
 * Does pieces of work beside each other, each with an engine that has its share of the threads and of the memory. The next
 * piece gets the engine of one before, as long as there is memory to hold: filling it anew was a fifth of a COPY's time.
 * A COPY of sorted rows keeps one thread busy and not two: of 100 MB of lines, two took 1.18 s one after the other with
 * two threads each, and 0.63 s beside each other with one each, at the same peak of memory.
 * One piece is done at a time until `finish`: whoever still adds to the queue is at work too.
 * A piece for which its share is too little memory is done again, alone, once the others are done. After a failure
 * nothing more is begun. Disposed of, it waits until nothing runs any more.
 */
export class EngineQueue<T> implements AsyncDisposable {
  readonly #options: EngineQueueOptions;
  readonly #works: Work<T>[] = [];
  readonly #results: T[] = [];
  readonly #again: number[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #idle: DataEngine[] = [];
  #failure: { readonly error: unknown } | null = null;
  #begun = 0;
  #atOnce = 1;

  constructor(options: EngineQueueOptions) {
    this.#options = options;
  }

  /** @throws what a piece before it failed with */
  add(work: Work<T>): void {
    if (this.#failure !== null) throw this.#failure.error;
    this.#works.push(work);
    this.#begin();
  }

  /** Results in the order of the work. @throws the first failure, once nothing runs any more */
  async finish(): Promise<T[]> {
    this.#atOnce = this.#options.shares;
    this.#begin();
    await this.#settled();
    if (this.#failure !== null) throw this.#failure.error;
    for (const at of this.#again) this.#results[at] = await this.#options.alone(this.#works[at] as Work<T>);
    return this.#results;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#begun = this.#works.length;
    await this.#settled();
  }

  #begin(): void {
    while (this.#failure === null && this.#running.size < this.#atOnce) {
      const at = this.#begun;
      const work = this.#works[at];
      if (work === undefined) return;
      this.#begun += 1;
      const running = this.#do(work, at).then(() => {
        this.#running.delete(running);
        this.#begin();
      });
      this.#running.add(running);
    }
  }

  async #do(work: Work<T>, at: number): Promise<void> {
    const { open, shares, heldBytesMax } = this.#options;
    try {
      const engine = this.#idle.pop() ?? (await open({ shares }));
      await using closing = new AsyncDisposableStack();
      closing.use(engine);
      this.#results[at] = await work(engine);
      if (process.memoryUsage.rss() > heldBytesMax) return;
      closing.move();
      this.#idle.push(engine);
    } catch (error) {
      if (exhaustedBytes(error) > 0) this.#again.push(at);
      else this.#failure ??= { error };
    }
  }

  /** Until nothing runs any more, and no engine is held. */
  async #settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
    for (const engine of this.#idle.splice(0)) await engine[Symbol.asyncDispose]();
  }
}
