const QUOTE = 0x22;
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const EIGHT = 0x38;
const NINE = 0x39;
const COLON = 0x3a;
const OPENING_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const LOWER_D = 0x64;
const LOWER_E = 0x65;
const LOWER_U = 0x75;
/** ORed into a letter: makes it lower case. */
const LOWER = 0x20;

/** A number of at most this many bytes, without an exponent, comes back from a double as it went in. */
const PLAIN_NUMBER_BYTES = 15;

/** The line may hold what JSON.parse would round, let through or fall over. */
export const SUSPICIOUS = -1;

/**
 * One pass over a line that JSON.parse is to judge next: how many members its objects have, told by the colons outside
 * strings; or `SUSPICIOUS` where the line nests deeper than `depthMax`, spells a number that a double may not hold,
 * escapes a surrogate, or escapes anything in a key. If JSON.parse then fails, the answer means nothing.
 *
 * Keys: V8 may give an escaped key the name of another record's key (`"\n"` came back as `"\\"` once a record had had that
 * key; nodejs/node#63785).
 */
export function scanMembers(line: Uint8Array, depthMax: number): number {
  const end = line.length;
  let members = 0;
  let depth = 0;
  /** Of the latest string. */
  let escaped = false;
  for (let at = 0; at < end; at += 1) {
    const byte = line[at] as number;
    if (byte === QUOTE) {
      escaped = false;
      for (at += 1; at < end && line[at] !== QUOTE; at += 1) {
        if (line[at] !== BACKSLASH) continue;
        escaped = true;
        at += 1;
        if (line[at] === LOWER_U && escapesSurrogate(line, at + 1)) return SUSPICIOUS;
      }
    } else if (byte === COLON) {
      if (escaped) return SUSPICIOUS;
      members += 1;
    } else if (byte === MINUS || (byte >= ZERO && byte <= NINE)) {
      at = endOfNumber(line, at);
      if (at === SUSPICIOUS) return SUSPICIOUS;
    } else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) {
      depth += 1;
      if (depth > depthMax) return SUSPICIOUS;
    } else if (byte === CLOSING_BRACE || byte === CLOSING_BRACKET) {
      depth -= 1;
    }
  }
  return members;
}

/** Whether the four hexadecimal digits at `at` are D800 or above and below E000. */
function escapesSurrogate(line: Uint8Array, at: number): boolean {
  return ((line[at] ?? 0) | LOWER) === LOWER_D && (line[at + 1] ?? 0) >= EIGHT;
}

/** Index of the number's last byte. */
function endOfNumber(line: Uint8Array, start: number): number {
  const end = line.length;
  let at = start + 1;
  for (; at < end; at += 1) {
    const byte = line[at] as number;
    if ((byte | LOWER) === LOWER_E) return SUSPICIOUS;
    if (!((byte >= ZERO && byte <= NINE) || byte === POINT || byte === MINUS || byte === PLUS)) break;
  }
  return at - start > PLAIN_NUMBER_BYTES ? SUSPICIOUS : at - 1;
}
