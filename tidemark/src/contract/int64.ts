import { ExactNumber, type ExactValue } from '../model/exact-number.ts';

const INT64_MIN = -(1n << 63n);
const INT64_MAX = (1n << 63n) - 1n;

/**
 * The decimal text of a JSON number that is a whole number within 64 bits, else null. A double stands for the decimal
 * that it prints (`canonical-1`), which for 2^60 is 1152921504606847000.
 */
export function int64Text(value: ExactValue): string | null {
  if (Number.isSafeInteger(value)) return String(value);
  const text = numberText(value);
  if (text === null || !/^-?\d+$/.test(text)) return null;
  const whole = BigInt(text);
  return whole >= INT64_MIN && whole <= INT64_MAX ? text : null;
}

/** Whether a declared bound of whole numbers lies within 64 bits; an exclusive one may lie one outside. */
export function isInt64Bound(bound: ExactValue, isExclusive: boolean): boolean {
  const text = numberText(bound);
  if (text === null || text.includes('e+')) return false;
  if (text.includes('e-')) return true;
  const whole = BigInt(text.split('.', 1)[0] as string);
  const beyond = isExclusive ? 1n : 0n;
  return whole >= INT64_MIN - beyond && whole <= INT64_MAX + beyond;
}

function numberText(value: ExactValue): string | null {
  if (value instanceof ExactNumber) return value.canonical;
  return typeof value === 'number' ? String(value) : null;
}
