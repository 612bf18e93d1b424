import { sqlText } from '../bronze/data-engine.ts';
import { QUARANTINE_TABLE, REJECTS_TABLE, SKIPS_TABLE } from '../model/table-names.ts';
import { QUARANTINED_RULE } from '../model/tally.ts';

/** SQL of a row's outcome in a table; null for one whose rows have no fingerprints. */
export function outcomeIn(table: string): string | null {
  if (table === QUARANTINE_TABLE) return null;
  const kept = `CASE WHEN rule = ${sqlText(QUARANTINED_RULE)} THEN 'quarantined' ELSE 'rejected' END`;
  return table === REJECTS_TABLE ? kept : table === SKIPS_TABLE ? 'outcome' : "'accepted'";
}

/** SQL that is true of a row that names another batch, or that lacks an anchor. */
export function isStray({ manifestId, batchId }: { manifestId: string; batchId: string }): string {
  return `(manifest_id IS DISTINCT FROM ${sqlText(manifestId)} OR batch_id IS DISTINCT FROM ${sqlText(batchId)}
    OR length(run_id) <> 36 OR length(trace_id) <> 32 OR length(source_fingerprint) <> 64
    OR coalesce(run_id, trace_id, source_fingerprint, source_id, unit_key) IS NULL)`;
}
