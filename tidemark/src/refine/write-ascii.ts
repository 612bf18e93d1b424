const ZERO = 0x30;

/** Writes a short text of ASCII; the index behind it. Up to some forty characters that is faster than a native write. */
export function writeAscii(text: string, to: Uint8Array, from: number): number {
  for (let at = 0; at < text.length; at += 1) to[from + at] = text.charCodeAt(at);
  return from + text.length;
}

/** Digits of a number that V8 divides as an integer. */
const INTEGER_DIGITS = 9;
const INTEGERS = 10 ** INTEGER_DIGITS;

/** Writes a whole number that is not negative; the index behind it. */
export function writeDecimal(value: number, to: Uint8Array, from: number): number {
  if (value < INTEGERS) {
    let digits = 1;
    for (let bound = 10; bound <= value && digits < INTEGER_DIGITS; bound *= 10) digits += 1;
    return writeDigits(value, digits, to, from);
  }
  const high = Math.floor(value / INTEGERS);
  return writeDigits(value - high * INTEGERS, INTEGER_DIGITS, to, writeDecimal(high, to, from));
}

/** With as many digits as are told, with zeros in front. */
function writeDigits(value: number, digits: number, to: Uint8Array, from: number): number {
  let rest = value | 0;
  for (let at = from + digits - 1; at >= from; at -= 1) {
    const tens = (rest / 10) | 0;
    to[at] = ZERO + rest - 10 * tens;
    rest = tens;
  }
  return from + digits;
}
