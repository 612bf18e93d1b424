import type { turnedAwayBy } from '../../catalog/partition-facts.ts';

/** Sources whose last delivery is not in. */
export interface TurnedAway {
  /** An earlier delivery of them is. */
  readonly before: readonly string[];
  readonly neverIn: readonly string[];
}

/** A source that a later recovery brought in is turned away no more; one that could not be read delivered nothing newer. Pure. */
export function sortTurnedAway(turned: Awaited<ReturnType<typeof turnedAwayBy>>, runId: string): TurnedAway {
  const before: string[] = [];
  const neverIn: string[] = [];
  for (const { sourceId, outcome, broughtBy } of turned) {
    if (broughtBy === null) neverIn.push(sourceId);
    else if (broughtBy < runId && outcome !== 'failed') before.push(sourceId);
  }
  return { before, neverIn };
}
