import { LosslessNumber, parse, stringify } from 'lossless-json';

/**
 * Parses JSON in which nothing may be rounded: whole numbers beyond 2^53 become bigints, every `…snapshot-id` too (other
 * writers draw them from 63 bits), and a number whose text a double would not print back stays a `LosslessNumber`.
 *
 * @throws SyntaxError for text that is not JSON, or that gives one key two values.
 */
export function parseJson(text: string): unknown {
  return parse(text, (key, value) => (isSnapshotId(key, value) ? BigInt(value) : value), parseNumber);
}

/** Prints what `parseJson` gave, digit for digit. */
export function printJson(value: object): string {
  return stringify(value) ?? '';
}

function isSnapshotId(key: string, value: unknown): value is number {
  return typeof value === 'number' && key.endsWith('snapshot-id');
}

function parseNumber(text: string): number | bigint | LosslessNumber {
  const value = Number(text);
  if (String(value) === text && (Number.isSafeInteger(value) || !Number.isInteger(value))) return value;
  return /^-?(0|[1-9]\d*)$/.test(text) && text !== '-0' ? BigInt(text) : new LosslessNumber(text);
}
