import { EXIT } from '../exit-codes.ts';
import type { Outcome } from '../outcome.ts';
import { nextLines } from '../render/next-line.ts';
import { plainValues } from '../render/plain-values.ts';
import { counted, humanBytes } from '../render/quantities.ts';
import { openKeeping, type Session } from '../session.ts';

/** Copies the catalog into a new file, while runs go on. */
export async function catalogBackupCommand(session: Session, { to }: { to: string }): Promise<Outcome> {
  const keeping = await openKeeping(session);
  const backup = await keeping.backup({ to });
  const next = `tidemark catalog restore ${backup.path}`;
  const shown = plainValues(backup);
  return {
    exit: EXIT.done,
    document: { ...backup, next },
    lines: (page) => [
      page.paint.good(
        `✓ ${shown.path}  ${humanBytes(shown.sizeBytes)}, ${counted(shown.runs, 'run')}, ${counted(shown.tables.length, 'table')}; it is whole, and the heads of its tables are there`,
      ),
      ...nextLines(`with it, when it is needed: ${next}`, page),
    ],
  };
}
