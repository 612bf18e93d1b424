import { formatProblems } from '../../manifest/format-problems.ts';
import type { Declarations } from '../../run/load-declarations.ts';
import type { Page } from './page.ts';
import { counted } from './quantities.ts';
import { wrap } from './wrap.ts';

/** Problems shown of one manifest; the JSON document and `--report-json` have all of them. */
const PROBLEMS_SHOWN_MAX = 20;

/** Every refused manifest with its problems, each with its place. */
export function refusedManifests(refused: Declarations['refused'], { paint, width }: Page): string[] {
  return refused.flatMap(({ path, problems }) => {
    const shown = problems.slice(0, PROBLEMS_SHOWN_MAX);
    const rest = problems.length - shown.length;
    return [
      `${paint.bad('✗ refused')}  ${paint.strong(path)}  ${counted(problems.length, 'problem')}`,
      '',
      ...formatProblems(shown)
        .split('\n')
        .flatMap((line) => problemLine(line, width)),
      ...(rest > 0 ? ['', `  and ${counted(rest, 'more problem')}; --json lists all`] : []),
      '',
    ];
  });
}

/** The column of what was expected and found stays one; a place stays whole, so that terminals make a link of it. */
function problemLine(line: string, width: number): string[] {
  const [indent = ''] = /^ {2}(?:(?:at|expected|found) +)?/.exec(line) ?? [];
  if (indent === '') return [line === '' ? '' : `  ${line}`];
  return wrap(line.slice(indent.length), {
    width,
    first: `  ${indent}`,
    hanging: ' '.repeat(indent.length + 2),
  });
}
