import { EXIT } from '../exit-codes.ts';
import type { Outcome } from '../outcome.ts';
import { nextLines } from '../render/next-line.ts';
import { counted } from '../render/quantities.ts';
import { openProject, type Session } from '../session.ts';

/** Makes a table what it was before another engine wrote to it. */
export async function catalogSetBackCommand(
  session: Session,
  request: { table: string; before: string },
): Promise<Outcome> {
  {
    await using reader = await openProject(session, { readOnly: true });
    await reader.status();
  }
  await using tidemark = await openProject(session, {});
  const done = await tidemark.setBackTable(request);
  const next = 'tidemark verify';
  return {
    exit: EXIT.done,
    document: { ...done, next },
    lines: (page) => [
      `✓ bronze.${done.table} is at snapshot ${done.snapshotId ?? 'none'} again; ${counted(done.setAside.length, 'snapshot is', 'snapshots are')} set aside, readable as ${done.tag}`,
      ...nextLines(next, page),
    ],
  };
}
