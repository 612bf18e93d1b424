import type { RejectRow, RejectsQuery } from '../../evidence/rejects.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Outcome } from '../outcome.ts';
import { jsonText } from '../output.ts';
import { errorDocument, type ToldError, toldError } from '../print-error.ts';
import { plainValues } from '../render/plain-values.ts';
import { counted } from '../render/quantities.ts';
import { rejectLines } from '../render/reject.ts';
import { openProject, type Session } from '../session.ts';

export interface RejectsOptions {
  readonly run?: string;
  readonly manifest?: string;
  readonly batchId?: string;
  readonly source?: string;
  readonly rule?: string;
  readonly limit?: number;
  readonly payload?: boolean;
}

/** Every rejected record that fits, as it is read: there may be any number of them, and a reader may leave. */
export async function rejectsCommand(session: Session, options: RejectsOptions): Promise<Outcome> {
  await using tidemark = await openProject(session, { readOnly: true });
  const { output, page } = session;
  const rejects = tidemark.rejects(queryOf(options));
  if (session.options.json) return printed(await printDocument(session, rejects));
  let count = 0;
  for await (const reject of rejects) {
    if (output.closed) break;
    count += 1;
    output.lines(rejectLines(plainValues(reject), page));
  }
  if (!session.options.quiet)
    output.notice(['', `${counted(count, 'rejected record')}`].slice(count === 0 ? 1 : 0));
  return printed(EXIT.done);
}

function printed(exit: ExitCode): Outcome {
  return { exit, document: null, lines: () => [] };
}

/** One document, written as it is read; it is whole even when reading fails half-way. */
async function printDocument(
  { output, options }: Session,
  rejects: AsyncIterable<RejectRow>,
): Promise<ExitCode> {
  let count = 0;
  let failure: ToldError | null = null;
  output.text('{\n  "command": "rejects",\n  "rejects": [');
  try {
    for await (const reject of rejects) {
      if (output.closed) return EXIT.done;
      output.text(`${count === 0 ? '' : ','}\n    ${jsonText(reject)}`);
      count += 1;
    }
  } catch (error) {
    failure = toldError(error);
  }
  const ending =
    failure === null ? { count, exit_code: EXIT.done } : { count, ...errorDocument(failure, options.debug) };
  output.text(`${count === 0 ? '' : '\n  '}],\n  ${jsonText(ending).slice(1)}\n`);
  return failure?.exit ?? EXIT.done;
}

function queryOf({ run, manifest, batchId, source, rule, limit, payload }: RejectsOptions): RejectsQuery {
  return {
    ...(run !== undefined && { runId: run }),
    ...(manifest !== undefined && { manifestId: manifest }),
    ...(batchId !== undefined && { batchId }),
    ...(source !== undefined && { sourceId: source }),
    ...(rule !== undefined && { rule }),
    ...(limit !== undefined && { limit }),
    ...(payload === true && { withPayload: true }),
  };
}
