import { compareProgress } from './advance.ts';

/** One half-open window that was held against its source: start closed, end open. */
export interface WindowResult {
  /** Null: from the beginning. */
  readonly startAt: string | null;
  readonly endBefore: string;
  readonly verdict: 'pass' | 'fail' | 'unknown';
  /** Whether what failed was mended since; then the result says nothing any more. */
  readonly mended: boolean;
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
 * jumped, whatever passed behind it. What failed and was not mended is a hole even where another window passed: several
 * units hold records of one window, and the proof of one does not stand for the other. `unknown` says nothing. Pure, and
 * whatever the order of the results.
 */
export function verifiedThrough(results: readonly WindowResult[]): VerifiedThrough {
  const startAt = earliestStart(results);
  const [first] = proven(results);
  const reaches = first !== undefined && compareStart(first.startAt, startAt) === 0;
  return { startAt, through: reaches ? first.endBefore : null };
}

/** Whether the windows that passed cover all of another one. */
export function covers(
  results: readonly WindowResult[],
  other: Pick<WindowResult, 'startAt' | 'endBefore'>,
): boolean {
  return proven(results).some(
    ({ startAt, endBefore }) =>
      compareStart(startAt, other.startAt) <= 0 && compareProgress(endBefore, other.endBefore) >= 0,
  );
}

/** As intervals that do not touch, in order. */
function proven(results: readonly WindowResult[]): Interval[] {
  const windows = results.filter((result) => !isEmpty(result));
  const passed = windows.filter(({ verdict }) => verdict === 'pass');
  const failed = windows.filter(({ verdict, mended }) => verdict === 'fail' && !mended);
  return failed.reduce<Interval[]>(without, passed.reduce<Interval[]>(joined, []));
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
