import { ERROR_CODES } from '../errors/codes.ts';
import { InvariantError } from '../errors/tidemark-error.ts';
import { nextCommand } from './next-command.ts';

/** A table's file that is missing or damaged, as an error that names it. */
export function unreadableFile(told: { file: string; why: string; cause: unknown }): InvariantError {
  return new InvariantError({
    code: ERROR_CODES.table_file_unreadable,
    message: `${told.file}, which a table consists of, cannot be read: ${told.why}`,
    next: nextCommand('reconcile'),
    facts: { file: told.file },
    cause: told.cause,
  });
}
