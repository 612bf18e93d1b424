import { isUtf8 } from 'node:buffer';
import type { Violation } from '../contract/contract.ts';
import type { Encoding } from '../model/declared-format.ts';
import { ExactNumber, type ExactObject, type ExactValue, toPlainJson } from '../model/exact-number.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts';
import type { Limits } from '../model/limits.ts';
import { SUSPICIOUS, scanMembers } from './scan-members.ts';
import { readStrictJson } from './strict-json.ts';

const BACKSLASH = 0x5c;

export type ParsedRecord =
  | {
      readonly kind: 'record';
      readonly value: ExactObject;
      /** The same record for a judge that knows doubles only; the same object where no number needed more. */
      readonly plain: JsonValue;
      /** Known that no string of the record, key or value, needs an escape when it is written as JSON. */
      readonly escapeFree: boolean;
    }
  | { readonly kind: 'rejected'; readonly violation: Violation };

/**
 * Parses the payload of one line, which is not blank. What is not one JSON object of legal UTF-8 within the depth
 * allowed, each key once, is rejected under a rule of its own: `invalid_utf8` before all others, then the first offence
 * in reading order (`malformed_json`, `duplicate_key`, `too_deep`, `invalid_unicode`), then `not_an_object`.
 *
 * JSON.parse reads what one scan over the bytes shows to be free of what JSON.parse would hide; all else, and all that
 * it refuses, goes to the strict reader, which alone decides. Both give the same value for the same bytes.
 */
export function parseRecord(
  line: Buffer,
  limits: Pick<Limits, 'recordDepthMax'>,
  encoding?: Encoding,
): ParsedRecord {
  if (!isUtf8(line)) return { kind: 'rejected', violation: invalidText(line, encoding) };
  const text = line.toString('utf8');

  const members = scanMembers(line, limits.recordDepthMax);
  if (members !== SUSPICIOUS) {
    const value = parseOrUndefined(text);
    if (isJsonObject(value) && countMembers(value) === members) {
      return { kind: 'record', value, plain: value, escapeFree: !line.includes(BACKSLASH) };
    }
  }

  const reading = readStrictJson(text, limits.recordDepthMax);
  if (reading.kind === 'violation') return { kind: 'rejected', violation: reading.violation };
  if (!isExactObject(reading.value)) return { kind: 'rejected', violation: notAnObject(reading.value) };
  return { kind: 'record', value: reading.value, plain: toPlainJson(reading.value), escapeFree: false };
}

/** The violation of a line that was read past. */
export function lineTooLong(length: number, limits: Pick<Limits, 'lineBytesMax'>): Violation {
  return {
    rule: 'line_too_long',
    pointer: '',
    expected: `at most ${limits.lineBytesMax} bytes`,
    received: `${length} bytes`,
  };
}

function parseOrUndefined(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

/** Members of all objects; fewer than were written where JSON.parse let a later key replace an earlier one. */
function countMembers(value: JsonValue): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) {
      if (typeof item === 'object') count += countMembers(item);
    }
    return count;
  }
  const object = value as JsonObject;
  for (const key in object) {
    count += 1;
    const item = object[key];
    if (typeof item === 'object') count += countMembers(item);
  }
  return count;
}

function isExactObject(value: ExactValue): value is ExactObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber)
  );
}

function notAnObject(value: ExactValue): Violation {
  const received = Array.isArray(value)
    ? 'array'
    : value === null
      ? 'null'
      : value instanceof ExactNumber
        ? 'number'
        : typeof value;
  return { rule: 'not_an_object', pointer: '', expected: 'one JSON object', received };
}

/** Of bytes that are no text, with the place of the first that is not; `encoding` is that of the source. */
export function invalidText(line: Buffer, encoding: Encoding = 'utf-8'): Violation {
  const offset = firstIllFormedByte(line);
  const [first = 0, second = 0, third = 0] = line.subarray(offset);
  const hex = (code: number, digits: number) => `0x${code.toString(16).padStart(digits, '0')}`;
  if (encoding === 'utf-8')
    return {
      rule: 'invalid_utf8',
      pointer: '',
      expected: 'UTF-8',
      received: `${hex(first, 2)} at byte ${offset}`,
    };
  // As transcoding leaves what is no character.
  const surrogate = ((first & 0x0f) << 12) | ((second & 0x3f) << 6) | (third & 0x3f);
  const found = !encoding.startsWith('utf-16')
    ? hex(first, 2)
    : first === 0xff
      ? 'half a character'
      : `a lone surrogate ${hex(surrogate, 4)}`;
  return {
    rule: 'invalid_encoding',
    pointer: '',
    expected: encoding,
    received: `${found} at byte ${offset}`,
  };
}

/** Where the first ill-formed sequence begins: decoded with replacements and encoded again, the bytes part there. */
function firstIllFormedByte(line: Buffer): number {
  const again = Buffer.from(line.toString('utf8'));
  let at = 0;
  while (line[at] === again[at]) at += 1;
  // A replacement character may share its first bytes with what it replaced.
  while (((again[at] as number) & 0xc0) === 0x80) at -= 1;
  return at;
}
