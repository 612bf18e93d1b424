import { setTimeout } from 'node:timers/promises';
import { ERROR_CODES } from '../errors/codes.ts';
import { TidemarkError, TransientError } from '../errors/tidemark-error.ts';

/** A server that restarts is back within seconds. */
const CONNECT_ATTEMPTS = 6;
const FIRST_DELAY_MS = 100;

/** SQLSTATE classes that say nothing of the statement: connection, shutdown, resources; and a lock not had in time. */
const PASSING = /^(08|53|57P|58)|^55P03$/;
const BROKEN =
  /terminated|ECONNRE|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|timeout (exceeded|expired)|read timeout|Connection ended|not queryable/i;
/** The server ended a transaction that another one stood in the way of (40), or a statement that it was told to end. */
const INTERRUPTED = /^(40|57014$)/;
/** What a standby says to whoever writes. */
const READ_ONLY = /^25006$/;

/** Tries again, a bounded number of times, to reach a server that is away. @throws TransientError catalog_unreachable */
export async function connectPatiently<T>(connect: () => Promise<T>, place: string): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await connect();
    } catch (error) {
      const fault = catalogFault(error, place);
      if (!(fault instanceof TransientError) || attempt === CONNECT_ATTEMPTS) throw fault;
      await setTimeout(FIRST_DELAY_MS * 2 ** (attempt - 1));
    }
  }
}

/** A fault that may pass, as such, with what to see to; any other as it is. */
export function catalogFault(error: unknown, place: string): unknown {
  if (error instanceof TidemarkError) return error;
  const { code = '', message = '' } = error as { code?: string; message?: string };
  const told = message || code;
  if (PASSING.test(code) || BROKEN.test(`${code} ${message}`))
    return new TransientError({
      code: ERROR_CODES.catalog_unreachable,
      message: `The catalog ${place} does not answer: ${told}`,
      next: 'See that the database runs and can be reached, then run the same command again: landed and prepared work is kept.',
      cause: error,
    });
  if (INTERRUPTED.test(code))
    return new TransientError({
      code: ERROR_CODES.catalog_interrupted,
      message: `The catalog ${place} ended what it was asked (${code}): ${told}`,
      next: 'Run the same command again: landed and prepared work is kept. If it comes again, see what else uses this database, and its time-outs.',
      cause: error,
    });
  if (READ_ONLY.test(code))
    return new TransientError({
      code: ERROR_CODES.catalog_read_only,
      message: `The catalog ${place} takes no writing: ${told}`,
      next: 'See that the URL leads to the primary, not to a replica, and that the database may be written to, then run the same command again: landed and prepared work is kept.',
      cause: error,
    });
  return error;
}
