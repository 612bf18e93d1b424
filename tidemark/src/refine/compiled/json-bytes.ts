export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const MINUS = 0x2d;
export const ZERO = 0x30;
export const NINE = 0x39;
export const COLON = 0x3a;
export const OPENING_BRACKET = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSING_BRACKET = 0x5d;
export const LOWER_N = 0x6e;
export const OPENING_BRACE = 0x7b;
export const CLOSING_BRACE = 0x7d;
const SLASH = 0x2f;
const LOWER_B = 0x62;
const LOWER_F = 0x66;
const LOWER_R = 0x72;
const LOWER_T = 0x74;
const LOWER_U = 0x75;
const SPACE = 0x20;

/** Not proven. Every reader of this lane gives it, and never says why: the explaining lane does. */
export const NOT_PROVEN = -1;

/** Index of the first byte from `at` that is not JSON white space, `end` at most. */
export function skipSpace(bytes: Uint8Array, at: number, end: number): number {
  let next = at;
  while (next < end) {
    const byte = bytes[next] as number;
    if (byte > SPACE || (byte !== SPACE && byte !== 0x09 && byte !== 0x0d && byte !== 0x0a)) break;
    next += 1;
  }
  return next;
}

export function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

/** Index of the last byte of the escape whose backslash is at `at`, both halves of a surrogate pair being one. */
export function endOfEscape(bytes: Uint8Array, at: number, end: number): number {
  if (at + 1 >= end) return NOT_PROVEN;
  switch (bytes[at + 1]) {
    case QUOTE:
    case BACKSLASH:
    case SLASH:
    case LOWER_B:
    case LOWER_F:
    case LOWER_N:
    case LOWER_R:
    case LOWER_T:
      return at + 1;
    case LOWER_U: {
      const unit = hexUnit(bytes, at + 2, end);
      if (unit === NOT_PROVEN || (unit >= 0xdc00 && unit <= 0xdfff)) return NOT_PROVEN;
      if (unit < 0xd800 || unit > 0xdbff) return at + 5;
      if (bytes[at + 6] !== BACKSLASH || bytes[at + 7] !== LOWER_U) return NOT_PROVEN;
      const low = hexUnit(bytes, at + 8, end);
      return low >= 0xdc00 && low <= 0xdfff ? at + 11 : NOT_PROVEN;
    }
    default:
      return NOT_PROVEN;
  }
}

/** The four hexadecimal digits at `at`. */
function hexUnit(bytes: Uint8Array, at: number, end: number): number {
  if (at + 4 > end) return NOT_PROVEN;
  let unit = 0;
  for (let index = at; index < at + 4; index += 1) {
    const byte = bytes[index] as number;
    const letter = byte | 0x20;
    if (byte >= ZERO && byte <= NINE) unit = unit * 16 + byte - ZERO;
    else if (letter >= 0x61 && letter <= 0x66) unit = unit * 16 + letter - 0x57;
    else return NOT_PROVEN;
  }
  return unit;
}

/**
 * Copies a proven JSON text of strings, numbers, words and arrays in canonical form: without white space, with the
 * escapes of RFC 8785. Never longer than what it copies; the index behind it.
 */
export function copyCanonical(from: Buffer, start: number, end: number, to: Buffer, at: number): number {
  let target = at;
  let inString = false;
  for (let index = start; index < end; index += 1) {
    const byte = from[index] as number;
    if (!inString) {
      if (byte <= SPACE) continue;
      inString = byte === QUOTE;
      to[target++] = byte;
    } else if (byte !== BACKSLASH) {
      inString = byte !== QUOTE;
      to[target++] = byte;
    } else {
      const letter = from[index + 1] as number;
      if (letter === LOWER_U) {
        let point = hexUnit(from, index + 2, end);
        index += 5;
        if (point >= 0xd800 && point <= 0xdbff) {
          point = 0x10000 + (point - 0xd800) * 0x400 + hexUnit(from, index + 3, end) - 0xdc00;
          index += 6;
        }
        target = writePoint(point, to, target);
      } else {
        index += 1;
        if (letter !== SLASH) to[target++] = BACKSLASH;
        to[target++] = letter;
      }
    }
  }
  return target;
}

const SHORT_ESCAPES: Readonly<Record<number, number>> = {
  8: LOWER_B,
  9: LOWER_T,
  10: LOWER_N,
  12: LOWER_F,
  13: LOWER_R,
  [QUOTE]: QUOTE,
  [BACKSLASH]: BACKSLASH,
};

/** One code point inside a string, escaped where RFC 8785 has it so. */
function writePoint(point: number, to: Buffer, at: number): number {
  const short = SHORT_ESCAPES[point];
  if (short !== undefined) {
    to[at] = BACKSLASH;
    to[at + 1] = short;
    return at + 2;
  }
  if (point < SPACE) return at + to.write(`\\u${point.toString(16).padStart(4, '0')}`, at, 'latin1');
  return at + to.write(String.fromCodePoint(point), at, 'utf8');
}
