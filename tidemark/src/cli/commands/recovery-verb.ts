import { ERROR_CODES } from '../../errors/codes.ts';
import { ConfigurationError } from '../../errors/tidemark-error.ts';
import type { BatchTarget } from '../../recovery/batch-at-hand.ts';
import { executeCommand, type RecoveryRequest } from '../../recovery/plan-recovery.ts';
import type { RecoveryVerb, SealedPlan } from '../../recovery/recovery-plan.ts';
import { commandLine } from '../command-line.ts';
import { concludeRun } from '../conclude-run.ts';
import { EXIT } from '../exit-codes.ts';
import { listenForInterrupts } from '../interrupts.ts';
import type { Outcome } from '../outcome.ts';
import { Progress } from '../progress.ts';
import { foundLines } from '../render/incidents.ts';
import { conclusionLines } from '../render/invocation.ts';
import { plainValues } from '../render/plain-values.ts';
import { recoveryPlanLines } from '../render/recovery-plan.ts';
import { runReportLines } from '../render/run-report.ts';
import { openProject, type Session } from '../session.ts';
import type { RecoveryOptions } from './recovery-options.ts';

/** `retry`, `rerun`, `replay`, `backfill`: plans, or executes what was planned. */
export async function recoveryCommand(
  session: Session,
  { verb, ...options }: RecoveryOptions & { verb: RecoveryVerb },
): Promise<Outcome> {
  const { partitions } = options;
  if (partitions !== undefined) {
    const { backfillPartitions } = await import('./backfill-partitions.ts');
    return await backfillPartitions(session, { ...options, partitions });
  }
  return options.execute === undefined
    ? await planVerb(session, { verb, ...options })
    : await executeVerb(session, { verb, planId: options.execute });
}

async function planVerb(
  session: Session,
  { verb, ...options }: RecoveryOptions & { verb: RecoveryVerb },
): Promise<Outcome> {
  const { reason, ...target } = await onlyBatch(session, { verb, ...options });
  await using tidemark = await openProject(session, {});
  return planned(await tidemark.planRecovery(requestOf(verb, { target, reason, options })));
}

/** A plan as the outcome of a command. */
export function planned(sealed: SealedPlan): Outcome {
  const next = executeCommand(sealed);
  const stuck = sealed.plan.sources.some(({ action }) => action === 'impossible');
  const shown = plainValues({ plan: sealed.plan, planId: sealed.planId, next });
  return {
    exit: stuck ? EXIT.unfinished : EXIT.done,
    document: { plan_id: sealed.planId, plan: sealed.plan, next },
    lines: (page) => recoveryPlanLines(shown, page),
  };
}

function requestOf(
  verb: RecoveryVerb,
  { target, reason, options }: { target: BatchTarget; reason: string; options: RecoveryOptions },
): RecoveryRequest {
  const { acceptLoss = false, rewrite = false, from, to, field } = options;
  if (verb === 'retry') return { ...target, verb, reason };
  if (verb === 'rerun') return { ...target, verb, reason, acceptLoss };
  if (verb === 'replay') return { ...target, verb, reason, acceptLoss, rewrite };
  if (from === undefined || to === undefined) {
    throw new ConfigurationError({
      code: ERROR_CODES.usage,
      message: 'A backfill covers an interval: --from and --to are needed, or --partitions.',
      next: commandLine('backfill', '--from', '2026-01-01T00:00:00Z', '--to', '2026-01-02T00:00:00Z'),
    });
  }
  return { ...target, verb, reason, from, to, ...(field !== undefined && { field }) };
}

/**
 * The batch that is meant, and why it is recovered. Read without writing: a folder that is no project stays as it is.
 * @throws ConfigurationError usage when several batches are meant
 */
async function onlyBatch(
  session: Session,
  { verb, target, manifest, batchId, reason }: RecoveryOptions & { verb: RecoveryVerb },
): Promise<BatchTarget & { readonly reason: string }> {
  await using tidemark = await openProject(session, { readOnly: true });
  const found = await tidemark.advise({
    ...(target !== undefined && { target }),
    ...(manifest !== undefined && { manifestId: manifest }),
    ...(batchId !== undefined && { batchId }),
  });
  const [only, other] = found;
  if (only !== undefined && other === undefined) {
    const { manifestId, batchId: id, recommendation } = only;
    const advised = recommendation.kind === 'none' ? 'asked for' : recommendation.reason;
    return { manifestId, batchId: id, reason: reason ?? advised };
  }
  const named = found.slice(0, 3).map((batch) => `${batch.batchId} of ${batch.manifestId}`);
  throw new ConfigurationError({
    code: found.length === 0 ? ERROR_CODES.not_found : ERROR_CODES.usage,
    message:
      found.length === 0
        ? 'Nothing was ever run here.'
        : `Several batches could be meant (${named.join(', ')}${found.length > 3 ? ', …' : ''}).`,
    next:
      only === undefined
        ? commandLine('run')
        : commandLine(verb, '--manifest', only.manifestId, '--batch-id', only.batchId),
  });
}

async function executeVerb(
  session: Session,
  request: { verb: RecoveryVerb; planId: string },
): Promise<Outcome> {
  const progress = new Progress({ stream: session.output.stderr, assets: 0 });
  using interrupts = listenForInterrupts({
    onFirst: () => {
      progress.pause();
      session.output.notice(['stopping: what is landed and prepared is kept (Ctrl-C again ends at once)']);
    },
    onSecond: () => {
      progress.pause();
      process.exit(EXIT.interrupted);
    },
  });
  await using tidemark = await openProject(session, {
    signal: interrupts.signal,
    onEvent: (event) => {
      if (!session.options.quiet) progress.take(event);
    },
  });
  const report = await tidemark.executePlan(request).finally(() => progress.pause());
  const incidents = await tidemark.incidents({ runIds: [report.runId] });
  const conclusion = concludeRun(
    { traceId: report.traceId, refused: [], unopened: [], runs: [report], tables: [], incidents },
    {
      failOnRejects: false,
      notBegun: 0,
      again: commandLine(request.verb, '--execute', request.planId),
    },
  );
  const shown = plainValues({ report, incidents, conclusion });
  return {
    exit: conclusion.exit,
    document: { reason: conclusion.reason, next: conclusion.next, run: report, incidents },
    lines: (page) => [
      ...runReportLines(shown.report, page),
      ...foundLines(shown.incidents, page),
      ...conclusionLines(shown.conclusion, page),
    ],
    quietLines: (page) => (conclusion.exit === EXIT.done ? [] : conclusionLines(shown.conclusion, page)),
  };
}
