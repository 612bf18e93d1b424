import { ERROR_CODES } from '../../errors/codes.ts';
import { TidemarkError } from '../../errors/tidemark-error.ts';
import type { Tidemark } from '../../tidemark.ts';
import { EXIT } from '../exit-codes.ts';
import { listenForInterrupts } from '../interrupts.ts';
import type { Outcome } from '../outcome.ts';
import { plainValues } from '../render/plain-values.ts';
import { verificationReportLines, verificationReportVerdict } from '../render/verification-report.ts';
import { openProject, type Session } from '../session.ts';

export interface VerifyCommandOptions {
  readonly target?: string;
  readonly manifest?: string;
  readonly batchId?: string;
  readonly table?: string;
  readonly quick?: boolean;
}

/** Checks everything stored; what it finds becomes incidents. */
export async function verifyCommand(session: Session, options: VerifyCommandOptions): Promise<Outcome> {
  using interrupts = listenForInterrupts({
    onFirst: () => session.output.notice(['stopping: nothing was changed, nothing is recorded']),
    onSecond: () => process.exit(EXIT.interrupted),
  });
  const { target, manifest, batchId, table, quick = false } = options;
  await using tidemark = await openToVerify(session, interrupts.signal);
  const report = await tidemark.verify({
    quick,
    ...(target !== undefined && { target }),
    ...(manifest !== undefined && { manifestId: manifest }),
    ...(batchId !== undefined && { batchId }),
    ...(table !== undefined && { table }),
  });
  const shown = plainValues(report);
  return {
    exit: report.verdict === 'fail' ? EXIT.unproven : EXIT.done,
    document: report,
    lines: (page) => verificationReportLines(shown, page),
    quietLines: (page) => (report.symptoms.length === 0 ? [] : verificationReportVerdict(shown, page)),
  };
}

/** Writable, to record incidents; a folder that is no project, and a disk that takes no writing, stay as they are. */
async function openToVerify(session: Session, signal: AbortSignal): Promise<Tidemark> {
  const reader = await openProject(session, { readOnly: true, signal });
  if (!(await reader.hasCatalog())) return reader;
  try {
    const writer = await openProject(session, { signal });
    await reader[Symbol.asyncDispose]();
    return writer;
  } catch (error) {
    if (error instanceof TidemarkError && error.code === ERROR_CODES.catalog_unreadable) return reader;
    throw error;
  }
}
