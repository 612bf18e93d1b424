import type { ErrorCode } from './codes.ts';

export interface ErrorDetails {
  readonly code: ErrorCode;
  /** What happened, naming file, line, field and both values where there are two. */
  readonly message: string;
  /** The next command, or the one thing to do; printed last. */
  readonly next: string;
  /** What was seen, for the evidence. Never holds a secret. */
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * The class says what the caller should do, the code what happened (docs/ERRORS.md), the facts are evidence, and
 * `next` is the last line. Bad rows and refused admissions are data, never one of these.
 */
export abstract class TidemarkError extends Error {
  abstract readonly disposition: Disposition;
  readonly code: ErrorCode;
  readonly next: string;
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(details: ErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = details.code;
    this.next = details.next;
    this.facts = details.facts ?? {};
  }
}

export type Disposition =
  | 'configuration'
  | 'transient'
  | 'conflict'
  | 'outcome_unknown'
  | 'history_lost'
  | 'invariant';

/** Stop: a person has to change a declaration, an option or the machine. */
export class ConfigurationError extends TidemarkError {
  readonly disposition = 'configuration';
}

/** Back off and try again, a bounded number of times. Nothing was changed. */
export class TransientError extends TidemarkError {
  readonly disposition = 'transient';
}

/** Another writer won. Reload, plan again, keep the data files. */
export class ConflictError extends TidemarkError {
  readonly disposition = 'conflict';
}

/** It may or may not have happened: resolve by looking for the batch before any retry. */
export class OutcomeUnknownError extends TidemarkError {
  readonly disposition = 'outcome_unknown';
}

/** The position in the source is gone: an incident and a planned re-copy, never a silent skip. */
export class HistoryLostError extends TidemarkError {
  readonly disposition = 'history_lost';
}

/** A bug of ours, or corruption: stop the attempt and look. */
export class InvariantError extends TidemarkError {
  readonly disposition = 'invariant';
}
