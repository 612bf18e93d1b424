import { ERROR_CODES, type ErrorCode } from '../../errors/codes.ts';

/** Why rows of a database cannot be had, and what to do about it. */
export class RelationFailure extends Error {
  readonly code: ErrorCode;
  readonly next: string;
  /** What the system would call a fault that may pass by itself, such as `EBUSY`; undefined for one that will not. */
  readonly errno: string | undefined;

  constructor(
    message: string,
    { code, next, errno, cause }: { code: ErrorCode; next: string; errno?: string; cause?: unknown },
  ) {
    super(message, { cause });
    this.code = code;
    this.next = next;
    this.errno = errno;
  }
}

/** Classes of SQLSTATE that say nothing of the statement: connection, resources, shutdown, the server's own disk. */
const AWAY = /^(08|53|57P|58)/;
/** Of the way there: a system's name for it, or the driver's words for an end in the middle. */
const BROKEN =
  /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_)|terminated|timeout expired|Connection ended/;
const TLS = /SSL|CERT|TLS/;

/** What a driver threw, as what to do; anything else as it is. */
export function relationFailure(error: unknown, { place }: { place: string }): unknown {
  if (!(error instanceof Error) || error instanceof RelationFailure) return error;
  const { code = '', message } = error as Error & { code?: string };
  const failure = (told: string, options: { code: ErrorCode; next: string; errno?: string }) =>
    new RelationFailure(told, { ...options, cause: error });
  if (code === '55P03')
    return failure(`another transaction holds a lock on it: ${message}`, {
      code: ERROR_CODES.database_busy,
      next: 'See who changes the table (pg_locks), or raise limits.databaseLockMs in tidemark.yaml, then run the same command again.',
      errno: 'EBUSY',
    });
  if (code === '40001')
    return failure(message, {
      code: ERROR_CODES.database_busy,
      next: 'Read from the primary, or let its standby wait longer (max_standby_streaming_delay), then run the same command again.',
      errno: 'EAGAIN',
    });
  if (code === '57014') return overdue(error);
  if (/^(28|3D000)/.test(code) || TLS.test(code) || /\bSSL\b/.test(message))
    return failure(`${place} turns this connection away: ${message}`, {
      code: ERROR_CODES.database_refused,
      next: 'Mend url of the connection in tidemark.yaml, or what its references stand for, then: tidemark doctor',
    });
  if (AWAY.test(code) || BROKEN.test(code) || (code === '' && BROKEN.test(message)))
    return failure(`${place} does not answer: ${message || code}`, {
      code: ERROR_CODES.database_unanswered,
      next: 'See that the database runs and can be reached (tidemark doctor), then run the same command again.',
      errno: 'EREMOTEIO',
    });
  if (/^[0-9A-Z]{5}$/.test(code))
    return failure(message, {
      code: ERROR_CODES.relation_unreadable,
      next: 'Mend what the message names in the manifest, in tidemark.yaml or in the database, then run the same command again.',
    });
  return error;
}

/** It was ended at its limit, by the server or by us. */
export function overdue(cause: unknown): RelationFailure {
  return new RelationFailure(`reading took longer than is allowed: ${(cause as Error).message}`, {
    code: ERROR_CODES.database_busy,
    next: 'Raise limits.databaseTotalMs in tidemark.yaml if it is meant to take longer, then run the same command again.',
    cause,
  });
}

/** A declaration and what the database has do not fit. */
export function unreadableRelation(message: string, next: string): RelationFailure {
  return new RelationFailure(message, { code: ERROR_CODES.relation_unreadable, next });
}
