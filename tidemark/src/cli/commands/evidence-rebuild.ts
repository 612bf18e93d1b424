import type { EvidenceRebuild } from '../../evidence/rebuild-evidence.ts';
import { EXIT } from '../exit-codes.ts';
import type { Outcome } from '../outcome.ts';
import type { Page } from '../render/page.ts';
import { plainValues } from '../render/plain-values.ts';
import { counted } from '../render/quantities.ts';
import { wrap } from '../render/wrap.ts';
import { openProject, type Session } from '../session.ts';

/** Makes missing or altered evidence files of a run again, exactly as they were sealed. */
export async function evidenceRebuildCommand(session: Session, { run }: { run: string }): Promise<Outcome> {
  await using tidemark = await openProject(session, { readOnly: true });
  const rebuild = await tidemark.rebuildEvidence(run);
  const shown = plainValues(rebuild);
  return {
    exit: rebuild.lost.length === 0 ? EXIT.done : EXIT.unproven,
    document: rebuild,
    lines: (page) => rebuildLines(shown, page),
    quietLines: (page) => (rebuild.lost.length === 0 ? [] : rebuildLines(shown, page)),
  };
}

function rebuildLines({ restored, intact, lost }: EvidenceRebuild, { paint, width }: Page): string[] {
  const tone = lost.length === 0 ? paint.good : paint.bad;
  const sign = lost.length === 0 ? '✓' : '✗';
  return [
    ...intact.map((name) => `  = ${name}  ${paint.dim('as sealed')}`),
    ...restored.map((name) => `  ${paint.good('+')} ${name}  ${paint.dim('made again, as sealed')}`),
    ...lost.flatMap(({ name, why }) =>
      wrap(`✗ ${name}  ${why}`, { width, first: '  ', hanging: '    ' }).map(paint.bad),
    ),
    tone(
      `${sign} ${counted(restored.length, 'file')} made again, ${intact.length} intact, ${lost.length} lost`,
    ),
  ];
}
