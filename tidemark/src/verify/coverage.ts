import type { IncidentRow } from '../catalog/incidents.ts';
import { SYMPTOMS, type Symptom, type SymptomKind } from '../incident/symptom.ts';
import { keysSubject } from './check-keys.ts';
import { batchSubject, type Findings } from './findings.ts';
import { inScope, isWhole, type Scope } from './scope.ts';

type Reach = 'whole' | 'table' | 'batch' | 'rows' | 'cells' | 'manifest' | 'account';

/**
 * How far a verification has to reach so that it would have found every symptom of a kind: all of it (`whole`), a table,
 * or the batch it is about. `rows`: and nothing about the batch may be found otherwise. `cells`: only when raw bytes are
 * refined again. Kinds that are not here are found by runs.
 */
const COVERAGE: Partial<Record<SymptomKind, Reach>> = {
  raw_object_missing: 'batch',
  raw_object_altered: 'batch',
  receipt_missing: 'batch',
  orphan_object: 'whole',
  data_file_missing: 'batch',
  data_file_altered: 'batch',
  orphan_data_file: 'table',
  foreign_snapshot: 'table',
  table_metadata_unreadable: 'table',
  rows_missing: 'batch',
  rows_doubled: 'table',
  unit_doubled: 'table',
  key_collision: 'table',
  bronze_cells_differ: 'cells',
  current_differs: 'table',
  anchor_missing: 'table',
  anchor_dangling: 'table',
  duplicate_without_keeper: 'table',
  catalog_contradicts_evidence: 'account',
  evidence_altered: 'whole',
  interval_hole: 'manifest',
  late_behind_cursor: 'batch',
  batch_unfinished: 'batch',
  source_not_received: 'batch',
  source_contradicts_manifest: 'batch',
  reconciliation_failed: 'rows',
  absent_from_snapshot: 'manifest',
  contract_drift: 'manifest',
  schema_drift: 'manifest',
  volume_out_of_character: 'manifest',
};

/** Whether a verification that did not find an incident again has shown that it is over. */
export function coversIncident(
  { scope, quick, findings }: { scope: Scope; quick: boolean; findings: Findings },
  row: IncidentRow & { readonly kind: SymptomKind },
): boolean {
  const reach = COVERAGE[row.kind];
  if (reach === undefined || !findings.isComplete(row.kind)) return false;
  if (reach === 'cells' && quick) return false;
  if ([row.table_name, row.source_id].some((subject) => subject !== null && !findings.hasSeen(subject)))
    return false;
  if (!findings.hasSeen(batchSubject({ manifestId: row.manifest_id, batchId: row.batch_id }))) return false;
  if (row.kind === 'key_collision' && !findings.hasSeen(keysSubject(row.table_name))) return false;
  if (reach === 'rows' && findings.symptoms.some((found) => isAbout(found, row))) return false;
  if (isWhole(scope)) return true;
  const about = { manifestId: row.manifest_id, batchId: row.batch_id, table: row.table_name };
  if (!inScope(scope, about)) return false;
  switch (reach) {
    case 'batch':
    case 'rows':
    case 'cells':
      // What is about no table is looked at for batches alone.
      return row.table_name !== null || scope.table === null;
    case 'table':
      return scope.batches === null && row.table_name !== null;
    case 'account':
      return scope.batches !== null && scope.table === null && row.run_id !== null;
    case 'manifest':
      return scope.table === null && row.manifest_id !== null && scope.manifests.includes(row.manifest_id);
    case 'whole':
      return false;
  }
}

/** Stored bytes, files or rows of the batch that are not what was recorded. */
function isAbout(found: Symptom, row: IncidentRow): boolean {
  return (
    SYMPTOMS[found.kind][1] === 'critical' &&
    found.manifestId === row.manifest_id &&
    found.batchId === row.batch_id
  );
}
