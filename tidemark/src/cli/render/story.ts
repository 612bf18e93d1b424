import type { Story } from '../../evidence/stories/story.ts';
import { commandLine, typedCommands } from '../command-line.ts';
import { displayWidth } from './display-width.ts';
import { nextLines } from './next-line.ts';
import type { Page } from './page.ts';
import { wrap } from './wrap.ts';

/** Everything there is to tell of what was asked for, one story after the other. */
export function storiesLines(stories: readonly Story[], page: Page): string[] {
  const lines = stories.flatMap((story, at) => [...(at === 0 ? [] : ['']), ...storyLines(story, page)]);
  const further = stories.flatMap(({ related }) => related)[0];
  if (further === undefined) return lines;
  return [
    ...lines,
    '',
    page.paint.dim(
      `more of any of these: ${typedCommands(commandLine('show', further.query), page.projectWords)}`,
    ),
  ];
}

function storyLines({ title, facts, related, next }: Story, page: Page): string[] {
  const { paint, width } = page;
  const labels = [...facts, ...related].map(({ label }) => displayWidth(label));
  const column = Math.max(0, ...labels);
  const row = (label: string, text: string) => {
    const first = `  ${label}${' '.repeat(column - displayWidth(label))}  `;
    const [head = '', ...rest] = wrap(text, { width, first, hanging: ' '.repeat(column + 4) });
    return [paint.dim(head.slice(0, first.length)) + head.slice(first.length), ...rest];
  };
  return [
    ...wrap(title, { width, first: '', hanging: '  ' }).map(paint.strong),
    '',
    ...facts.flatMap(({ label, value }) => row(label, value)),
    ...(facts.length > 0 && related.length > 0 ? [''] : []),
    ...related.flatMap(({ label, value, query }) =>
      row(label, value.includes(query) ? value : `${value} (${query})`),
    ),
    ...(next === null ? [] : ['', ...nextLines(next, page)]),
  ];
}
