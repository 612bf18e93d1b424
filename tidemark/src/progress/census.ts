import { compareProgress } from './advance.ts';

/**
 * How many rows a source that sorts holds, by window of its ordered column: a day, or a thousand whole numbers. Text that
 * begins with no date has no windows, so what comes late there is not found.
 */
export type Census = Readonly<Record<string, number>>;

const DAY = /^\d{4}-\d\d-\d\d(?: |$)/;
const STEP = 1000n;

/** The window that a key lies in, named by where it begins; null where there are none. */
export function windowOf(key: string | number | bigint | null): string | null {
  if (typeof key === 'bigint') return String((key >= 0n ? key / STEP : -((-key + STEP - 1n) / STEP)) * STEP);
  return typeof key === 'string' && DAY.test(key) ? key.slice(0, 10) : null;
}

/** Where it ends, exclusive. */
export function windowEnd(window: string): string {
  if (!DAY.test(window)) return String(BigInt(window) + STEP);
  return new Date(Date.parse(`${window}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}

/** Rows that the source has in an interval and that no reading has brought. */
export interface CensusGap {
  readonly from: string;
  /** Exclusive. */
  readonly to: string;
  readonly source: number;
  readonly read: number;
}

/**
 * Windows that lie behind where reading begins, whole, and hold more rows than were there when they were read: something
 * was written behind the cursor. Neighbouring ones are told as one. Fewer rows say nothing, since a row that is changed
 * moves on; one that moved on can also hide one that came late, in the same window and between the same two runs. Pure.
 */
export function gapsBehind(facts: {
  readonly now: Census;
  readonly known: Census;
  /** Where reading begins; the window that holds it is looked at once it lies behind. */
  readonly startAt: string;
  /** What the manifest wants at all; null: no bound. */
  readonly wantedFrom: string | null;
}): CensusGap[] {
  const { now, known, startAt, wantedFrom } = facts;
  const gaps: CensusGap[] = [];
  for (const from of Object.keys(now).sort(compareProgress)) {
    const to = windowEnd(from);
    const [source, read] = [now[from] ?? 0, known[from] ?? 0];
    const behind = compareProgress(to, startAt) <= 0;
    const wanted = wantedFrom === null || compareProgress(from, wantedFrom) >= 0;
    if (!behind || !wanted || source <= read) continue;
    const last = gaps.at(-1);
    if (last?.to === from) gaps.splice(-1, 1, sumOf(last, { from, to, source, read }));
    else gaps.push({ from, to, source, read });
  }
  return gaps;
}

/**
 * What has been read once an interval was: its windows as they are now, those that it does not reach as they were known.
 * The window that it begins in may hold rows before it that nobody has read: they are not taken for read. Pure.
 */
export function readCensus(facts: {
  readonly now: Census;
  /** Of `now`, what lies in the interval. */
  readonly inside: Census;
  readonly known: Census | null;
}): Census {
  const { now, inside, known } = facts;
  const read: Record<string, number> = {};
  for (const [window, count] of Object.entries(now)) {
    const within = inside[window] ?? 0;
    const outside = count - within;
    const total = within + (known === null ? outside : Math.min(outside, known[window] ?? 0));
    if (total > 0) read[window] = total;
  }
  return read;
}

function sumOf(a: CensusGap, b: CensusGap): CensusGap {
  return { from: a.from, to: b.to, source: a.source + b.source, read: a.read + b.read };
}
