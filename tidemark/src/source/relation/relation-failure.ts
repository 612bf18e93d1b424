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

/** It could not be reached, or ended the connection: another attempt may find it there. */
export function unanswered(message: string, { place, cause }: { place: string; cause: unknown }) {
  return new RelationFailure(`${place} does not answer: ${message}`, {
    code: ERROR_CODES.database_unanswered,
    next: 'See that the database runs and can be reached (tidemark doctor), then run the same command again.',
    errno: 'EREMOTEIO',
    cause,
  });
}

/** Who asks, how, or for which database is not what it wants. */
export function turnedAway(message: string, { place, cause }: { place: string; cause: unknown }) {
  return new RelationFailure(`${place} turns this connection away: ${message}`, {
    code: ERROR_CODES.database_refused,
    next: 'Mend url of the connection in tidemark.yaml, or what its references stand for, then: tidemark doctor',
    cause,
  });
}

/** Others stand in the way for now. */
export function busy(
  message: string,
  { next, errno, cause }: { next: string; errno: 'EBUSY' | 'EAGAIN'; cause: unknown },
) {
  return new RelationFailure(message, { code: ERROR_CODES.database_busy, next, errno, cause });
}

/** A lock was not had in time. `seen`: where a person sees who holds it. */
export function locked(message: string, { seen, cause }: { seen: string; cause: unknown }) {
  return busy(`another transaction holds a lock on it: ${message}`, {
    next: `See who changes the table (${seen}), or raise limits.databaseLockMs in tidemark.yaml, then run the same command again.`,
    errno: 'EBUSY',
    cause,
  });
}

/** It was ended at its limit, by the server or by us. */
export function overdue(cause: unknown): RelationFailure {
  return new RelationFailure(`reading took longer than is allowed: ${(cause as Error).message}`, {
    code: ERROR_CODES.database_busy,
    next: 'Raise limits.databaseTotalMs in tidemark.yaml if it is meant to take longer, then run the same command again.',
    cause,
  });
}

/** The database says no, and says why. */
export function notHad(message: string, cause: unknown): RelationFailure {
  return new RelationFailure(message, {
    code: ERROR_CODES.relation_unreadable,
    next: 'Mend what the message names in the manifest, in tidemark.yaml or in the database, then run the same command again.',
    cause,
  });
}

/** A declaration and what the database has do not fit. */
export function unreadableRelation(message: string, next: string): RelationFailure {
  return new RelationFailure(message, { code: ERROR_CODES.relation_unreadable, next });
}

/** @throws RelationFailure where a row holds more than it may. */
export function holdToRowLimit(bytes: number, rowBytesMax: number): void {
  if (bytes > rowBytesMax)
    throw unreadableRelation(
      `a row is longer than ${rowBytesMax} bytes`,
      'Raise limits.lineBytesMax in tidemark.yaml, or declare a query there that leaves the long column out; then run again.',
    );
}
