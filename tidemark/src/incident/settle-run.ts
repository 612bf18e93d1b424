import type { CatalogTransaction } from '../catalog/catalog.ts';
import type { RunReport } from '../evidence/run-report.ts';
import { resolveAbsent } from './record-symptoms.ts';
import type { Symptom, SymptomKind } from './symptom.ts';

/** Kinds that the account of a run tells whole. */
const OF_SOURCE: readonly SymptomKind[] = ['source_not_received', 'source_contradicts_manifest'];

/**
 * A run whose reconciliation passed, or that found everything committed, has looked at its batch and at the sources that
 * it took: what such a look would have found and did not is over. No other run resolves anything.
 */
export async function resolveSettled(
  tx: CatalogTransaction,
  { report, found, now }: { report: RunReport; found: readonly Symptom[]; now: string },
): Promise<void> {
  const reconciled = report.state === 'committed' && report.reconciliation?.verdict === 'pass';
  const nothingNew = report.state === 'nothing_to_commit';
  if (!reconciled && !nothingNew) return;
  const sources = new Set(report.assets.map(({ sourceId }) => sourceId));
  // A plain run that finds everything committed reads no row; a replay has compared all of them.
  const comparedRows = reconciled || report.recovery?.verb === 'replay';
  await resolveAbsent(tx, {
    found,
    covers: ({ kind, manifest_id, batch_id, source_id }) => {
      if (manifest_id !== report.manifestId || batch_id !== report.batchId) return false;
      if (kind === 'batch_unfinished') return true;
      if (kind === 'reconciliation_failed') return comparedRows;
      return OF_SOURCE.includes(kind) && source_id !== null && sources.has(source_id);
    },
    now,
    detail: { runId: report.runId },
  });
}
