import { isDate, readInstant, writeInstant } from './instant.ts';

/** How far behind its cursor an incremental run reads again: a duration for times, a number for whole numbers. */
type Lookback =
  | { readonly kind: 'duration'; readonly ms: number }
  | { readonly kind: 'steps'; readonly steps: bigint };

/**
 * A cursor less the lookback, in the form of the cursor; a date goes back whole days, and rather one too many. Null where
 * the lookback is none of the cursor's kind (a duration for a number, anything for text): it cannot be applied. Pure.
 */
export function lookedBack(cursor: string, lookback: Lookback): string | null {
  if (lookback.kind === 'steps') {
    if (lookback.steps === 0n) return cursor;
    return /^-?\d+$/.test(cursor) ? String(BigInt(cursor) - lookback.steps) : null;
  }
  if (lookback.ms === 0) return cursor;
  const at = readInstant(cursor);
  if (at === null) return null;
  const back = writeInstant(at - BigInt(lookback.ms) * 1_000_000n);
  return isDate(cursor) ? back.slice(0, 10) : back.replace(' ', 'T').replace('+00', 'Z');
}
