import { lstat, mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ERROR_CODES } from '../../errors/codes.ts';
import { ConfigurationError } from '../../errors/tidemark-error.ts';
import { storeError } from '../../landing/durable-files.ts';
import { COMMAND, commandLine } from '../command-line.ts';
import { EXIT } from '../exit-codes.ts';
import { type ProjectFile, projectFiles } from '../init/project-files.ts';
import type { Outcome } from '../outcome.ts';
import { assetLines } from '../render/asset-lines.ts';
import type { Page } from '../render/page.ts';
import { plainValues } from '../render/plain-values.ts';
import type { Session } from '../session.ts';
import { typedPath } from '../typed-path.ts';

/**
 * Writes a project that runs as it stands, into a new folder or beside what is there. Overwrites nothing: when any of
 * its files exists already, none is written.
 */
export async function initCommand({ options }: Session, { dir }: { dir: string }): Promise<Outcome> {
  const root = resolve(options.project ?? '.', dir);
  const files = projectFiles();
  await refuseToOverwrite({ root, files });
  for (const { path, text } of files) await writeNew({ place: join(root, path), text });
  const typed = typedPath(root);
  const go = typed === '.' ? '' : `cd ${typed} && `;
  const next = [`${go}${COMMAND} run`];
  const shown = plainValues({ root: typed, files: files.map(({ path, what }) => ({ path, what })), next });
  return {
    exit: EXIT.done,
    document: { root, files: files.map(({ path }) => path), next: next[0] },
    lines: (page) => initLines(shown, page),
  };
}

function initLines(
  {
    root,
    files,
    next,
  }: { root: string; files: readonly Pick<ProjectFile, 'path' | 'what'>[]; next: readonly string[] },
  page: Page,
): string[] {
  const { paint } = page;
  return [
    paint.strong(`A project in ${root}`),
    '',
    ...assetLines(
      files.map(({ path, what }) => ({
        cells: [{ text: '+', paint: paint.good }, { text: path }],
        notes: [what],
        next: null,
      })),
      { columns: [{}, {}], page },
    ),
    '',
    ...next.map((command) => `next: ${paint.command(command)}`),
  ];
}

async function refuseToOverwrite({
  root,
  files,
}: {
  root: string;
  files: readonly ProjectFile[];
}): Promise<void> {
  const typed = typedPath(root);
  if ((await stat(root).catch(() => null))?.isDirectory() === false) {
    throw new ConfigurationError({
      code: ERROR_CODES.would_overwrite,
      message: `${typed} is a file, not a folder. Nothing was written.`,
      next: commandLine('init', 'another-folder'),
      facts: { root },
    });
  }
  const there: string[] = [];
  for (const { path } of files) {
    if ((await lstat(join(root, path)).catch(() => null)) !== null) there.push(path);
  }
  if (there.length === 0) return;
  throw new ConfigurationError({
    code: ERROR_CODES.would_overwrite,
    message: `${typed} holds ${there.join(', ')} already. Nothing was written.`,
    next: there.includes('tidemark.yaml')
      ? commandLine(...(typed === '.' ? [] : ['--project', typed]), 'check')
      : commandLine('init', 'another-folder'),
    facts: { root, files: there },
  });
}

/** `wx`: even a file that appeared a moment ago is not overwritten. */
async function writeNew({ place, text }: { place: string; text: string }): Promise<void> {
  try {
    await mkdir(dirname(place), { recursive: true });
    await writeFile(place, text, { flag: 'wx' });
  } catch (error) {
    throw storeError(error, place);
  }
}
