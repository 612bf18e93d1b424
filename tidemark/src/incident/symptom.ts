import { createHash } from 'node:crypto';
import type { IncidentClass, IncidentSeverity } from '../catalog/schema.ts';

/**
 * Everything that can be found wrong: the class of incident that it is, and how bad. `critical`: rows are lost, doubled
 * or false. `major`: something is not proven or cannot be mended for long. `minor`: to be looked at.
 */
export const SYMPTOMS = {
  rows_doubled: ['duplicate', 'critical'],
  unit_doubled: ['duplicate', 'critical'],
  key_collision: ['duplicate', 'major'],

  rows_missing: ['gap', 'critical'],
  data_file_missing: ['gap', 'critical'],
  raw_object_missing: ['gap', 'major'],
  source_not_received: ['gap', 'major'],
  late_behind_cursor: ['gap', 'major'],
  duplicate_without_keeper: ['gap', 'critical'],
  interval_hole: ['gap', 'major'],
  batch_unfinished: ['gap', 'major'],
  absent_from_snapshot: ['gap', 'minor'],

  raw_object_altered: ['mismatch', 'critical'],
  data_file_altered: ['mismatch', 'critical'],
  bronze_cells_differ: ['mismatch', 'critical'],
  current_differs: ['mismatch', 'critical'],
  reconciliation_failed: ['mismatch', 'critical'],
  source_contradicts_manifest: ['mismatch', 'major'],
  contract_drift: ['mismatch', 'minor'],
  schema_drift: ['mismatch', 'minor'],
  volume_out_of_character: ['mismatch', 'minor'],
  catalog_contradicts_evidence: ['mismatch', 'critical'],
  table_metadata_unreadable: ['mismatch', 'critical'],

  anchor_missing: ['no_traceability', 'critical'],
  anchor_dangling: ['no_traceability', 'critical'],
  evidence_altered: ['no_traceability', 'critical'],
  foreign_snapshot: ['no_traceability', 'major'],
  orphan_data_file: ['no_traceability', 'minor'],
  orphan_object: ['no_traceability', 'minor'],
  receipt_missing: ['no_traceability', 'major'],
} as const satisfies Record<string, readonly [IncidentClass, IncidentSeverity]>;

export type SymptomKind = keyof typeof SYMPTOMS;

/** One thing found wrong, by a run or by a verification. A value: recording it makes or updates an incident. */
export interface Symptom {
  readonly kind: SymptomKind;
  /** What it is about; null where it is about no one. */
  readonly manifestId: string | null;
  readonly batchId: string | null;
  readonly sourceId: string | null;
  readonly table: string | null;
  /** The run that brought it about or found it. Not part of its identity. */
  readonly runId: string | null;
  /** What tells it from others of its kind about the same: a path, a sum, an interval. Never a count or a time. */
  readonly distinction: string;
  /** One sentence with the figures, for a person. */
  readonly message: string;
  /** Figures and evidence rows; lists are bounded by their maker, counts are not. `from` and `to`: an interval. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** The command or SQL that shows it. */
  readonly query: string;
  /** The one command that mends it. */
  readonly suggestion: string;
}

/** Stable: the same thing found again has the same key. 16 hex digits of a SHA-256 over kind, subject, distinction. */
export function incidentKey(symptom: Symptom): string {
  const { kind, manifestId, batchId, sourceId, table, distinction } = symptom;
  const identity = JSON.stringify([kind, manifestId, batchId, sourceId, table, distinction]);
  return createHash('sha256').update(`tidemark:incident:1\n${identity}`).digest('hex').slice(0, 16);
}
