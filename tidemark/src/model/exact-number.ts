import type { JsonValue } from './json.ts';

/**
 * A JSON number that no double holds exactly. `canonical` is its exact decimal in normal form: the digits laid out as
 * ECMAScript's Number::toString lays out a double's, so that a number a double does hold has the same text either way.
 */
export class ExactNumber {
  readonly canonical: string;

  constructor(canonical: string) {
    this.canonical = canonical;
  }
}

/** A JSON value in which nothing was rounded: numbers are doubles where that is exact, else `ExactNumber`. */
export type ExactValue = null | boolean | number | string | ExactNumber | readonly ExactValue[] | ExactObject;

export interface ExactObject {
  readonly [key: string]: ExactValue;
}

/** The nearest plain JSON value, for a judge that knows doubles only. */
export function toPlainJson(value: ExactValue): JsonValue {
  if (value instanceof ExactNumber) return Number(value.canonical);
  if (Array.isArray(value)) return value.map(toPlainJson);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toPlainJson(item)]));
  }
  return value as JsonValue;
}
