import { canonicalDecimal, isExactDouble } from './canonical-number.ts';
import { ExactNumber, type ExactValue } from './exact-number.ts';

/** JSON.parse hands over the text of a number since ES2025; TypeScript's library does not say so yet. */
type SourceReviver = (name: string, value: unknown, context: { readonly source?: string }) => unknown;

/** JSON without rounding a number. @throws SyntaxError, as JSON.parse does */
export function parseExact(text: string): ExactValue {
  const revive: SourceReviver = (_name, value, { source }) =>
    typeof value === 'number' && source !== undefined && !isExactDouble(source)
      ? new ExactNumber(canonicalDecimal(source))
      : value;
  return JSON.parse(text, revive as (name: string, value: unknown) => unknown) as ExactValue;
}
