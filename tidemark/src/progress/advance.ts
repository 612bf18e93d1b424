import { compareText } from '../model/compare-text.ts';
import { readInstant } from './instant.ts';

/**
 * Pure rules of what moves forward. Applied only inside the commit transaction, to the state read there.
 */

/** Whether `candidate` lies ahead of `current`, by the declared type of the property. */
export function isAhead(candidate: string, current: string | null): boolean {
  return current === null || compareProgress(candidate, current) > 0;
}

/**
 * Order of two cursor or watermark values: integers by value however long, instants by time (in any RFC 3339 offset, a
 * date being its midnight in UTC), everything else by its bytes in UTF-8. Values of one property have one form, so the form
 * decides.
 */
export function compareProgress(a: string, b: string): number {
  if (INTEGER.test(a) && INTEGER.test(b)) return sign(BigInt(a) - BigInt(b));
  const left = readInstant(a);
  const right = readInstant(b);
  if (left !== null && right !== null) return sign(left - right);
  return compareText(a, b);
}

/** The form of a value, which decides how it is ordered: two values of one property have the same. */
export function formOf(value: string): 'integer' | 'instant' | 'text' {
  if (INTEGER.test(value)) return 'integer';
  return readInstant(value) === null ? 'text' : 'instant';
}

const INTEGER = /^-?\d+$/;

function sign(value: bigint): number {
  return value < 0n ? -1 : value > 0n ? 1 : 0;
}
