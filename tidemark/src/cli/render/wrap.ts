import { displayWidth } from './display-width.ts';

/**
 * Breaks text between words so that every line fits; continued lines get `hanging`. A word that alone is too long (a
 * path, a hash) stays whole on a line of its own, so that it can be copied. `first` and `hanging` are printed before.
 */
export function wrap(text: string, layout: { width: number; first?: string; hanging?: string }): string[] {
  const { width, first = '', hanging = first } = layout;
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(' ')) {
    const longer = empty ? line + word : `${line} ${word}`;
    if (!empty && displayWidth(longer) > width) {
      lines.push(line);
      line = hanging + word;
    } else {
      line = longer;
    }
    empty = false;
  }
  lines.push(line);
  return lines;
}

/** Like `wrap`, breaking between whole parts (each with its separator already on it) instead of words. */
export function wrapParts(
  parts: readonly string[],
  layout: { width: number; first: string; hanging: string },
): string[] {
  const lines: string[] = [];
  let line = layout.first;
  for (const [index, part] of parts.entries()) {
    const longer = index === 0 ? line + part : `${line} ${part}`;
    if (index > 0 && displayWidth(longer) > layout.width) {
      lines.push(line);
      line = layout.hanging + part;
    } else {
      line = longer;
    }
  }
  lines.push(line);
  return lines;
}

/** At most `columns` wide: the middle gives way to `…`, since ids and paths differ at both ends. */
export function shortenMiddle(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  const characters = Array.from(text);
  const tail = Math.floor((columns - 1) / 2);
  const head = takeColumns(characters, columns - 1 - tail);
  const end = takeColumns([...characters].reverse(), tail);
  return `${head.join('')}…${[...end].reverse().join('')}`;
}

function takeColumns(characters: readonly string[], columns: number): string[] {
  const taken: string[] = [];
  let used = 0;
  for (const character of characters) {
    used += displayWidth(character);
    if (used > columns) break;
    taken.push(character);
  }
  return taken;
}
