import type { JsonValue } from '../model/json.ts';

/** Longest `received` and the like, in UTF-16 code units, the ellipsis included. */
export const SHORT_TEXT_MAX = 120;

/** JSON text of a value, cut to `SHORT_TEXT_MAX`; what lies beyond the cut is not visited, however large it is. */
export function shortenValue(value: JsonValue): string {
  return shortenText(write(value, SHORT_TEXT_MAX + 1));
}

/** Cuts text that is too long, never through a surrogate pair, and marks the cut. */
export function shortenText(text: string, lengthMax = SHORT_TEXT_MAX): string {
  if (text.length <= lengthMax) return text;
  let end = lengthMax - 1;
  const last = text.charCodeAt(end - 1);
  if (last >= 0xd800 && last <= 0xdbff) end -= 1;
  return `${text.slice(0, end)}…`;
}

/** At least the first `budget` characters of the JSON text; may stop being JSON once the budget is spent. */
function write(value: JsonValue, budget: number): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > budget ? value.slice(0, budget) : value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (budget <= 0) return '…';
  const isArray = Array.isArray(value);
  let text = isArray ? '[' : '{';
  // for…in stops early without listing a million members first, which Object.entries would do.
  for (const name in value) {
    if (!Object.hasOwn(value, name)) continue;
    if (text.length > 1) text += ',';
    if (!isArray) text += `${write(name, budget - text.length)}:`;
    text += write((value as { readonly [key: string]: JsonValue })[name] as JsonValue, budget - text.length);
    if (text.length > budget) return text;
  }
  return text + (isArray ? ']' : '}');
}
