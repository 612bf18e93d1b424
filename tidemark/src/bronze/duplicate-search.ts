import type { DataEngine, OpenEngine } from './data-engine.ts';
import {
  type Compared,
  type Duplicates,
  findDuplicates,
  NO_DUPLICATES,
  rememberAgain,
  rememberCompared,
} from './deduplicate.ts';
import { exhaustedBytes, type WithEngine } from './memory-ladder.ts';

type Stretch = Pick<Compared, 'fingerprintsPaths' | 'keeperFiles'>;

/**
 * Looks for the duplicates of a unit stretch by stretch, in the order of its source, and comes to what comparing the
 * whole unit at once comes to. The fingerprints of earlier stretches are in an engine of its own, which spills what its
 * memory does not hold; should that be too little, one with more memory reads them again.
 */
export class DuplicateSearch implements AsyncDisposable {
  readonly #open: OpenEngine;
  readonly #alone: WithEngine;
  readonly #scratchDir: string;
  readonly #earlier: string[] = [];
  #engine: DataEngine | null = null;
  #part = 0;

  /** `open` while others work beside it, `alone` once nobody does. */
  constructor({ open, alone, scratchDir }: { open: OpenEngine; alone: WithEngine; scratchDir: string }) {
    this.#open = open;
    this.#alone = alone;
    this.#scratchDir = scratchDir;
  }

  async compare(stretch: Stretch): Promise<Duplicates> {
    if (stretch.fingerprintsPaths.length === 0) return NO_DUPLICATES;
    const compared = this.#next(stretch);
    const found = await this.#found(compared);
    this.#earlier.push(...compared.fingerprintsPaths);
    return found;
  }

  /** The same of the last one. */
  async compareRest(stretch: Stretch): Promise<Duplicates> {
    if (stretch.fingerprintsPaths.length === 0) return NO_DUPLICATES;
    const compared = this.#next(stretch);
    return await (this.#engine === null ? this.#foundAlone(compared) : this.#found(compared));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const engine = this.#engine;
    this.#engine = null;
    await engine?.[Symbol.asyncDispose]();
  }

  #next(stretch: Stretch): Compared {
    return { ...stretch, scratchDir: this.#scratchDir, part: this.#part++ };
  }

  async #found(compared: Compared): Promise<Duplicates> {
    try {
      const engine = await this.#opened();
      const found = await findDuplicates(engine, compared);
      await rememberCompared(engine);
      return found;
    } catch (error) {
      if (exhaustedBytes(error) === 0) throw error;
      await this[Symbol.asyncDispose]();
      return await this.#foundAlone(compared);
    }
  }

  async #opened(): Promise<DataEngine> {
    if (this.#engine === null) {
      this.#engine = await this.#open();
      await rememberAgain(this.#engine, this.#earlier);
    }
    return this.#engine;
  }

  async #foundAlone(compared: Compared): Promise<Duplicates> {
    return await this.#alone(async (engine) => {
      await rememberAgain(engine, this.#earlier);
      return await findDuplicates(engine, compared);
    });
  }
}
