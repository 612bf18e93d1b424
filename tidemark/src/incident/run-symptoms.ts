import { ERROR_CODES } from '../errors/codes.ts';
import type { AssetResult, Finding } from '../evidence/asset-result.ts';
import type { BatchEnd } from '../evidence/batch-account.ts';
import { nextCommand } from '../evidence/next-command.ts';
import type { RunReport } from '../evidence/run-report.ts';
import type { Symptom } from './symptom.ts';

/** Sources named in a message, and kept in the facts. */
const NAMED_MAX = 3;
const KEPT_MAX = 50;

/**
 * What the account of a run says is wrong with its batch: it is not finished, a declared source was not received, one is
 * not what its manifest declares, what was committed does not reconcile. Pure; the same account gives the same symptoms.
 */
export function symptomsOfRun(report: BatchEnd): Symptom[] {
  const missing = report.assets.flatMap((asset) => notReceived(report, asset));
  return [
    // Where it waits for a source that did not come, that source is what is wrong.
    ...(missing.length > 0 && report.failure?.code === ERROR_CODES.batch_blocked ? [] : unfinished(report)),
    ...missing,
    ...report.assets.flatMap((asset) => contradicting(report, asset)),
    ...report.assets.flatMap((asset) => lateBehindCursor(report, asset)),
    ...notReconciled(report),
  ];
}

/**
 * A run that never ended and whose process is gone: nothing is known of it but that it began. Of its batch's sources what
 * the runs before it found is still so.
 */
export function diedRun(
  run: Pick<RunReport, 'runId' | 'manifestId' | 'batchId' | 'startedAt' | 'assets'>,
): Symptom[] {
  const died: Symptom = {
    ...aboutBatch(run),
    kind: 'batch_unfinished',
    message: `Batch ${run.batchId} of ${run.manifestId} is not finished: its run of ${run.startedAt} died.`,
    facts: { state: 'running', startedAt: run.startedAt },
    query: nextCommand('show', run.runId),
    suggestion: recoveryOf(run, 'retry'),
  };
  const ofSources = run.assets.flatMap((asset) => [...notReceived(run, asset), ...contradicting(run, asset)]);
  return [died, ...ofSources];
}

type About = Pick<RunReport, 'runId' | 'manifestId' | 'batchId'>;

function unfinished(report: BatchEnd): Symptom[] {
  const { state, failure, recovery, assets, assetTally } = report;
  if (state !== 'failed' && state !== 'interrupted' && state !== 'withheld') return [];
  // A replacement that was refused for its size leaves the batch as it was.
  if (failure?.code === ERROR_CODES.replacement_too_small) return [];
  const failed = assets.filter(({ outcome }) => outcome === 'failed').map(({ sourceId }) => sourceId);
  const why = failure === null ? '' : `: ${failure.message} ${failure.next}`;
  const verb = recovery?.verb ?? 'retry';
  return [
    {
      ...aboutBatch(report),
      kind: 'batch_unfinished',
      message: `Batch ${report.batchId} of ${report.manifestId} is not finished, its last run ended as ${state}${why}`,
      facts: { state, code: failure?.code ?? null, ...assetTally, sources: failed.slice(0, KEPT_MAX) },
      query: nextCommand('show', report.runId),
      suggestion:
        state === 'withheld'
          ? nextCommand('rejects', '--run', report.runId)
          : recoveryOf(report, verb === 'retry' ? 'retry' : 'recover'),
    },
  ];
}

/** Rules of landing that say that no bytes came. */
const NOTHING_CAME = /^(source_|raw_object_)/;
/** Rules that say nothing of the bytes. */
const NOT_OF_BYTES = /^(contract_unavailable|not_reached|batch_blocked)$/;

function notReceived(report: About, asset: AssetResult): Symptom[] {
  if (asset.sourceFingerprint !== null) return [];
  const [finding] = asset.findings.filter(({ rule }) => NOTHING_CAME.test(rule));
  if (finding === undefined) return [];
  const { sourceId, table, declaredPath, outcome, next } = asset;
  return [
    {
      ...aboutBatch(report),
      kind: 'source_not_received',
      sourceId,
      table,
      message: `${sourceId} is declared and was not received: ${withoutCode(finding.message)}${next === null ? '' : ` ${next}`}`,
      facts: {
        path: declaredPath,
        rule: finding.rule,
        expected: finding.expected,
        received: finding.received,
      },
      query: nextCommand('show', sourceId),
      suggestion: recoveryOf(report, outcome === 'failed' ? 'retry' : 'rerun'),
    },
  ];
}

