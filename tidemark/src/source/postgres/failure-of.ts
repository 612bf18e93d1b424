import { ERROR_CODES } from '../../errors/codes.ts';
import {
  busy,
  locked,
  notHad,
  overdue,
  RelationFailure,
  turnedAway,
  unanswered,
} from '../relation/relation-failure.ts';

/** Classes of SQLSTATE that say nothing of the statement: connection, resources, shutdown, the server's own disk. */
const AWAY = /^(08|53|57P|58)/;
/** Of the way there: a system's name for it, or the driver's words for an end in the middle. */
const BROKEN =
  /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_)|terminated|timeout expired|Connection ended/;
const TLS = /SSL|CERT|TLS/;
/** Of a statement that was cancelled: nothing but the words tells it from one that ran out of time. */
const BY_A_PERSON = /user request/;
/** Missing permission, and what a policy would leave rows out of where `row_security` is off: words tell them apart. */
export const FORBIDDEN = '42501';
const WOULD_HIDE = /row-level security/;

/** What the driver threw, as what to do; anything else as it is. */
export function failureOf(error: unknown, { place }: { place: string }): unknown {
  if (!(error instanceof Error) || error instanceof RelationFailure) return error;
  const { code = '', message } = error as Error & { code?: string };
  const of = { place, cause: error };
  if (code === FORBIDDEN && WOULD_HIDE.test(message)) return rowsHidden(message, error);
  if (code === '55P03') return locked(message, { seen: 'pg_locks', cause: error });
  if (code === '40001')
    return busy(message, {
      next: 'Read from the primary, or let its standby wait longer (max_standby_streaming_delay), then run the same command again.',
      errno: 'EAGAIN',
      cause: error,
    });
  if (code === '40P01' || (code === '57014' && BY_A_PERSON.test(message)))
    return busy(message, {
      next: 'See who changes the table or ends statements (pg_stat_activity), then run the same command again.',
      errno: 'EAGAIN',
      cause: error,
    });
  if (code === '57014') return overdue(error);
  if (/^(28|3D000)/.test(code) || TLS.test(code) || /\bSSL\b/.test(message)) return turnedAway(message, of);
  if (AWAY.test(code) || BROKEN.test(code) || (code === '' && BROKEN.test(message)))
    return unanswered(message || code, of);
  return /^[0-9A-Z]{5}$/.test(code) ? notHad(message, error) : error;
}

function rowsHidden(message: string, cause: Error): RelationFailure {
  return new RelationFailure(`rows may be hidden from this role: ${message}`, {
    code: ERROR_CODES.rows_hidden,
    next: 'Read as a role that row-level security does not apply to (BYPASSRLS), or, where what it shows is all that is meant, declare row_security: accept of the connection in tidemark.yaml; then run the same command again.',
    cause,
  });
}
