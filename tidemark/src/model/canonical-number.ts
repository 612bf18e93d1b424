/** Beyond this many digits an exponent no longer fits a double exactly, and its arithmetic is done on text. */
const EXPONENT_DIGITS_FAST = 15;

/**
 * The exact decimal of a JSON number text in normal form: no redundant zero, one spelling per value, laid out as
 * ECMAScript's Number::toString lays out a double's (`0.00001` but `1e-7`, 21 integer digits but `1e+21`).
 * `text` must be a JSON number. Time and memory are linear in the text, whatever the exponent says.
 */
export function canonicalDecimal(text: string): string {
  const { negative, digits, exponent } = dissect(text);
  if (digits === '') return '0';
  return (negative ? '-' : '') + layOut(digits, exponent);
}

/** Whether the shortest text of the nearest double is the exact decimal of `text`, so that nothing is rounded. */
export function isExactDouble(text: string): boolean {
  // At most 15 significant digits and no exponent: a double always gives them back.
  if (text.length <= 15 && !/[eE]/.test(text)) return true;
  const nearest = String(Number(text));
  return nearest === text || nearest === canonicalDecimal(text);
}

interface Decimal {
  readonly negative: boolean;
  /** Without zeros at either end; empty for zero. */
  readonly digits: string;
  /** The value is 0.digits × 10^exponent; decimal text, since it may outgrow a double. */
  readonly exponent: string;
}

function dissect(text: string): Decimal {
  const negative = text.startsWith('-');
  const mantissaEnd = endOfMantissa(text);
  const mantissa = text.slice(negative ? 1 : 0, mantissaEnd);
  const point = mantissa.indexOf('.');
  const integer = point === -1 ? mantissa : mantissa.slice(0, point);
  const all = point === -1 ? integer : integer + mantissa.slice(point + 1);
  // Loops, not /0+$/: that expression is quadratic over a long run of zeros.
  let start = 0;
  while (start < all.length && all[start] === '0') start += 1;
  let end = all.length;
  while (end > start && all[end - 1] === '0') end -= 1;
  const exponent = mantissaEnd === text.length ? '0' : text.slice(mantissaEnd + 1);
  return {
    negative,
    digits: all.slice(start, end),
    exponent: addToInteger(exponent, integer.length - start),
  };
}

function endOfMantissa(text: string): number {
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === 'e' || text[at] === 'E') return at;
  }
  return text.length;
}

/** Number::toString (ECMA-262 §6.1.6.1.20) for `digits` of any length; `exponent` is the specification's n. */
function layOut(digits: string, exponent: string): string {
  const n = exponent.length > EXPONENT_DIGITS_FAST ? Number.NaN : Number(exponent);
  if (n > 0 && n <= 21) {
    if (digits.length <= n) return digits.padEnd(n, '0');
    return `${digits.slice(0, n)}.${digits.slice(n)}`;
  }
  if (n <= 0 && n > -6) return `0.${'0'.repeat(-n)}${digits}`;
  const power = addToInteger(exponent, -1);
  const sign = power.startsWith('-') ? '' : '+';
  const fraction = digits.length === 1 ? '' : `.${digits.slice(1)}`;
  return `${digits[0]}${fraction}e${sign}${power}`;
}

/** `integer + delta` as plain decimal text; BigInt would take far more than linear time on a hostile exponent. */
function addToInteger(integer: string, delta: number): string {
  const negative = integer.startsWith('-');
  let start = negative || integer.startsWith('+') ? 1 : 0;
  while (start < integer.length - 1 && integer[start] === '0') start += 1;
  const magnitude = integer.slice(start);
  if (magnitude.length <= EXPONENT_DIGITS_FAST) {
    return String((negative ? -1 : 1) * Number(magnitude) + delta || 0);
  }
  const moved = moveMagnitude(magnitude, negative ? -delta : delta);
  return negative ? `-${moved}` : moved;
}

/** Adds a small delta (|delta| < 10^15) to a magnitude of more than 15 digits, carrying or borrowing leftwards. */
function moveMagnitude(magnitude: string, delta: number): string {
  const cut = magnitude.length - EXPONENT_DIGITS_FAST;
  const base = 10 ** EXPONENT_DIGITS_FAST;
  const tail = Number(magnitude.slice(cut)) + delta;
  const head = magnitude.slice(0, cut);
  const low = (value: number) => String(value).padStart(EXPONENT_DIGITS_FAST, '0');
  if (tail >= base) return increment(head) + low(tail - base);
  if (tail >= 0) return head + low(tail);
  const rest = decrement(head);
  return rest === '' ? String(tail + base) : rest + low(tail + base);
}

function increment(digits: string): string {
  let at = digits.length - 1;
  while (at >= 0 && digits[at] === '9') at -= 1;
  const zeros = '0'.repeat(digits.length - 1 - at);
  return at < 0 ? `1${zeros}` : digits.slice(0, at) + String(Number(digits[at]) + 1) + zeros;
}

/** One less, without leading zeros; empty for zero. `digits` is positive. */
function decrement(digits: string): string {
  let at = digits.length - 1;
  while (digits[at] === '0') at -= 1;
  const nines = '9'.repeat(digits.length - 1 - at);
  const less = digits.slice(0, at) + String(Number(digits[at]) - 1);
  return (less === '0' ? '' : less) + nines;
}
