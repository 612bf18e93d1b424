import { EXIT } from '../exit-codes.ts';
import type { Outcome } from '../outcome.ts';
import { verificationLines, verificationVerdict } from '../render/evidence-verification.ts';
import { plainValues } from '../render/plain-values.ts';
import { openProject, type Session } from '../session.ts';

/** Verifies every hash, link and file of the sealed evidence. */
export async function evidenceVerifyCommand(
  session: Session,
  { expectHead }: { expectHead?: string },
): Promise<Outcome> {
  await using tidemark = await openProject(session, { readOnly: true });
  const found = await tidemark.verifyEvidence(expectHead === undefined ? {} : { expectHead });
  const shown = plainValues(found);
  return {
    exit: found.verdict === 'pass' ? EXIT.done : EXIT.unproven,
    document: found,
    lines: (page) => verificationLines(shown, page),
    quietLines: (page) => (found.verdict === 'pass' ? [] : verificationVerdict(shown, page)),
  };
}
