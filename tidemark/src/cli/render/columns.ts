import { displayWidth } from './display-width.ts';
import { shortenMiddle } from './wrap.ts';

/** A cell: its text, and how it is painted once it has been padded. */
export interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

export interface ColumnLayout {
  readonly align?: 'left' | 'right';
  /** May be shortened in its middle, to no less than this many columns, when the rows are too wide. */
  readonly shrinksTo?: number;
}

const GAP = '  ';

/**
 * Aligned columns, two blanks apart, empty columns left out, nothing at the end of a line. `columns` says how each cell
 * of a row is laid out; rows have as many cells.
 */
export function alignColumns(
  rows: readonly (readonly Cell[])[],
  layout: { columns: readonly ColumnLayout[]; width: number; indent?: string },
): string[] {
  const { columns, width, indent = '' } = layout;
  const natural = columns.map((_, at) =>
    Math.max(0, ...rows.map((row) => displayWidth(row[at]?.text ?? ''))),
  );
  const shown = columns.map((_, at) => at).filter((at) => (natural[at] ?? 0) > 0);
  const widths = shrink({ natural, columns, shown, room: width - displayWidth(indent) });
  return rows.map((row) => {
    let line = '';
    for (const [place, at] of shown.entries()) {
      const cell = row[at] ?? { text: '' };
      const size = widths[at] ?? 0;
      const text = shortenMiddle(cell.text, size);
      const padding = ' '.repeat(Math.max(0, size - displayWidth(text)));
      const painted = cell.paint === undefined ? text : cell.paint(text);
      const last = place === shown.length - 1;
      const padded = columns[at]?.align === 'right' ? padding + painted : painted + (last ? '' : padding);
      line += (place === 0 ? indent : GAP) + padded;
    }
    return line.trimEnd();
  });
}

function shrink(facts: {
  natural: readonly number[];
  columns: readonly ColumnLayout[];
  shown: readonly number[];
  room: number;
}): number[] {
  const { natural, columns, shown, room } = facts;
  const widths = [...natural];
  const used =
    shown.reduce((sum, at) => sum + (natural[at] ?? 0), 0) + GAP.length * Math.max(0, shown.length - 1);
  let excess = used - room;
  for (const at of shown) {
    const least = columns[at]?.shrinksTo;
    if (excess <= 0 || least === undefined) continue;
    const given = Math.min(excess, Math.max(0, (natural[at] ?? 0) - least));
    widths[at] = (natural[at] ?? 0) - given;
    excess -= given;
  }
  return widths;
}
