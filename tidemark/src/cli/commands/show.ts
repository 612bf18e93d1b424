import { ERROR_CODES } from '../../errors/codes.ts';
import { ConfigurationError } from '../../errors/tidemark-error.ts';
import { commandLine } from '../command-line.ts';
import { EXIT } from '../exit-codes.ts';
import type { Outcome } from '../outcome.ts';
import { plainValues } from '../render/plain-values.ts';
import { storiesLines } from '../render/story.ts';
import { openProject, type Session } from '../session.ts';

/**
 * Tells the story of whatever bears a name.
 * @throws ConfigurationError not_found when nothing does
 */
export async function showCommand(session: Session, { query }: { query: string }): Promise<Outcome> {
  await using tidemark = await openProject(session, { readOnly: true });
  const stories = await tidemark.show(query);
  if (stories.length === 0) {
    throw new ConfigurationError({
      code: ERROR_CODES.not_found,
      message: `Nothing here is called ${query}, or has a name that begins like it.`,
      next: commandLine('status'),
      facts: { query },
    });
  }
  const shown = plainValues(stories);
  const lines = (page: Parameters<Outcome['lines']>[0]) => storiesLines(shown, page);
  return { exit: EXIT.done, document: { query, stories }, lines, quietLines: lines };
}
