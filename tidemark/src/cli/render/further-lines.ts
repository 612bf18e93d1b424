import type { Invocation } from '../../tidemark.ts';
import { commandLine, typedCommands } from '../command-line.ts';
import { assetLines } from './asset-lines.ts';
import { keptAt } from './kept-at.ts';
import type { Page } from './page.ts';
import { wrap } from './wrap.ts';

export interface FurtherFacts {
  readonly invocation: Invocation;
  readonly home: string;
  /** The very command that was given. */
  readonly again: string;
  /** The smoke report that was asked for and written, or was as it should be already. */
  readonly smokeReport: { readonly path: string; readonly changed: boolean } | null;
}

/** Where the evidence is, and the commands that tell more. */
export function furtherLines(
  { invocation: { runs }, home, again, smokeReport }: FurtherFacts,
  page: Page,
): string[] {
  if (runs.length === 0) return [];
  const { paint, width } = page;
  const only = runs.length === 1 ? runs[0] : undefined;
  const below = only?.evidenceDir ?? 'evidence/<run>';
  const folder = keptAt(home, below);
  const rejected = runs.some(({ recordTally }) => recordTally.rejected > 0);
  const source = runs.flatMap(({ assets }) => assets)[0]?.sourceId;
  const ways: (readonly [command: string, what: string])[] = [
    ...(rejected
      ? [[commandLine('rejects'), 'every rejected record: line, rule, place, value'] as const]
      : []),
    ...(source === undefined
      ? []
      : [[commandLine('show', source), 'the story of a source, record, run, path or hash'] as const]),
    [commandLine('status'), 'where everything stands'],
    [again, 'again: what is in is skipped, nothing enters twice'],
  ];
  const lines = ways.map(([command, what]) => ({
    cells: [{ text: typedCommands(command, page.projectWords), paint: paint.command }],
    notes: [what],
    next: null,
  }));
  const layout = { width, first: '  ', hanging: '    ' };
  return [
    paint.strong('Evidence'),
    '',
    ...wrap(`${keptAt(folder, 'report.md')}  what happened, sealed in a hash chain`, layout),
    ...(smokeReport === null
      ? []
      : wrap(
          `${smokeReport.path}  the smoke report, ${smokeReport.changed ? 'written' : 'unchanged'}`,
          layout,
        )),
    ...assetLines(lines, { columns: [{}], page }),
    '',
  ];
}
