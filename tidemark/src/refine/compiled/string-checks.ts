import { compilePattern } from '../../contract/pattern.ts';
import { type PatternNode, parsePattern } from '../../contract/pattern-syntax.ts';
import { isDigit, MINUS, ZERO } from './json-bytes.ts';

/** Whether the content of a string, without its quotes, is proven to pass; `escaped` where it holds an escape. */
export type StringCheck = (bytes: Buffer, start: number, end: number, escaped: boolean) => boolean;

/** The text as the judge would see it. */
function textOf(bytes: Buffer, start: number, end: number, escaped: boolean): string {
  return escaped
    ? (JSON.parse(bytes.toString('utf8', start - 1, end + 1)) as string)
    : bytes.toString('utf8', start, end);
}

/** One of these texts, byte for byte. One that JSON has to escape is never proven. */
export function oneOf(texts: readonly string[]): StringCheck {
  const literals = texts.map((text) => Buffer.from(text));
  const byLength = Array.from(
    { length: Math.max(0, ...literals.map(({ length }) => length)) + 1 },
    (_, length) => literals.filter((literal) => literal.length === length),
  );
  return (bytes, start, end, escaped) => {
    const candidates = byLength[end - start];
    if (candidates === undefined || escaped) return false;
    for (const literal of candidates) {
      let same = 0;
      while (same < literal.length && literal[same] === bytes[start + same]) same += 1;
      if (same === literal.length) return true;
    }
    return false;
  };
}

/** Length in code points. */
export function lengthBetween(min: number, max: number): StringCheck {
  return (bytes, start, end, escaped) => {
    // A code point takes one byte to four, so most lengths are decided without counting.
    const length = end - start;
    if (!escaped && length <= max && length >= 4 * min) return true;
    let points = 0;
    if (escaped) {
      for (const _ of textOf(bytes, start, end, escaped)) points += 1;
    } else {
      for (let at = start; at < end; at += 1) if (((bytes[at] as number) & 0xc0) !== 0x80) points += 1;
    }
    return points >= min && points <= max;
  };
}

/** The judge's own test on the judge's own text: proven either way, only slower. */
export function passes(test: (text: string) => boolean): StringCheck {
  return (bytes, start, end, escaped) => test(textOf(bytes, start, end, escaped));
}

/** A pattern of fixed length is proven byte by byte where the text is ASCII; everything else asks the judge's engine. */
export function matches(source: string): StringCheck {
  const pattern = compilePattern(source);
  const slow = passes((text) => pattern.test(text));
  const places = fixedPlaces(source);
  if (places === null) return slow;
  return (bytes, start, end, escaped) => {
    if (end - start === places.length && !escaped) {
      let at = 0;
      while (at < places.length && (places[at] as Uint8Array)[bytes[start + at] as number] === 1) at += 1;
      if (at === places.length) return true;
    }
    return slow(bytes, start, end, escaped);
  };
}

/** Longest text that is matched place by place. */
const PLACES_MAX = 256;

/** Per place of the text a table of the ASCII bytes that match there; null for a pattern of no fixed length. */
function fixedPlaces(source: string): readonly Uint8Array[] | null {
  let node: PatternNode | null;
  try {
    node = parsePattern(new RegExp(source, 'u').source);
  } catch {
    return null;
  }
  if (node?.kind !== 'sequence' || node.items.length < 2) return null;
  const [first, last] = [node.items[0], node.items.at(-1)];
  if (first?.kind !== 'assert' || first.where !== 'start') return null;
  if (last?.kind !== 'assert' || last.where !== 'end') return null;
  const places: Uint8Array[] = [];
  return node.items.slice(1, -1).every((item) => addPlaces(item, places)) ? places : null;
}

function addPlaces(node: PatternNode, places: Uint8Array[]): boolean {
  if (places.length > PLACES_MAX) return false;
  if (node.kind === 'sequence') return node.items.every((item) => addPlaces(item, places));
  if (node.kind === 'repeat') {
    if (node.min !== node.max || node.max > PLACES_MAX) return false;
    for (let count = 0; count < node.min; count += 1) if (!addPlaces(node.item, places)) return false;
    return true;
  }
  if (node.kind !== 'point') return false;
  const { source } = node;
  const literal = source !== '.' && !source.startsWith('\\') && !source.startsWith('[');
  const engine = literal ? null : new RegExp(`^${source}$`, 'u');
  const table = new Uint8Array(256);
  for (let byte = 0; byte < 128; byte += 1) {
    const text = String.fromCharCode(byte);
    if (engine === null ? source === text : engine.test(text)) table[byte] = 1;
  }
  places.push(table);
  return true;
}

/** `YYYY-MM-DD` of the calendar, not of the year 0000. */
export const isPlainDate: StringCheck = (bytes, start, end) => end - start === 10 && isDayAt(bytes, start);

/** `YYYY-MM-DDTHH:MM:SS[.ffffff]Z`: what nearly all date-times look like, and what `copyInstant` can copy. */
export const isPlainInstant: StringCheck = (bytes, start, end) => {
  const length = end - start;
  if (length < 20 || length > 27 || length === 21 || bytes[end - 1] !== 0x5a || bytes[start + 10] !== 0x54)
    return false;
  if (bytes[start + 13] !== 0x3a || bytes[start + 16] !== 0x3a || !isDayAt(bytes, start)) return false;
  if (!(twoDigits(bytes, start + 11) < 24)) return false;
  if (!(twoDigits(bytes, start + 14) < 60 && twoDigits(bytes, start + 17) < 60)) return false;
  if (length === 20) return true;
  if (bytes[start + 19] !== 0x2e) return false;
  for (let at = start + 20; at < end - 1; at += 1) if (!isDigit(bytes[at])) return false;
  return true;
};

function isDayAt(bytes: Uint8Array, at: number): boolean {
  if (bytes[at + 4] !== MINUS || bytes[at + 7] !== MINUS) return false;
  const year = twoDigits(bytes, at) * 100 + twoDigits(bytes, at + 2);
  const month = twoDigits(bytes, at + 5);
  const day = twoDigits(bytes, at + 8);
  // A NaN, from something that is no digit, fails every comparison.
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1)) return false;
  if (day <= 28) return true;
  if (month === 2) return day === 29 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= (month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31);
}

function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at] as number;
  const ones = bytes[at + 1] as number;
  return isDigit(tens) && isDigit(ones) ? (tens - ZERO) * 10 + ones - ZERO : Number.NaN;
}
