import type { CoveringRow } from '../../catalog/partition-facts.ts';
import {
  coverageIn,
  type Interval,
  judgePartition,
  overlaps,
  type PartitionFacts,
  partitionName,
} from '../../progress/partitions.ts';
import type { PartitionStanding } from './partition-row.ts';
import type { TurnedAway } from './turned-away.ts';

/** What is known of a manifest, for all its partitions. */
export interface RowFacts {
  readonly units: readonly CoveringRow[];
  /**
   * Whether its sources go on for ever, each with its own cursor: then every source has to cover a partition. Whole files
   * follow each other instead, and cover it together.
   */
  readonly following: boolean;
  /** Up to where nothing may still come, by source, in ms; one that is not named has come to nothing. */
  readonly settledMs: ReadonlyMap<string, number>;
  readonly turnedAway: TurnedAway;
  readonly failed: readonly (Interval & { readonly sourceId: string })[];
  /** The end of what was declared or seen. */
  readonly seenMs: number;
  /** What ends at or before this should have come by now; null where no cadence is declared. */
  readonly dueMs: number | null;
}

/** One partition of it. Pure. */
export function judgeRow(facts: RowFacts, partition: Interval): PartitionStanding {
  const touching = facts.units.filter((unit) => overlaps(unit, partition));
  const committed = touching.filter((unit) => unit.committed);
  const before = facts.turnedAway.before.filter((id) => committed.some(({ sourceId }) => sourceId === id));
  const failing = facts.failed.filter((window) => overlaps(window, partition));
  const lagging = laggingSources(facts, partition);
  const covered = coveredBy(facts, { partition, committed });
  const { turnedAway, dueMs, seenMs } = facts;
  const verdict = judgePartition({
    covered: covered.how,
    due: dueMs !== null && partition.toMs <= dueMs,
    ahead: partition.fromMs >= seenMs,
    waiting: touching.some((unit) => !unit.committed),
    turnedAway: before.length > 0 ? 'before' : turnedAway.neverIn.length > 0 ? 'never_in' : 'none',
    settled: lagging.length === 0,
    proof: failing.length > 0 ? 'failed' : committed.every(({ proven }) => proven) ? 'passed' : 'none',
  });
  const concerned: Partial<Record<typeof verdict.reason, readonly string[]>> = {
    newer_delivery: before,
    source_turned_away: turnedAway.neverIn,
    covered_in_part: covered.gaps,
    proof_failed: failing.map(({ sourceId }) => sourceId),
    not_proven: committed.filter(({ proven }) => !proven).map(({ sourceId }) => sourceId),
    waits_for_commit: touching.filter((unit) => !unit.committed).map(({ sourceId }) => sourceId),
  };
  const sources = [...new Set(concerned[verdict.reason] ?? [])].sort();
  return { name: partitionName(partition), interval: partition, ...verdict, sources };
}

function coveredBy(
  { following, units }: RowFacts,
  { partition, committed }: { partition: Interval; committed: readonly CoveringRow[] },
): { how: PartitionFacts['covered']; gaps: string[] } {
  const whole = committed.map((unit) => (unit.windowed ? unit : partition));
  if (!following) return { how: coverageIn(partition, whole), gaps: [] };
  const sources = [...new Set(units.flatMap((unit) => (unit.committed ? [unit.sourceId] : [])))];
  const each = sources.map((id) => ({
    id,
    how: coverageIn(
      partition,
      committed.flatMap((unit) => (unit.sourceId === id ? [unit.windowed ? unit : partition] : [])),
    ),
  }));
  const gaps = each.flatMap(({ id, how }) => (how === 'whole' ? [] : [id]));
  if (each.every(({ how }) => how === 'none')) return { how: 'none', gaps };
  return { how: gaps.length === 0 ? 'whole' : 'part', gaps };
}

/** Sources of which something of the partition may still come. */
function laggingSources({ units, following, settledMs }: RowFacts, { toMs }: Interval): string[] {
  const sources = [...new Set(units.map(({ sourceId }) => sourceId))];
  const behind = sources.filter((id) => (settledMs.get(id) ?? Number.NEGATIVE_INFINITY) < toMs);
  return following || behind.length === sources.length ? behind : [];
}
