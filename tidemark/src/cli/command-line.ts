import { shellWord } from '../evidence/next-command.ts';
import type { Selection } from '../run/load-declarations.ts';
import type { GlobalOptions } from './global-options.ts';

/** How the command is called in everything that is printed to be typed. */
export const COMMAND = 'npx tidemark';

/** A command to type: words that a shell would take apart are quoted. */
export function commandLine(...words: readonly string[]): string {
  return [COMMAND, ...words.map(shellWord)].join(' ');
}

/** The options that select the same manifests again. */
export function selectionWords(selection: Selection): string[] {
  return [
    ...(selection.manifestDirs ?? []).flatMap((dir) => ['--manifest-dir', dir]),
    ...(selection.manifestPaths ?? []).flatMap((path) => ['--manifest-path', path]),
    ...(selection.batchId === undefined ? [] : ['--batch-id', selection.batchId]),
  ];
}

/**
 * Text of the engine, which says `tidemark …`, with its commands as they are to be typed here: through npx, as from a
 * checkout, and with the options that lead to the same project. Doing it twice is doing it once.
 */
export function typedCommands(text: string, projectWords: readonly string[]): string {
  const called = [COMMAND, ...projectWords.map(shellWord)].join(' ');
  return text.replaceAll(/(?<=^|[`(;,: ])(?:npx )?tidemark (?=[a-z])/g, () => `${called} `);
}

/** The options that lead to the same project again. */
export function projectWords({ project, home }: Pick<GlobalOptions, 'project' | 'home'>): string[] {
  return [
    ...(project === undefined ? [] : ['--project', project]),
    ...(home === undefined ? [] : ['--home', home]),
  ];
}
