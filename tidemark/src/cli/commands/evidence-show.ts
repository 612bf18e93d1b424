import { join } from 'node:path';
import { ERROR_CODES } from '../../errors/codes.ts';
import { ConfigurationError } from '../../errors/tidemark-error.ts';
import { mountedUri } from '../../landing/store/mount.ts';
import { namesIn, readStored } from '../../landing/store/stored-files.ts';
import { commandLine } from '../command-line.ts';
import { EXIT } from '../exit-codes.ts';
import type { Outcome } from '../outcome.ts';
import { openProject, type Session } from '../session.ts';
import { typedPath } from '../typed-path.ts';

/** A run id may be cut to a beginning of this many characters. */
const RUN_CHARS_MIN = 6;

/**
 * The report for people of one run, as it was sealed, and where its files are.
 * @throws ConfigurationError not_found
 */
export async function evidenceShowCommand(session: Session, { run }: { run: string }): Promise<Outcome> {
  await using tidemark = await openProject(session, { readOnly: true });
  const { evidenceDir } = tidemark.home;
  const names = await namesIn(evidenceDir);
  const meant = run.length >= RUN_CHARS_MIN ? names.filter((name) => name.startsWith(run)) : [];
  const [runId] = meant;
  if (runId === undefined || meant.length > 1) throw notFound({ run, meant });
  const folder = join(evidenceDir, runId);
  const files = (await namesIn(folder)).sort().map((name) => shownPath(join(folder, name)));
  const report = await readStored(join(folder, 'report.md')).then(String, () => '');
  return {
    exit: EXIT.done,
    document: { runId, folder: shownPath(folder), files, report },
    lines: ({ paint }) => [
      ...report.trimEnd().split('\n'),
      '',
      paint.strong('Files'),
      '',
      ...files.map((file) => `  ${file}`),
    ],
  };
}

function shownPath(path: string): string {
  return mountedUri(path) ?? typedPath(path);
}

function notFound({ run, meant }: { run: string; meant: readonly string[] }): ConfigurationError {
  const found =
    meant.length > 1 ? `${meant.length} runs begin like this` : 'no evidence folder begins like this';
  return new ConfigurationError({
    code: ERROR_CODES.not_found,
    message: `There is no one run ${run}: ${found}.`,
    next: commandLine('status'),
    facts: { run, meant },
  });
}
