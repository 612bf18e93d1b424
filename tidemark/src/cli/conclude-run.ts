import type { RunReport } from '../evidence/run-report.ts';
import type { Invocation } from '../tidemark.ts';
import { commandLine } from './command-line.ts';
import { EXIT, type ExitCode, worstExit } from './exit-codes.ts';
import { exitOfFailure } from './failure-exit.ts';
import { counted } from './render/quantities.ts';

/** Why the process ends as it does, in words, and what to do next. */
export interface Conclusion {
  readonly exit: ExitCode;
  readonly reason: string;
  /** What else speaks against exit code 0. */
  readonly also: readonly string[];
  readonly next: string | null;
}

/** One thing that speaks against exit code 0. */
interface Objection {
  readonly exit: ExitCode;
  readonly reason: string;
  readonly next: string;
}

export interface ConcludeOptions {
  readonly failOnRejects: boolean;
  /** Selected manifests that were not begun, because the invocation was interrupted. */
  readonly notBegun: number;
  /** The very command that was given. */
  readonly again: string;
}

/** Pure: how an invocation of `run` ended. The most severe objection decides, and says what comes next. */
export function concludeRun(invocation: Invocation, options: ConcludeOptions): Conclusion {
  const objections = [...objectionsTo(invocation, options)];
  const exit = worstExit(objections.map((objection) => objection.exit));
  if (exit === EXIT.done) return { exit, reason: doneReason(invocation), also: [], next: null };
  const [deciding = [], others = []] = partition(objections, (objection) => objection.exit === exit);
  return {
    exit,
    reason: deciding.map(({ reason }) => reason).join('; '),
    also: others.map(({ reason }) => reason),
    next: deciding[0]?.next ?? null,
  };
}

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}

function* objectionsTo(invocation: Invocation, options: ConcludeOptions): Generator<Objection> {
  const { refused, unopened, runs } = invocation;
  if (options.notBegun > 0) {
    const reason = `${counted(options.notBegun, 'manifest was', 'manifests were')} not begun`;
    yield { exit: EXIT.interrupted, reason, next: options.again };
  }
  for (const { manifestId, failure } of unopened) {
    yield {
      exit: exitOfFailure(failure),
      reason: `${manifestId} was not run: ${failure.code}`,
      next: failure.next,
    };
  }
  for (const report of runs) yield* objectionsToRun(report, options);
  if (refused.length > 0) {
    const path = refused[0]?.path ?? '';
    yield {
      exit: EXIT.refused,
      reason: `${counted(refused.length, 'manifest was', 'manifests were')} refused`,
      next: `Mend it, then \`${commandLine('check', '--manifest-path', path)}\``,
    };
  }
}

function* objectionsToRun(
  report: RunReport,
  { failOnRejects, again }: ConcludeOptions,
): Generator<Objection> {
  const { manifestId, runId, failure, reconciliation, assetTally, recordTally, assets } = report;
  if (report.state === 'interrupted') {
    yield {
      exit: EXIT.interrupted,
      reason: `${manifestId} was interrupted`,
      next: `${again}  (goes on where this stopped)`,
    };
  } else if (report.state === 'withheld') {
    const reason = `${manifestId} was withheld: too many records were rejected`;
    yield { exit: EXIT.refused, reason, next: commandLine('rejects', '--run', runId) };
  } else if (failure !== null) {
    yield {
      exit: exitOfFailure(failure),
      reason: `${manifestId} failed: ${failure.code}`,
      next: failure.next,
    };
  } else if (assetTally.failed > 0) {
    yield { exit: EXIT.unfinished, reason: `${manifestId} waits for a failed asset`, next: again };
  }
  if (reconciliation !== null && reconciliation.verdict !== 'pass') {
    yield {
      exit: EXIT.unproven,
      reason: `what ${manifestId} committed could not be proved`,
      next: commandLine('reconcile', '--run', runId),
    };
  }
  if (assetTally.refused > 0) {
    const names = assets.filter(({ outcome }) => outcome === 'refused').map(({ sourceId }) => sourceId);
    const next =
      assets.find(({ outcome }) => outcome === 'refused')?.next ?? commandLine('show', names[0] ?? runId);
    yield {
      exit: EXIT.refused,
      reason: `${counted(names.length, 'asset')} of ${manifestId} ${names.length === 1 ? 'was' : 'were'} refused (${listed(names)})`,
      next,
    };
  }
  if (failOnRejects && recordTally.rejected > 0) {
    const reason = `${counted(recordTally.rejected, 'record was', 'records were')} rejected in ${manifestId} (--fail-on rejects)`;
    yield { exit: EXIT.refused, reason, next: commandLine('rejects', '--run', runId) };
  }
}

function listed(names: readonly string[]): string {
  return names.length <= 3
    ? names.join(', ')
    : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}

function doneReason({ runs }: Invocation): string {
  const sum = (count: (report: RunReport) => number) =>
    runs.reduce((total, report) => total + count(report), 0);
  const committed = sum(({ assetTally }) => assetTally.committed);
  const before = sum(({ assetTally }) => assetTally.already_committed);
  const held = sum(({ assetTally }) => assetTally.held);
  const rejected = sum(({ recordTally }) => recordTally.rejected);
  const parts = [
    ...(committed > 0 ? [`${counted(committed, 'source')} committed`] : []),
    ...(before > 0 ? [`${counted(before, 'source')} in before`] : []),
    ...(held > 0 ? [`${counted(held, 'source')} held back by the gate`] : []),
    ...(rejected > 0 ? [`${counted(rejected, 'record')} rejected, each with its reason`] : []),
  ].join(', ');
  return runs.every(({ state }) => state === 'nothing_to_commit') ? `nothing was new: ${parts}` : parts;
}
