import { isDate, readInstant, writeInstant } from './instant.ts';

/**
 * Up to where everything has come in: what was seen, less the time by which a record may be late. Exclusive: a record at
 * that very moment may still come. Values that are no times are taken as they are: lateness is a time.
 */
export function settledBefore(seen: string, latenessMs: number): string {
  if (latenessMs === 0) return seen;
  const at = readInstant(seen);
  if (at === null) return seen;
  const settled = writeInstant(at - BigInt(latenessMs) * 1_000_000n);
  return isDate(seen) ? settled.slice(0, 10) : settled;
}
