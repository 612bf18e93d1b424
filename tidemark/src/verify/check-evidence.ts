import type { EvidenceFinding } from '../evidence/evidence-finding.ts';
import { nextCommand } from '../evidence/next-command.ts';
import { verifyEvidence } from '../evidence/verify-evidence.ts';
import { isWhole } from './scope.ts';
import type { Verification } from './verification.ts';

/** Every hash, link and file of the sealed evidence. Asked of the present, which leaves out runs that go on. */
export async function checkEvidence({ engine, findings, scope }: Verification): Promise<void> {
  if (!isWhole(scope)) return;
  findings.begin('evidence');
  const verified = await verifyEvidence(engine);
  findings.checked(
    'evidence',
    verified.chains.reduce((sum, { entries }) => sum + entries, 0),
  );
  for (const finding of verified.findings) {
    if (isToldByTheCatalog(finding)) continue;
    findings.found('evidence', {
      kind: 'evidence_altered',
      manifestId: null,
      batchId: null,
      sourceId: null,
      table: null,
      runId: null,
      distinction: `${finding.kind} ${finding.subject}`,
      message: finding.message,
      facts: { kind: finding.kind, expected: finding.expected, found: finding.found },
      query: nextCommand('evidence', 'verify'),
      suggestion: finding.next.replace(/^Look at it, then: /, ''),
    });
  }
}

/** Found where the catalog is held against the evidence, with what mends it. */
function isToldByTheCatalog({ kind, found }: EvidenceFinding): boolean {
  return (
    kind === 'run_record_altered' || kind === 'run_unknown' || (kind === 'not_sealed' && found !== 'no entry')
  );
}