function contradicting(report: About, asset: AssetResult): Symptom[] {
  const { outcome, sourceId, table, declaredPath, sourceFingerprint } = asset;
  if (outcome !== 'refused' && outcome !== 'held') return [];
  const findings = asset.findings.filter(({ rule }) => !NOTHING_CAME.test(rule) && !NOT_OF_BYTES.test(rule));
  if (findings.length === 0) return [];
  return [
    {
      ...aboutBatch(report),
      kind: 'source_contradicts_manifest',
      sourceId,
      table,
      message: `${sourceId} is not what its manifest declares, nothing of it was admitted: ${listed(findings)} Deliver it again or mend its declaration, then rerun.`,
      facts: {
        path: declaredPath,
        sourceFingerprint,
        findings: findings
          .slice(0, KEPT_MAX)
          .map(({ rule, expected, received }) => ({ rule, expected, received })),
      },
      query: nextCommand('show', sourceId),
      suggestion: recoveryOf(report, 'rerun'),
    },
  ];
}

/** Rows of a source behind its cursor that no forward run reads: only a backfill brings them. */
function lateBehindCursor(report: BatchEnd, { sourceId, table, gaps = [] }: AssetResult): Symptom[] {
  const { manifestId, batchId } = report;
  const of = ['--manifest', manifestId, '--batch-id', batchId];
  return gaps.map(({ field, from, to, source, read, query }) => ({
    ...aboutBatch(report),
    kind: 'late_behind_cursor' as const,
    sourceId,
    table,
    distinction: `${field}[${from},${to})`,
    message: `${sourceId} holds ${source} rows of ${field} from ${from} to ${to}, ${read} have been read: ${source - read} or more were written behind its cursor.`,
    facts: { from, to, field, source, read },
    query,
    suggestion: nextCommand('backfill', ...of, '--from', from, '--to', to),
  }));
}

function notReconciled(report: BatchEnd): Symptom[] {
  const { reconciliation, runId, batchId, manifestId } = report;
  if (reconciliation?.verdict !== 'fail') return [];
  const failed = reconciliation.checks.filter(({ verdict }) => verdict === 'fail');
  const [first] = failed;
  const example =
    first && `${first.name} of ${first.subject}: expected ${first.expected}, received ${first.received}`;
  return [
    {
      ...aboutBatch(report),
      kind: 'reconciliation_failed',
      message: `What run ${runId} committed of batch ${batchId} of ${manifestId} is not what it prepared: ${failed.length} of ${reconciliation.checks.length} checks failed; ${example}.`,
      facts: {
        failed: failed.length,
        checks: reconciliation.checks.length,
        examples: failed.slice(0, KEPT_MAX).map(({ verdict: _, ...check }) => check),
      },
      query: nextCommand('reconcile', '--run', runId),
      suggestion: recoveryOf(report, 'replay'),
    },
  ];
}

function aboutBatch({ manifestId, batchId, runId }: Pick<RunReport, 'manifestId' | 'batchId' | 'runId'>) {
  return { manifestId, batchId, sourceId: null, table: null, runId, distinction: '' };
}

function recoveryOf(
  { manifestId, batchId }: Pick<RunReport, 'manifestId' | 'batchId'>,
  verb: 'retry' | 'rerun' | 'replay' | 'recover',
): string {
  return nextCommand(verb, '--manifest', manifestId, '--batch-id', batchId);
}

function listed(findings: readonly Finding[]): string {
  const told = findings.slice(0, NAMED_MAX).map(({ message }) => message);
  const more = findings.length - told.length;
  return [...told, ...(more > 0 ? [`And ${more} more.`] : [])].join(' ');
}

/** `TM2002 message` without its code, which the facts of the run bear. */
function withoutCode(message: string): string {
  return message.replace(/^TM\d{4} /, '');
}
