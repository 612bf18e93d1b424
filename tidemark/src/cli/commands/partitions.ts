import { ERROR_CODES } from '../../errors/codes.ts';
import { ConfigurationError } from '../../errors/tidemark-error.ts';
import { momentOf, type PartitionState } from '../../progress/partitions.ts';
import { commandLine } from '../command-line.ts';
import { EXIT } from '../exit-codes.ts';
import type { Outcome } from '../outcome.ts';
import { partitionLines } from '../render/partitions.ts';
import { plainValues } from '../render/plain-values.ts';
import { openProject, type Session } from '../session.ts';

export interface PartitionsOptions {
  readonly manifest?: string;
  readonly from?: string;
  readonly to?: string;
  readonly state?: PartitionState;
  readonly limit?: number;
}

/** The grid manifest × partition. Telling is the job, so what is missing does not change the exit code. */
export async function partitionsCommand(session: Session, options: PartitionsOptions): Promise<Outcome> {
  const { manifest, from, to, state, limit } = options;
  const query = {
    ...(manifest !== undefined && { manifestId: manifest }),
    ...(from !== undefined && { fromMs: moment('--from', from) }),
    ...(to !== undefined && { toMs: moment('--to', to) }),
    ...(state !== undefined && { state }),
    ...(limit !== undefined && { limit }),
  };
  if ((query.fromMs ?? 0) > (query.toMs ?? Number.POSITIVE_INFINITY)) {
    throw new ConfigurationError({
      code: ERROR_CODES.usage,
      message: `Nothing lies from ${from} to ${to}: --to is before --from.`,
      next: commandLine('partitions', '--help'),
    });
  }
  await using tidemark = await openProject(session, { readOnly: true });
  const report = await tidemark.partitions(query);
  const shown = plainValues(report);
  return {
    exit: EXIT.done,
    document: report,
    lines: (page) => partitionLines(shown, { page, listed: state ?? null }),
    quietLines: (page) =>
      report.next === null ? [] : partitionLines(shown, { page, listed: state ?? null }),
  };
}

function moment(option: string, text: string): number {
  const ms = momentOf(text);
  if (ms !== null) return ms;
  throw new ConfigurationError({
    code: ERROR_CODES.usage,
    message: `Option '${option}' argument '${text}' is invalid. A date such as 2026-03-02 or an instant is expected.`,
    next: commandLine('partitions', '--help'),
  });
}
