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
   * Sources that go on for ever, each with its own cursor, and from when on each covers anything: every one of them has to
   * cover a partition from then on. Null for whole files, which follow each other and cover it together.
   */
  readonly following: ReadonlyMap<string, number> | null;
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
  { following }: RowFacts,
  { partition, committed }: { partition: Interval; committed: readonly CoveringRow[] },
): { how: PartitionFacts['covered']; gaps: string[] } {
  const held = (units: readonly CoveringRow[]) =>
    coverageIn(
      partition,
      units.map((unit) => (unit.windowed ? unit : partition)),
    );
  if (following === null) return { how: held(committed), gaps: [] };
  const gaps = followingAt(following, partition).filter(
    (id) => held(committed.filter(({ sourceId }) => sourceId === id)) !== 'whole',
  );
  if (committed.length === 0) return { how: 'none', gaps };
  return { how: gaps.length === 0 ? 'whole' : 'part', gaps };
}

/** Sources of which something of the partition may still come. */
function laggingSources({ units, following, settledMs }: RowFacts, partition: Interval): string[] {
  const sources =
    following === null
      ? [...new Set(units.map(({ sourceId }) => sourceId))]
      : followingAt(following, partition);
  const behind = sources.filter((id) => (settledMs.get(id) ?? Number.NEGATIVE_INFINITY) < partition.toMs);
  return following !== null || behind.length === sources.length ? behind : [];
}

function followingAt(following: ReadonlyMap<string, number>, { toMs }: Interval): string[] {
  return [...following].flatMap(([id, fromMs]) => (fromMs < toMs ? [id] : []));
}
