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

/** The engine says `tidemark …`; from a checkout it is called through npx, and so it is printed to be typed. */
export function typedNext(next: string): string {
  return next
    .replaceAll(/(^|[`(;, ])tidemark (?=[a-z-])/g, (_, before: string) => `${before}${COMMAND} `)
    .replaceAll(`npx ${COMMAND}`, COMMAND);
}

/** The options that lead to the same project again. */
export function projectWords({ project, home }: Pick<GlobalOptions, 'project' | 'home'>): string[] {
  return [
    ...(project === undefined ? [] : ['--project', project]),
    ...(home === undefined ? [] : ['--home', home]),
  ];
}
