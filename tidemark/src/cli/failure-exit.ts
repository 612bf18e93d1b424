import { ERROR_CODES } from '../errors/codes.ts';
import type { RunFailure } from '../evidence/run-report.ts';
import { EXIT, type ExitCode, exitOfDisposition } from './exit-codes.ts';

/** What a run's failure exits with: its disposition says it, but for interruptions and for what failed a proof. */
export function exitOfFailure({ code, disposition }: RunFailure): ExitCode {
  if (code === ERROR_CODES.run_interrupted) return EXIT.interrupted;
  if (code === ERROR_CODES.reconciliation_failed || code === ERROR_CODES.evidence_altered)
    return EXIT.unproven;
  return exitOfDisposition(disposition);
}
