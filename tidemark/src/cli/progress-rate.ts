/** How fast something goes on, from its last observations: an old pace must not colour the time that is left. */
export interface ProgressRate {
  /** Per second; null until there is enough to tell. */
  readonly perSecond: number | null;
}

interface Observation {
  readonly atMs: number;
  readonly done: number;
}

/** Observations older than this say nothing of the pace now. */
const WINDOW_MS = 10_000;
/** Less time than this says nothing yet. */
const TELLING_MS = 500;
/** A second has at most this many observations. */
const SPACING_MS = 100;

/** Takes the cumulative amount as it grows. Time is an argument. */
export class RateMeter {
  #seen: Observation[] = [];

  take(observation: Observation): ProgressRate {
    const last = this.#seen.at(-1);
    if (last !== undefined && observation.done < last.done) this.#seen = [];
    if (last === undefined || observation.atMs - last.atMs >= SPACING_MS) this.#seen.push(observation);
    while (this.#seen.length > 2 && observation.atMs - (this.#seen[0]?.atMs ?? 0) > WINDOW_MS)
      this.#seen.shift();
    const first = this.#seen[0] ?? observation;
    const elapsed = observation.atMs - first.atMs;
    return { perSecond: elapsed < TELLING_MS ? null : ((observation.done - first.done) * 1000) / elapsed };
  }
}
