import { EXIT } from '../exit-codes.ts';
import type { Outcome } from '../outcome.ts';
import { diagnosisLines } from '../render/diagnosis.ts';
import { plainValues } from '../render/plain-values.ts';
import { openProject, type Session } from '../session.ts';

/** Walks the fixed order. Telling is the job, so what is wrong does not change the exit code. */
export async function diagnoseCommand(session: Session, { target }: { target?: string }): Promise<Outcome> {
  await using tidemark = await openProject(session, { readOnly: true });
  const diagnosis = await tidemark.diagnose(target);
  const shown = plainValues(diagnosis);
  const lines = (page: Parameters<Outcome['lines']>[0]) => diagnosisLines(shown, page);
  return { exit: EXIT.done, document: { diagnosis }, lines, quietLines: lines };
}
