import type { Contract } from '../contract/contract.ts';
import { compareBounds } from '../refine/record-window.ts';
import type { RecordWindow } from '../refine/refined.ts';

export type HeldInterval = RecordWindow;

/** Between two neighbouring windows: half-open, as windows are. */
export interface Hole<Interval extends HeldInterval> {
  readonly from: string;
  readonly to: string;
  /** The window that begins where the hole ends. */
  readonly after: Interval;
}

/** What lies between the earliest and the latest of some windows over one field, and in none of them. Pure. */
export function holesBetween<Interval extends HeldInterval>(
  intervals: readonly Interval[],
  contract: Contract,
): Hole<Interval>[] {
  const compare = (field: string, a: string, b: string) => compareBounds({ field, contract, a, b });
  const sorted = [...intervals].sort((a, b) =>
    a.startAt === null ? -1 : b.startAt === null ? 1 : compare(a.field, a.startAt, b.startAt),
  );
  const holes: Hole<Interval>[] = [];
  let end: string | null = null;
  for (const [at, interval] of sorted.entries()) {
    const { startAt, endBefore, field } = interval;
    if (at > 0 && end !== null && startAt !== null && compare(field, startAt, end) > 0)
      holes.push({ from: end, to: startAt, after: interval });
    if (endBefore === null) return holes;
    if (end === null || compare(field, endBefore, end) > 0) end = endBefore;
  }
  return holes;
}
