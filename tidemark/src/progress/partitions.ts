import { DAY_MS, HOUR_MS } from '../model/duration.ts';

/**
 * `missing`: nothing covers it, though it lies between what was declared or seen. `partial`: covered in part, or a record
 * of it may still be outside. `stale`: due and not there, or its source delivered something newer that is not in.
 * `complete`: covered whole, and nothing of it may still come. `verified`: complete, and proven so.
 */
export type PartitionState = 'missing' | 'partial' | 'stale' | 'complete' | 'verified';

export type PartitionReason =
  | 'not_covered'
  | 'waits_for_commit'
  | 'due'
  | 'newer_delivery'
  | 'covered_in_part'
  | 'source_turned_away'
  | 'proof_failed'
  | 'still_open'
  | 'not_proven'
  | 'proven';

/** What is known of one partition of a manifest. */
export interface PartitionFacts {
  readonly covered: 'none' | 'part' | 'whole';
  /** Whether a declared cadence says that its data should have come by now. */
  readonly due: boolean;
  /** Whether it begins behind everything that was declared or seen. */
  readonly ahead: boolean;
  /** Prepared for it and not committed. */
  readonly waiting: boolean;
  /** A source whose last delivery was turned away: it had brought the partition before, or was never in. */
  readonly turnedAway: 'none' | 'before' | 'never_in';
  /** Whether nothing of it may still come, by the declared lateness. */
  readonly settled: boolean;
  readonly proof: 'passed' | 'failed' | 'none';
}

export interface PartitionVerdict {
  readonly state: PartitionState;
  readonly reason: PartitionReason;
}

/** The first that applies, gravest first: a partition is never called better than its worst part. Pure. */
export function judgePartition(facts: PartitionFacts): PartitionVerdict {
  const { covered, due, ahead, waiting, turnedAway, settled, proof } = facts;
  if (covered === 'none') {
    if (waiting) return { state: 'partial', reason: 'waits_for_commit' };
    return due && ahead ? { state: 'stale', reason: 'due' } : { state: 'missing', reason: 'not_covered' };
  }
  if (turnedAway === 'before') return { state: 'stale', reason: 'newer_delivery' };
  if (due && !settled) return { state: 'stale', reason: 'due' };
  if (covered === 'part') return { state: 'partial', reason: settled ? 'covered_in_part' : 'still_open' };
  if (waiting) return { state: 'partial', reason: 'waits_for_commit' };
  if (turnedAway === 'never_in') return { state: 'partial', reason: 'source_turned_away' };
  if (proof === 'failed') return { state: 'partial', reason: 'proof_failed' };
  if (!settled) return { state: 'partial', reason: 'still_open' };
  return proof === 'passed'
    ? { state: 'verified', reason: 'proven' }
    : { state: 'complete', reason: 'not_proven' };
}

export interface Interval {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Partitions are counted from 1970-01-01T00:00:00Z, so that a moment is in the same one wherever it is asked. */
export function partitionAt(ms: number, lengthMs: number): Interval {
  const fromMs = Math.floor(ms / lengthMs) * lengthMs;
  return { fromMs, toMs: fromMs + lengthMs };
}

/** The latest partitions that a range touches, newest first, at most `limit`; `older`: how many more there are. */
export function latestPartitions(
  { fromMs, toMs }: Interval,
  { lengthMs, limit }: { lengthMs: number; limit: number },
): { partitions: Interval[]; older: number } {
  if (fromMs >= toMs) return { partitions: [], older: 0 };
  const first = partitionAt(fromMs, lengthMs).fromMs;
  const last = partitionAt(toMs - 1, lengthMs).fromMs;
  const count = (last - first) / lengthMs + 1;
  const shown = Math.min(count, limit);
  const partitions = Array.from({ length: shown }, (_, at) => partitionAt(last - at * lengthMs, lengthMs));
  return { partitions, older: count - shown };
}

/** How much of a partition some intervals cover together. */
export function coverageIn(partition: Interval, intervals: readonly Interval[]): PartitionFacts['covered'] {
  const inside = intervals
    .filter((interval) => overlaps(interval, partition))
    .sort((a, b) => a.fromMs - b.fromMs);
  if (inside.length === 0) return 'none';
  let reached = partition.fromMs;
  for (const { fromMs, toMs } of inside) {
    if (fromMs > reached) return 'part';
    reached = Math.max(reached, toMs);
  }
  return reached >= partition.toMs ? 'whole' : 'part';
}

export function overlaps(a: Interval, b: Interval): boolean {
  return a.fromMs < b.toMs && b.fromMs < a.toMs;
}

/** Neighbours joined, oldest first: what one backfill each takes in. */
export function contiguous(partitions: readonly Interval[]): Interval[] {
  const sorted = [...partitions].sort((a, b) => a.fromMs - b.fromMs);
  const joined: Interval[] = [];
  for (const { fromMs, toMs } of sorted) {
    const last = joined.at(-1);
    if (last !== undefined && last.toMs >= fromMs)
      joined[joined.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, toMs) };
    else joined.push({ fromMs, toMs });
  }
  return joined;
}

/** `2026-03-02` for whole days, `2026-03-02T05` for whole hours, else the moment at which it begins. */
export function partitionName({ fromMs, toMs }: Interval): string {
  const text = new Date(fromMs).toISOString();
  const lengthMs = toMs - fromMs;
  if (lengthMs % DAY_MS === 0) return text.slice(0, 10);
  return lengthMs % HOUR_MS === 0 ? text.slice(0, 13) : `${text.slice(0, 19)}Z`;
}

/** The moment that a partition's name, a date or an instant means; null when it means none. */
export function momentOf(text: string): number | null {
  const full = /^\d{4}-\d\d-\d\d$/.test(text)
    ? `${text}T00:00:00Z`
    : /^\d{4}-\d\d-\d\dT\d\d$/.test(text)
      ? `${text}:00:00Z`
      : /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text)
        ? text
        : '';
  const ms = Date.parse(full);
  // 30 February is a date to Date.parse on some inputs; its text would not come back.
  if (Number.isNaN(ms)) return null;
  return full.endsWith('Z') && !new Date(ms).toISOString().startsWith(text.slice(0, 10)) ? null : ms;
}

export function instantText(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
