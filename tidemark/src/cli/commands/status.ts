import { EXIT } from '../exit-codes.ts';
import type { Outcome } from '../outcome.ts';
import { plainValues } from '../render/plain-values.ts';
import { attentionLines, statusLines } from '../render/status.ts';
import { openProject, type Session } from '../session.ts';

/** How everything stands. Telling is the job, so what needs attention does not change the exit code. */
export async function statusCommand(session: Session): Promise<Outcome> {
  await using tidemark = await openProject(session, { readOnly: true });
  const status = await tidemark.status();
  const shown = plainValues(status);
  return {
    exit: EXIT.done,
    document: status,
    lines: (page) => statusLines(shown, page),
    quietLines: (page) => (status.attention.length === 0 ? [] : attentionLines(shown, page)),
  };
}
