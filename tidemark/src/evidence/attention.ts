import type { BatchStanding } from './batch-standings.ts';
import { nextCommand } from './next-command.ts';

/** One thing that is not well, with the one command to type next. */
export interface Attention {
  readonly kind:
    | 'run_died'
    | 'run_interrupted'
    | 'run_failed'
    | 'batch_withheld'
    | 'proof_missing'
    | 'proof_failed'
    | 'assets_turned_away'
    | 'table_unreadable';
  /** The run or table that it is about. */
  readonly subject: string;
  readonly message: string;
  readonly next: string;
}

/** `next` null: run the manifest's batch again. */
export type BatchAttention = Omit<Attention, 'next'> & { readonly next: string | null };

/** What is not well with a batch: its last run first, then the proof of what is in the tables. Pure. */
export function batchAttention(batch: BatchStanding, inProgress: ReadonlySet<string>): BatchAttention[] {
  return [...lastRunAttention(batch, inProgress), ...proofAttention(batch, inProgress)];
}

function* lastRunAttention(batch: BatchStanding, inProgress: ReadonlySet<string>): Generator<BatchAttention> {
  const { lastRun } = batch;
  if (lastRun === null || inProgress.has(lastRun.runId)) return;
  const of = `of batch ${batch.batchId} of ${batch.manifestId}`;
  const { runId: subject, failure } = lastRun;
  const why = failure === null ? '.' : `: ${failure.message} ${failure.next}`;
  switch (lastRun.state) {
    case 'running': {
      const message = `The last run ${of} died: its process is gone. What it prepared is kept.`;
      yield { kind: 'run_died', subject, message, next: null };
      return;
    }
    case 'interrupted': {
      const message = `The last run ${of} was interrupted. What it prepared is kept.`;
      yield { kind: 'run_interrupted', subject, message, next: null };
      return;
    }
    case 'failed':
      yield { kind: 'run_failed', subject, message: `The last run ${of} failed${why}`, next: null };
      return;
    case 'withheld':
      yield { kind: 'batch_withheld', subject, message: `The last run ${of} was withheld${why}`, next: null };
      return;
    case 'committed':
    case 'nothing_to_commit': {
      const tally = lastRun.state === 'committed' ? batch.committed?.assetTally : lastRun.assetTally;
      if (!tally || tally.held + tally.refused === 0) return;
      const message = `${tally.held} held and ${tally.refused} refused of ${tally.declared} assets ${of}.`;
      yield { kind: 'assets_turned_away', subject, message, next: nextCommand('show', subject) };
    }
  }
}

function* proofAttention(
  { batchId, manifestId, committed }: BatchStanding,
  inProgress: ReadonlySet<string>,
): Generator<BatchAttention> {
  if (committed === null || inProgress.has(committed.runId)) return;
  const { runId: subject } = committed;
  const what = `Batch ${batchId} of ${manifestId} is committed`;
  if (!committed.proven) {
    const message = `${what} and not yet proven: its run stopped before reconciling. The next run completes it.`;
    yield { kind: 'proof_missing', subject, message, next: null };
  } else if (committed.verdict === 'fail') {
    const message = `${what} and its reconciliation failed: do not build on it.`;
    yield { kind: 'proof_failed', subject, message, next: nextCommand('reconcile', '--run', subject) };
  }
}
