import { compareProgress } from './advance.ts';

/** One half-open window that was held against its source: start closed, end open. */
export interface WindowResult {
  /** Null: from the beginning. */
  readonly startAt: string | null;
  readonly endBefore: string;
  readonly verdict: 'pass' | 'fail' | 'unknown';
}

export interface VerifiedThrough {
  /** Where the first window that was ever looked at begins. */
  readonly startAt: string | null;
  /** Everything before this is proven complete; null: nothing is. */
  readonly through: string | null;
}

interface Interval {
  readonly startAt: string | null;
  readonly endBefore: string;
}

/**
 * How far completeness is proven: the end of the passing windows that hang together from the start. A hole is never
 * jumped, whatever passed behind it. For a place that several windows cover the latest verdict counts; `unknown` says
 * nothing. `results` are in the order in which they were found. Pure.
 */
export function verifiedThrough(results: readonly WindowResult[]): VerifiedThrough {
  const startAt = earliestStart(results);
  const first = passing(results)[0];
  const reaches = first !== undefined && compareStart(first.startAt, startAt) === 0;
  return { startAt, through: reaches ? first.endBefore : null };
}

/** Whether windows that passed cover all of one that failed before: then it is mended. */
export function covers(passes: readonly WindowResult[], failed: WindowResult): boolean {
  const intervals = passing(passes);
  return intervals.some(
    ({ startAt, endBefore }) =>
      compareStart(startAt, failed.startAt) <= 0 && compareProgress(endBefore, failed.endBefore) >= 0,
  );
}

/** What is proven, as intervals that do not touch, in order. */
export function passing(results: readonly WindowResult[]): Interval[] {
  let intervals: Interval[] = [];
  for (const result of results) {
    if (result.verdict === 'unknown' || isEmpty(result)) continue;
    intervals = result.verdict === 'pass' ? joined(intervals, result) : without(intervals, result);
  }
  return intervals;
}

function joined(intervals: readonly Interval[], added: Interval): Interval[] {
  const touching = intervals.filter(
    ({ startAt, endBefore }) =>
      !startsAfter(startAt, added.endBefore) && !startsAfter(added.startAt, endBefore),
  );
  const apart = intervals.filter((interval) => !touching.includes(interval));
  const all = [...touching, added];
  const startAt = all.map((interval) => interval.startAt).reduce((a, b) => (compareStart(a, b) <= 0 ? a : b));
  const endBefore = all
    .map((interval) => interval.endBefore)
    .reduce((a, b) => (compareProgress(a, b) >= 0 ? a : b));
  return [...apart, { startAt, endBefore }].sort((a, b) => compareStart(a.startAt, b.startAt));
}

function without(intervals: readonly Interval[], removed: Interval): Interval[] {
  return intervals.flatMap((interval) => {
    const before = removed.startAt === null ? null : lower(interval.endBefore, removed.startAt);
    const head = before === null ? [] : [{ startAt: interval.startAt, endBefore: before }];
    const from = higherStart(interval.startAt, removed.endBefore);
    return [...head, { startAt: from, endBefore: interval.endBefore }].filter((part) => !isEmpty(part));
  });
}

function earliestStart(results: readonly WindowResult[]): string | null {
  const starts = results.map(({ startAt }) => startAt);
  return starts.length === 0 ? null : starts.reduce((a, b) => (compareStart(a, b) <= 0 ? a : b));
}

function isEmpty({ startAt, endBefore }: Interval): boolean {
  return startAt !== null && compareProgress(startAt, endBefore) >= 0;
}

function startsAfter(startAt: string | null, end: string): boolean {
  return startAt !== null && compareProgress(startAt, end) > 0;
}

function compareStart(a: string | null, b: string | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  return compareProgress(a, b);
}

function lower(a: string, b: string): string {
  return compareProgress(a, b) <= 0 ? a : b;
}

function higherStart(a: string | null, b: string): string {
  return a !== null && compareProgress(a, b) > 0 ? a : b;
}
