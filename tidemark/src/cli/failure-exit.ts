import { ERROR_CODES } from '../errors/codes.ts';
import type { Disposition } from '../errors/tidemark-error.ts';
import type { RunReport } from '../evidence/run-report.ts';
import { EXIT, type ExitCode, exitOfDisposition } from './exit-codes.ts';

/**
 * A failure that a report tells has its code only. These are the codes with which a run ends, or cannot begin, by what
 * the caller should do; what a person has to change is the rest.
 */
const DISPOSITIONS: Readonly<Record<string, Disposition>> = {
  [ERROR_CODES.batch_blocked]: 'transient',
  [ERROR_CODES.observation_not_ended]: 'transient',
  [ERROR_CODES.source_changed]: 'transient',
  [ERROR_CODES.source_unreadable]: 'transient',
  [ERROR_CODES.store_full]: 'transient',
  [ERROR_CODES.store_unwritable]: 'transient',
  [ERROR_CODES.commit_conflict]: 'conflict',
  [ERROR_CODES.data_file_not_live]: 'conflict',
  [ERROR_CODES.lease_lost]: 'conflict',
  [ERROR_CODES.run_in_progress]: 'conflict',
  [ERROR_CODES.account_open]: 'invariant',
  [ERROR_CODES.data_file_stats_unusable]: 'invariant',
  [ERROR_CODES.invariant]: 'invariant',
  [ERROR_CODES.manifest_unreadable]: 'invariant',
  [ERROR_CODES.observed_object_changed]: 'invariant',
  [ERROR_CODES.snapshot_contradiction]: 'invariant',
  [ERROR_CODES.snapshot_unknown]: 'invariant',
  [ERROR_CODES.table_metadata_refused]: 'invariant',
};

export function exitOfFailure({ code }: NonNullable<RunReport['failure']>): ExitCode {
  if (code === ERROR_CODES.run_interrupted) return EXIT.interrupted;
  if (code === ERROR_CODES.reconciliation_failed || code === ERROR_CODES.evidence_altered)
    return EXIT.unproven;
  return exitOfDisposition(DISPOSITIONS[code] ?? 'configuration');
}
