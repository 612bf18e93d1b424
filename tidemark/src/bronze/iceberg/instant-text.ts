const MICROS_PER_SECOND = 1_000_000n;
const MICROS_PER_DAY = 86_400n * MICROS_PER_SECOND;
/** Beyond 2^53 milliseconds (the year 287,396) DuckDB prints a TIMESTAMPTZ up to a millisecond off. */
const EXACT_MICROS_MAX = 1000n * 2n ** 53n;

const INSTANT =
  /^(-?\d{4,7})-(\d\d)-(\d\d)( \(BC\))?(?:[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)?)?$/;

/**
 * Days from 1970-01-01 of a date as DuckDB prints it: `2024-02-29`, `12000-01-01`, `0044-03-15 (BC)`.
 * Null for `infinity` and for anything else that is not one date.
 */
export function daysFromText(text: string): number | null {
  const match = INSTANT.exec(text);
  if (match === null || match[5] !== undefined) return null;
  return daysOf(match);
}

/**
 * Microseconds from 1970-01-01T00:00:00Z of a time as DuckDB prints it, or in RFC 3339 with at most six decimals. A time
 * without an offset is taken as UTC. Null for `infinity`, for a time too far off to be printed exactly, and for anything
 * else that is not one time.
 */
export function microsFromText(text: string): bigint | null {
  const match = INSTANT.exec(text);
  if (match === null || match[5] === undefined) return null;
  const days = daysOf(match);
  const [hour, minute, second] = [Number(match[5]), Number(match[6]), Number(match[7])];
  if (days === null || hour > 23 || minute > 59 || second > 59) return null;
  const seconds = BigInt(hour * 3600 + minute * 60 + second - offsetSeconds(match[9] ?? 'Z'));
  const micros = BigInt((match[8] ?? '').padEnd(6, '0'));
  const instant = BigInt(days) * MICROS_PER_DAY + seconds * MICROS_PER_SECOND + micros;
  return instant > EXACT_MICROS_MAX || instant < -EXACT_MICROS_MAX ? null : instant;
}

function daysOf(match: RegExpExecArray): number | null {
  const year = match[4] === undefined ? Number(match[1]) : 1 - Number(match[1]);
  const [month, day] = [Number(match[2]), Number(match[3])];
  if (month < 1 || month > 12 || day < 1 || day > 31) return null;
  return daysFromCivil(year, month, day);
}

/** Proleptic Gregorian, year 0 is 1 BC. By arithmetic, since `Date` ends at ±271,821 years and DuckDB's range does not. */
function daysFromCivil(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function offsetSeconds(text: string): number {
  if (text === 'Z') return 0;
  const digits = text.replaceAll(':', '').slice(1).padEnd(6, '0');
  const seconds =
    Number(digits.slice(0, 2)) * 3600 + Number(digits.slice(2, 4)) * 60 + Number(digits.slice(4, 6));
  return text.startsWith('-') ? -seconds : seconds;
}
