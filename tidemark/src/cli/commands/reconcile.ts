import type { RunReconciliation } from '../../evidence/reconcile-runs.ts';
import { EXIT } from '../exit-codes.ts';
import type { Outcome } from '../outcome.ts';
import { plainValues } from '../render/plain-values.ts';
import { reconciledRunLines, reconciledVerdict } from '../render/reconciled-run.ts';
import { openProject, type Session } from '../session.ts';

export interface ReconcileOptions {
  readonly run?: string;
  readonly hash?: boolean;
}

/** Holds what was committed against what is stored now; each run is told as it has been read back. */
export async function reconcileCommand(session: Session, options: ReconcileOptions): Promise<Outcome> {
  await using tidemark = await openProject(session, { readOnly: true });
  const { output, page } = session;
  const runs: RunReconciliation[] = [];
  const query = { hash: options.hash ?? false, ...(options.run !== undefined && { runId: options.run }) };
  for await (const found of tidemark.reconcile(query)) {
    runs.push(found);
    const silent = session.options.quiet && found.reconciliation.verdict === 'pass';
    if (!session.options.json && !silent) output.lines(reconciledRunLines(plainValues(found), page));
  }
  const unkept = await keep(session, runs);
  if (unkept !== null) output.notice([unkept]);
  const proved = runs.every(({ reconciliation }) => reconciliation.verdict === 'pass');
  return {
    exit: proved ? EXIT.done : EXIT.unproven,
    document: { verdict: proved ? 'pass' : 'fail', runs },
    lines: (wide) => reconciledVerdict(runs, wide),
    quietLines: (wide) => (proved ? [] : reconciledVerdict(runs, wide)),
  };
}

/**
 * What was found moves verified-through. Where the catalog may only be read, the finding itself stands all the same.
 * @returns why nothing was kept, or null
 */
async function keep(session: Session, runs: readonly RunReconciliation[]): Promise<string | null> {
  if (runs.length === 0) return null;
  try {
    await using tidemark = await openProject(session, {});
    await tidemark.keepVerdicts(runs);
    return null;
  } catch (error) {
    return `verified-through was not moved: ${(error as Error).message}`;
  }
}
