import { createRequire } from 'node:module';
import { stripVTControlCharacters } from 'node:util';

/**
 * Columns that a text takes in a terminal. Loading string-width takes 17 ms (its expressions for emoji), a third of what
 * `--help` takes, so it is loaded for the first text that needs it: one with more than letters of Latin scripts and the
 * signs that our own pages are made of, which are one column each and join with nothing.
 */
export function displayWidth(text: string): number {
  const plain = text.includes('\u001b') ? stripVTControlCharacters(text) : text;
  if (ONE_COLUMN_EACH.test(plain)) return plain.length;
  stringWidth ??= (require('string-width') as { default: (text: string) => number }).default;
  return stringWidth(plain);
}

/** ASCII, Latin without the soft hyphen, dashes and quotes, arrows, lines, the signs of an outcome. */
export const ONE_COLUMN_EACH =
  /^[\u0020-\u007e\u00a1-\u00ac\u00ae-\u024f\u2010-\u2027\u2190-\u21ff\u2500-\u257f\u2713\u2717]*$/;

const require = createRequire(import.meta.url);
let stringWidth: ((text: string) => number) | null = null;
