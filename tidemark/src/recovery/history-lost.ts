import { ERROR_CODES } from '../errors/codes.ts';
import { InvariantError } from '../errors/tidemark-error.ts';

/** Records can not be compared with what is not there: another batch has to be mended first. */
export function historyLost(error: unknown): { kind: 'history_lost'; why: string } {
  if (!(error instanceof InvariantError) || error.code !== ERROR_CODES.table_file_unreadable) throw error;
  return { kind: 'history_lost', why: `${error.message} First: ${error.next}` };
}
