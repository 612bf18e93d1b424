import { typedCommands } from '../command-line.ts';
import { alignColumns, type Cell, type ColumnLayout } from './columns.ts';
import { displayWidth } from './display-width.ts';
import type { Page } from './page.ts';
import { wrap } from './wrap.ts';

/** One asset of a list: its cells, what there is to say of it, and what to do about it. */
export interface AssetLine {
  readonly cells: readonly Cell[];
  readonly notes: readonly string[];
  readonly next: string | null;
}

const NOTE_INDENT = '      ';

/**
 * Aligned lines, one an asset. What there is to say stands at the end of the line if all of it fits there, as it does in
 * a pipe; else below it, indented.
 */
export function assetLines(
  assets: readonly AssetLine[],
  layout: { columns: readonly ColumnLayout[]; page: Page },
): string[] {
  const { width, paint, projectWords } = layout.page;
  const aligned = alignColumns(
    assets.map(({ cells }) => cells),
    { columns: layout.columns, width, indent: '  ' },
  );
  const noteColumn = 2 + Math.max(0, ...aligned.map((line) => displayWidth(line)));
  return aligned.flatMap((line, at) => {
    const { notes = [], next = null } = assets[at] ?? {};
    const all = [...notes, ...(next === null ? [] : [`next: ${typedCommands(next, projectWords)}`])];
    if (all.length === 0) return [line];
    const beside = all.join('; ');
    if (noteColumn + displayWidth(beside) <= width) {
      return [`${line}${' '.repeat(noteColumn - displayWidth(line))}${paint.dim(beside)}`];
    }
    const below = all.flatMap((note) =>
      wrap(note, { width, first: NOTE_INDENT, hanging: `${NOTE_INDENT}  ` }),
    );
    return [line, ...below.map((text) => paint.dim(text))];
  });
}
