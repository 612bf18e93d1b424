/** What a date-time text says, as a Bronze column can hold it. */
export type DateTimeReading =
  /** `YYYY-MM-DD HH:MM:SS.ffffff+00`, in UTC. */
  | { readonly kind: 'exact'; readonly text: string }
  /** A date-time that a column of microseconds between the years 0001 and 9999 cannot hold. */
  | { readonly kind: 'beyond'; readonly why: string }
  | { readonly kind: 'none' };

/**
 * RFC 3339 as ajv-formats reads it, which is a little wider than the RFC: letters of either case, `T` or one white
 * space between date and time, offsets `+05:30`, `+0530` and `+05`, a leap second only where it is 23:59 in UTC.
 * Unlike ajv-formats 3.0.1 it refuses hours beyond 23 and minutes beyond 59 also where an offset would mend them.
 */
const DATE_TIME =
  /^(\d{4})-(\d\d)-(\d\d)[tT\s](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[zZ]|([+-])(\d\d)(?::?(\d\d))?)$/;

const MINUTES_PER_DAY = 1440;
const MICROSECOND_DIGITS = 6;

export function isDateTime(text: string): boolean {
  return isPlainUtc(text) || readDateTime(text).kind !== 'none';
}

/** Reads every date-time that `isDateTime` accepts: exactly, or with the reason why no column can hold it. */
export function readDateTime(text: string): DateTimeReading {
  const match = DATE_TIME.exec(text);
  if (match === null) return { kind: 'none' };
  const part = (at: number) => Number(match[at] ?? 0);
  const [year, hour, minute, second] = [part(1), part(4), part(5), part(6)];
  if (!isCalendarDay(year, part(2), part(3)) || hour > 23 || minute > 59) return { kind: 'none' };
  if (part(9) > 23 || part(10) > 59) return { kind: 'none' };
  const offset = (match[8] === '-' ? -1 : 1) * (part(9) * 60 + part(10));
  if (second > 59) {
    const minuteOfDay = (hour * 60 + minute - offset + 2 * MINUTES_PER_DAY) % MINUTES_PER_DAY;
    const isLeapSecond = second === 60 && minuteOfDay === MINUTES_PER_DAY - 1;
    return isLeapSecond ? { kind: 'beyond', why: 'a leap second' } : { kind: 'none' };
  }
  const fraction = withoutTrailingZeros(match[7] ?? '');
  if (fraction.length > MICROSECOND_DIGITS) return { kind: 'beyond', why: 'finer than microseconds' };
  // Moved by one whole cycle of the calendar, since Date.UTC takes the years 0 to 99 for 1900 to 1999.
  const utc = new Date(Date.UTC(year + 400, part(2) - 1, part(3), hour, minute - offset, second));
  const utcYear = utc.getUTCFullYear() - 400;
  if (utcYear < 1 || utcYear > 9999) return { kind: 'beyond', why: 'outside the years 0001 to 9999 in UTC' };
  const day = `${pad(utcYear, 4)}-${pad(utc.getUTCMonth() + 1, 2)}-${pad(utc.getUTCDate(), 2)}`;
  const clock = `${pad(utc.getUTCHours(), 2)}:${pad(utc.getUTCMinutes(), 2)}:${pad(second, 2)}`;
  return { kind: 'exact', text: `${day} ${clock}.${fraction.padEnd(MICROSECOND_DIGITS, '0')}+00` };
}

/**
 * The column text of a date-time in the form that nearly all have, `YYYY-MM-DDTHH:MM:SS[.ffffff]Z`, cut out of it
 * without arithmetic (seven times as fast); null for every other form, which `readDateTime` takes.
 */
export function copyPlainUtc(text: string): string | null {
  if (text.length > 27 || !isPlainUtc(text) || text.startsWith('0000')) return null;
  const fraction = text.length === 20 ? '' : text.slice(20, -1);
  return `${text.slice(0, 10)} ${text.slice(11, 19)}.${fraction.padEnd(MICROSECOND_DIGITS, '0')}+00`;
}

/** Whether a text is a full-date of RFC 3339 that a date column holds: the year 0000 is not one. */
export function isColumnDate(text: string): boolean {
  return text.length === 10 && isDayAt(text) && !text.startsWith('0000');
}

/** Proves the plain form by position; a date-time in another form is not proven, which is no verdict. */
function isPlainUtc(text: string): boolean {
  const last = text.length - 1;
  if (last < 19 || text[last] !== 'Z' || text[10] !== 'T' || text[13] !== ':' || text[16] !== ':')
    return false;
  if (!isDayAt(text)) return false;
  if (!(twoDigits(text, 11) < 24 && twoDigits(text, 14) < 60 && twoDigits(text, 17) < 60)) return false;
  if (last === 19) return true;
  if (text[19] !== '.' || last === 20) return false;
  for (let at = 20; at < last; at += 1) {
    if (!isDigit(text.charCodeAt(at))) return false;
  }
  return true;
}

/** Whether `YYYY-MM-DD` of the proleptic Gregorian calendar stands at the start. */
function isDayAt(text: string): boolean {
  if (text[4] !== '-' || text[7] !== '-') return false;
  return isCalendarDay(twoDigits(text, 0) * 100 + twoDigits(text, 2), twoDigits(text, 5), twoDigits(text, 8));
}

function isCalendarDay(year: number, month: number, day: number): boolean {
  // A NaN, from something that is no digit, fails every comparison.
  if (!(year >= 0 && month >= 1 && month <= 12 && day >= 1)) return false;
  if (day <= 28) return true;
  if (month === 2) return day === 29 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= (month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31);
}

function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at);
  const ones = text.charCodeAt(at + 1);
  return isDigit(tens) && isDigit(ones) ? (tens - 48) * 10 + ones - 48 : Number.NaN;
}

function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57;
}

function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
}

function pad(value: number, length: number): string {
  return String(value).padStart(length, '0');
}
