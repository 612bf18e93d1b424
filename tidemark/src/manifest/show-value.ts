/** Longest text of a declaration that is repeated in a problem. */
const SHOWN_CHARS_MAX = 80;
const SHOWN_FIELDS_MAX = 6;

/** A value as a message shows it: on one line, of bounded length, without characters that act on a terminal. */
export function showValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return showText(value);
  if (Array.isArray(value))
    return value.length === 1 ? 'a list of 1 item' : `a list of ${value.length} items`;
  if (typeof value === 'object' && value !== null) return showFields(Object.keys(value));
  return String(value);
}

/** A piece of a file as it stands there, under the same bounds. */
export function showSource(text: string): string {
  const { kept, rest } = shorten(text);
  return `${plainText(kept)}${rest}`;
}

function showText(text: string): string {
  const { kept, rest } = shorten(text);
  return `${plainText(JSON.stringify(kept))}${rest}`;
}

function shorten(text: string): { readonly kept: string; readonly rest: string } {
  if (text.length <= SHOWN_CHARS_MAX) return { kept: text, rest: '' };
  const cut = /[\ud800-\udbff]/.test(text[SHOWN_CHARS_MAX - 1]!) ? SHOWN_CHARS_MAX - 1 : SHOWN_CHARS_MAX;
  return { kept: text.slice(0, cut), rest: `… (${text.length} characters)` };
}

function showFields(names: readonly string[]): string {
  if (names.length === 0) return 'an object without fields';
  const shown = names.slice(0, SHOWN_FIELDS_MAX).map(showText);
  if (names.length > SHOWN_FIELDS_MAX) shown.push('…');
  return `an object with ${shown.join(', ')}`;
}

/** Spells out control, format and line-separator characters, which could rewrite what a terminal shows. */
export function plainText(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}
