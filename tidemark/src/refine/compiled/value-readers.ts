import { endOfPlain } from '../worded-bytes.ts';
import {
  BACKSLASH,
  CLOSING_BRACKET,
  COMMA,
  endOfEscape,
  MINUS,
  NINE,
  NOT_PROVEN,
  OPENING_BRACKET,
  QUOTE,
  skipSpace,
  ZERO,
} from './json-bytes.ts';
import type { StringCheck } from './string-checks.ts';

/** What readers share of the line that they read. */
export interface LineInHand {
  /** Its bytes by words. */
  words: DataView;
  /** The latest value has an escape or white space, so its canonical form is not its bytes. */
  loose: boolean;
}

/** Reads the value that begins at `at`: the index behind it, or `NOT_PROVEN`. Never looks at or beyond `end`. */
export type ValueReader = (bytes: Buffer, at: number, end: number) => number;

/** Digits of a whole number that a double holds for sure. */
const DIGITS_MAX = 15;

export function stringReader(checks: readonly StringCheck[], line: LineInHand): ValueReader {
  const [only, ...more] = checks;
  return (bytes, at, end) => {
    if (bytes[at] !== QUOTE || at >= end) return NOT_PROVEN;
    const start = at + 1;
    let escaped = false;
    for (let index = endOfPlain(line.words, start, end); index < end; index += 1) {
      const byte = bytes[index] as number;
      if (byte === QUOTE) {
        if (escaped) line.loose = true;
        if (only !== undefined && !only(bytes, start, index, escaped)) return NOT_PROVEN;
        for (const check of more) if (!check(bytes, start, index, escaped)) return NOT_PROVEN;
        return index + 1;
      }
      if (byte === BACKSLASH) {
        escaped = true;
        index = endOfEscape(bytes, index, end);
        if (index === NOT_PROVEN) return NOT_PROVEN;
        index = endOfPlain(line.words, index + 1, end) - 1;
      } else if (byte < 0x20) return NOT_PROVEN;
    }
    return NOT_PROVEN;
  };
}

/** Bounds as JSON Schema has them, over doubles. */
export interface NumberBounds {
  readonly min: number;
  readonly max: number;
  readonly above: number;
  readonly below: number;
}

function isWithin(value: number, { min, max, above, below }: NumberBounds): boolean {
  return value >= min && value <= max && value > above && value < below;
}

/** Whole numbers in the one spelling that is canonical. */
export function integerReader(bounds: NumberBounds): ValueReader {
  return (bytes, at, end) => {
    const negative = at < end && bytes[at] === MINUS;
    const start = negative ? at + 1 : at;
    let index = start;
    let value = 0;
    for (; index < end; index += 1) {
      const byte = bytes[index] as number;
      if (byte < ZERO || byte > NINE) break;
      value = value * 10 + byte - ZERO;
    }
    const digits = index - start;
    if (digits === 0 || digits > DIGITS_MAX) return NOT_PROVEN;
    if (bytes[start] === ZERO && (digits > 1 || negative)) return NOT_PROVEN;
    // A point or an exponent behind it is no end of a value: whoever reads on sees that.
    return isWithin(negative ? -value : value, bounds) ? index : NOT_PROVEN;
  };
}

/** Numbers spelt as the double they stand for is printed, which is their canonical form. */
export function numberReader(bounds: NumberBounds): ValueReader {
  return (bytes, at, end) => {
    let index = at;
    for (; index < end; index += 1) {
      const byte = bytes[index] as number;
      const isPart =
        (byte >= ZERO && byte <= NINE) || byte === MINUS || byte === 0x2e || byte === 0x2b || byte === 0x65;
      if (!isPart) break;
    }
    if (index === at) return NOT_PROVEN;
    const text = bytes.toString('latin1', at, index);
    const value = Number(text);
    return String(value) === text && isWithin(value, bounds) ? index : NOT_PROVEN;
  };
}

export function wordReader(words: readonly string[]): ValueReader {
  const known = words.map((word) => Buffer.from(word));
  return (bytes, at, end) => {
    for (const word of known) {
      if (at + word.length > end) continue;
      let same = 0;
      while (same < word.length && word[same] === bytes[at + same]) same += 1;
      if (same === word.length) return at + same;
    }
    return NOT_PROVEN;
  };
}

/** Null first: it is told by its first letter. */
export function nullOr(read: ValueReader): ValueReader {
  const readNull = wordReader(['null']);
  return (bytes, at, end) => (bytes[at] === 0x6e ? readNull(bytes, at, end) : read(bytes, at, end));
}

export function arrayReader({
  readItem,
  itemsMin,
  itemsMax,
  line,
}: {
  readItem: ValueReader;
  itemsMin: number;
  itemsMax: number;
  line: LineInHand;
}): ValueReader {
  return (bytes, at, end) => {
    if (at >= end || bytes[at] !== OPENING_BRACKET) return NOT_PROVEN;
    const skip = (from: number) => {
      const next = skipSpace(bytes, from, end);
      if (next !== from) line.loose = true;
      return next;
    };
    let items = 0;
    let index = skip(at + 1);
    if (index < end && bytes[index] === CLOSING_BRACKET) return itemsMin === 0 ? index + 1 : NOT_PROVEN;
    for (;;) {
      index = readItem(bytes, index, end);
      if (index === NOT_PROVEN) return NOT_PROVEN;
      items += 1;
      index = skip(index);
      if (index >= end) return NOT_PROVEN;
      const byte = bytes[index];
      if (byte === CLOSING_BRACKET) break;
      if (byte !== COMMA) return NOT_PROVEN;
      index = skip(index + 1);
    }
    return items >= itemsMin && items <= itemsMax ? index + 1 : NOT_PROVEN;
  };
}

/** For what this lane knows nothing of. */
export const unknownReader: ValueReader = () => NOT_PROVEN;
