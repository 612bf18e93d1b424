import { ERROR_CODES } from '../../errors/codes.ts';
import { RelationFailure } from './relation-failure.ts';

/** Where what a clock of the database gave is finished; or why nobody can say. */
export type SafeBound = Bound | UnknownBound;

export interface Bound {
  readonly kind: 'bound';
  /** As SQL: no value at or below it will be written any more. */
  readonly at: string;
  /** The oldest transaction that is open, where there is one; for people. */
  readonly because: string;
}

export interface UnknownBound {
  readonly kind: 'unknown';
  readonly why: string;
  readonly next: string;
  /** Whether it may pass by itself. */
  readonly passes: boolean;
}

export function unknownBound(why: string, next: string, { passes = false } = {}): UnknownBound {
  return { kind: 'unknown', why, next, passes };
}

/** What nobody can say has to be said to whoever relies on it. */
export function boundUnknown({ why, next, passes }: UnknownBound): RelationFailure {
  return new RelationFailure(`how far it is finished cannot be told: ${why}`, {
    code: ERROR_CODES.bound_unknown,
    next,
    ...(passes && { errno: 'EBUSY' }),
  });
}
