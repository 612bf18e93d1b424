import type { Reconciliation } from '../../evidence/reconcile.ts';
import type { RunReport } from '../../evidence/run-report.ts';
import type { Page } from './page.ts';
import { humanCount } from './quantities.ts';
import { wrap } from './wrap.ts';

/** The verdict of reading the committed snapshots back; every check that failed, with both values. */
export function proofLines(
  { reconciliation, state }: Pick<RunReport, 'reconciliation' | 'state'>,
  page: Page,
): string[] {
  if (reconciliation === null) {
    return state === 'committed'
      ? [`  proof    ${page.paint.attention('committed, not yet read back')}`]
      : [];
  }
  return reconciliationLines(reconciliation, page);
}

export function reconciliationLines(reconciliation: Reconciliation, { width, paint }: Page): string[] {
  const { checks, verdict } = reconciliation;
  const failed = checks.filter((check) => check.verdict !== 'pass');
  const of = `${humanCount(checks.length - failed.length)} of ${humanCount(checks.length)} checks`;
  if (verdict === 'pass') {
    return [`  proof    ${paint.good(`✓ proved: ${of}${digestClaim(checks)}`)}`];
  }
  return [
    `  proof    ${paint.bad(`✗ not proved: ${of}`)}`,
    ...failed.flatMap(({ name, subject, expected, received, verdict: found }) =>
      wrap(`${found === 'fail' ? '✗' : '?'} ${name} of ${subject}: expected ${expected}, found ${received}`, {
        width,
        first: '           ',
        hanging: '             ',
      }),
    ),
  ];
}

/** Said only where it was compared: one-row decisions have nothing to take a digest of. */
export function digestClaim(checks: Reconciliation['checks']): string {
  return checks.some(({ name, verdict }) => name === 'digest_source_equals_bronze' && verdict === 'pass')
    ? ', digest source = raw = Bronze'
    : '';
}
