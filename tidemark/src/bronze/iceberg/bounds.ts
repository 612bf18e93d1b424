import { daysFromText, microsFromText } from './instant-text.ts';
import { encodeSingleValue, type SingleValue } from './single-value.ts';

/** Code points kept of a string bound: the default of Iceberg's own writers (`truncate(16)`). */
export const STRING_BOUND_CODE_POINTS = 16;

const CODE_POINT_MAX = 0x10ffff;
const SURROGATES = { first: 0xd800, last: 0xdfff } as const;

/** The lower bound for the least value as DuckDB prints it; null where no sound bound can be given. */
export function lowerBound(type: string, text: string): Uint8Array | null {
  if (type === 'string') return encodeSingleValue(type, firstCodePoints(text));
  const value = valueFromText(type, text);
  // DuckDB prints 0.0 for the least of 0.0 and -0.0, and readers order -0.0 below 0.0.
  return value === null ? null : encodeSingleValue(type, value === 0 && isFloating(type) ? -0 : value);
}

/** The upper bound for the greatest value as DuckDB prints it; null where no sound bound can be given. */
export function upperBound(type: string, text: string): Uint8Array | null {
  if (type === 'string') {
    const bound = truncatedUpperBound(text);
    return bound === null ? null : encodeSingleValue(type, bound);
  }
  const value = valueFromText(type, text);
  return value === null ? null : encodeSingleValue(type, value === 0 && isFloating(type) ? 0 : value);
}

function firstCodePoints(text: string): string {
  return [...text].slice(0, STRING_BOUND_CODE_POINTS).join('');
}

/**
 * At most `STRING_BOUND_CODE_POINTS` code points that sort at or after the whole text. A text that had to be cut is
 * bumped: its last code point becomes the next one, or is dropped and the one before is bumped where there is no next.
 * Null where none can be bumped. A cut bound that is not bumped makes readers skip files that hold the value.
 */
export function truncatedUpperBound(text: string): string | null {
  const points = [...text];
  if (points.length <= STRING_BOUND_CODE_POINTS) return text;
  for (let length = STRING_BOUND_CODE_POINTS; length > 0; length -= 1) {
    const point = points[length - 1]!.codePointAt(0)!;
    if (point === CODE_POINT_MAX) continue;
    const next = point + 1 === SURROGATES.first ? SURROGATES.last + 1 : point + 1;
    return points.slice(0, length - 1).join('') + String.fromCodePoint(next);
  }
  return null;
}

function isFloating(type: string): boolean {
  return type === 'double' || type === 'float';
}

/** Null for infinite times, for NaN and for types whose bounds we do not write: a missing bound is always sound. */
function valueFromText(type: string, text: string): SingleValue | null {
  switch (type) {
    case 'boolean':
      return text === '1' || text === 'true' ? true : text === '0' || text === 'false' ? false : null;
    case 'int':
      return /^-?\d+$/.test(text) ? Number(text) : null;
    case 'long':
      return /^-?\d+$/.test(text) ? BigInt(text) : null;
    case 'float':
    case 'double':
      return floatFromText(text);
    case 'date':
      return daysFromText(text);
    case 'timestamp':
    case 'timestamptz':
      return microsFromText(text);
    default:
      return null;
  }
}

function floatFromText(text: string): number | null {
  if (text === 'inf') return Number.POSITIVE_INFINITY;
  if (text === '-inf') return Number.NEGATIVE_INFINITY;
  const value = Number(text);
  return text.trim() === '' || Number.isNaN(value) ? null : value;
}
