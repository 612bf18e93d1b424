import type { latestCommit, latestForwardRun } from '../../catalog/partition-facts.ts';
import { judgePartition } from '../../progress/partitions.ts';
import type { PartitionStanding } from './partition-row.ts';
import type { TurnedAway } from './turned-away.ts';

/** The one partition of a manifest that has no time to be cut by: all that its last run was to bring. Pure. */
export function onlyPartition(facts: {
  run: NonNullable<Awaited<ReturnType<typeof latestForwardRun>>>;
  commit: Awaited<ReturnType<typeof latestCommit>>;
  turnedAway: TurnedAway;
}): PartitionStanding {
  const { run, commit, turnedAway } = facts;
  const { before, neverIn } = turnedAway;
  const ended = run.state === 'committed' || run.state === 'nothing_to_commit';
  const verdict = judgePartition({
    covered: commit === null ? 'none' : ended ? 'whole' : 'part',
    due: false,
    ahead: false,
    waiting: false,
    turnedAway: before.length > 0 ? 'before' : neverIn.length > 0 ? 'never_in' : 'none',
    settled: true,
    proof: commit?.verdict === 'pass' ? 'passed' : commit?.verdict === 'fail' ? 'failed' : 'none',
  });
  const concerned = { newer_delivery: before, source_turned_away: neverIn };
  const sources = verdict.reason in concerned ? concerned[verdict.reason as keyof typeof concerned] : [];
  return { name: '-', interval: null, ...verdict, sources };
}
