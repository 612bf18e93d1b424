import { ERROR_CODES, type ErrorCode } from '../../errors/codes.ts';
import { TidemarkError } from '../../errors/tidemark-error.ts';

const AWAY: ReadonlySet<ErrorCode> = new Set([
  ERROR_CODES.store_unreachable,
  ERROR_CODES.store_refused,
  ERROR_CODES.store_unconditional,
  ERROR_CODES.store_of_another_catalog,
]);

/** Whether a store could not be asked. Whoever takes a file that cannot be read for a finding must not take this for one. */
export function isAway(error: unknown): boolean {
  return error instanceof TidemarkError && AWAY.has(error.code);
}

export function throwIfAway(error: unknown): void {
  if (isAway(error)) throw error;
}

/** For `catch`: null for what cannot be read; what cannot be asked is thrown on. */
export function nullUnlessAway(error: unknown): null {
  throwIfAway(error);
  return null;
}
