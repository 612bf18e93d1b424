import type { RunReconciliation } from '../../evidence/reconcile-runs.ts';
import { shortInstant } from './instant.ts';
import { nextLines } from './next-line.ts';
import type { Page } from './page.ts';
import { reconciliationLines } from './proof-lines.ts';
import { counted } from './quantities.ts';
import { wrap, wrapParts } from './wrap.ts';

/** A committed run held against what is stored now: the verdict, what changed since it was sealed, what is missing. */
export function reconciledRunLines(found: RunReconciliation, page: Page): string[] {
  const { paint, width } = page;
  const { manifestId, batchId, runId, revision, committedAt, reconciliation, sealed, changes, next } = found;
  const { coverage } = reconciliation;
  const below = { width, first: '           ', hanging: '             ' };
  return [
    ...wrapParts([manifestId, ` batch ${batchId}`], { width, first: '', hanging: ' ' }).map(paint.strong),
    ...wrap(`run ${runId}, commit ${revision} of the batch, ${shortInstant(committedAt)}`, {
      width,
      first: '  ',
      hanging: '  ',
    }).map(paint.dim),
    ...reconciliationLines(reconciliation, page),
    ...(sealed === null ? [`  sealed   ${paint.attention('never: its run stopped before its proof')}`] : []),
    ...changes.flatMap((change) =>
      wrap(`≠ ${change.name} of ${change.subject}: sealed ${change.sealed}, now ${change.now}`, below),
    ),
    ...wrap(`${coverage.declared} declared, ${coverage.landed} landed, ${coverage.committed} in the tables`, {
      width,
      first: '  coverage ',
      hanging: below.hanging,
    }),
    ...coverage.missing.flatMap(({ sourceId, why }) => wrap(`– ${sourceId}: ${why}`, below).map(paint.dim)),
    ...(next === null ? [] : nextLines(next, page, '  ')),
    '',
  ];
}

export function reconciledVerdict(found: readonly RunReconciliation[], { paint }: Page): string[] {
  if (found.length === 0) return ['nothing was ever committed here'];
  const failed = found.filter(({ reconciliation }) => reconciliation.verdict !== 'pass').length;
  const what = counted(found.length, 'batch', 'batches');
  return failed === 0
    ? [paint.good(`✓ ${what} proved again`)]
    : [paint.bad(`✗ ${failed} of ${what} not proved: do not build on ${failed === 1 ? 'it' : 'them'}`)];
}
