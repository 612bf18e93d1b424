/**
 * Tidemark's public surface, in the order in which data flows. Everything the command line does is a method of
 * `Tidemark`, opened by `openTidemark`; the rest are the words that its answers are made of.
 */

// Watch
export type { Incident, IncidentEvent, IncidentQuery } from './catalog/find-incidents.ts';
// Progress
export type { NumberedMove } from './catalog/progress-moves.ts';
export type { ProjectConfig } from './config/read-config.ts';
export type { Contract, ContractTraits, Violation } from './contract/contract.ts';
export type { ContractTestReport } from './contract/contract-test.ts';
export { type Examination, examine } from './doctor/examine.ts';
export type { Examined } from './doctor/finding.ts';
// Errors
export { ERROR_CODES, type ErrorCode } from './errors/codes.ts';
export {
  ConfigurationError,
  ConflictError,
  type Disposition,
  HistoryLostError,
  InvariantError,
  OutcomeUnknownError,
  TidemarkError,
  TransientError,
} from './errors/tidemark-error.ts';
export type { AssetResult, Finding } from './evidence/asset-result.ts';
export type { EvidenceFinding } from './evidence/evidence-finding.ts';
export type { PartitionRow, PartitionStanding } from './evidence/partitions/partition-row.ts';
export type { PartitionsQuery, PartitionsReport } from './evidence/partitions/read-partitions.ts';
export type { EvidenceRebuild } from './evidence/rebuild-evidence.ts';
// Prove and ask
export type { Check, Coverage, Reconciliation, Verdict } from './evidence/reconcile.ts';
export type { ReconcileQuery, RunReconciliation } from './evidence/reconcile-runs.ts';
export type { RejectRow, RejectsQuery } from './evidence/rejects.ts';
export type { RunReport, TableReport } from './evidence/run-report.ts';
export type { SourceState } from './evidence/state/read-state.ts';
export type { StatusReport } from './evidence/status.ts';
export type { Story } from './evidence/stories/story.ts';
export type { TableHead } from './evidence/table-heads.ts';
export type { EvidenceVerification } from './evidence/verify-evidence.ts';
export type { Admission, AdmissionReason } from './gate/admission.ts';
export type { Acknowledgement } from './incident/acknowledge.ts';
export type { IncidentList, IncidentStory } from './incident/read-incidents.ts';
// Look after the catalog
export type { Home } from './landing/home.ts';
// Maintain
export type { MaintenanceOutcome } from './maintain/execute-plan.ts';
export type { MaintenancePlan, SealedMaintenancePlan, TablePlan } from './maintain/maintenance-plan.ts';
// Declare and admit
export type { Problem, SourceManifest } from './manifest/source-manifest.ts';
export type { ManifestUpgrade } from './manifest/upgrade-manifest.ts';
// Words
export type { Anchors } from './model/anchors.ts';
// Read from a source of one's own
export { compareText } from './model/compare-text.ts';
export { DEFAULT_LIMITS, type Limits } from './model/limits.ts';
export { RESTART_POINTS, type RestartPoint } from './model/restart-points.ts';
export type { S3Location } from './model/s3-location.ts';
export type { AssetOutcome, AssetTally, RecordOutcome, RecordTally } from './model/tally.ts';
export { openSafekeeping, type Safekeeping } from './open-safekeeping.ts';
export { type OpenOptions, openTidemark } from './open-tidemark.ts';
// Recover
export type { Advice } from './recovery/advise-batches.ts';
export type { Diagnosis, DiagnosisStep } from './recovery/diagnosis.ts';
export type { BatchQuery } from './recovery/find-batches.ts';
export type { PartitionBackfills, PartitionSelection } from './recovery/plan-partitions.ts';
export type { RecoveryRequest } from './recovery/plan-recovery.ts';
export type { Overview } from './recovery/read-overview.ts';
export type { Recommendation } from './recovery/recommend.ts';
export type { PlannedSource, RecoveryPlan, RecoveryVerb, SealedPlan } from './recovery/recovery-plan.ts';
export type { StateOutcome } from './recovery/set-state/execute-state.ts';
export type { StateRequest } from './recovery/set-state/plan-state.ts';
export type { SealedStatePlan } from './recovery/set-state/state-plan.ts';
// Run
export type { Clock } from './run/engine.ts';
export type { RunEvent } from './run/events.ts';
export type { Declaration, Declarations, Selection } from './run/load-declarations.ts';
export type { IngestPlan, PlannedAsset } from './run/plan-ingest.ts';
export type { CatalogBackup } from './safekeeping/backup-catalog.ts';
export type { TableDifference } from './safekeeping/compare-catalogs.ts';
export type { CatalogRebuild, RebuiltTable } from './safekeeping/rebuild-catalog.ts';
export type { Relocation } from './safekeeping/relocate/relocate-home.ts';
export type { RewrittenTable } from './safekeeping/relocate/rewrite-table.ts';
export type { Loss } from './safekeeping/what-is-lost.ts';
export { jsonLines } from './source/module/json-lines.ts';
export type {
  FixedInterval,
  RowInterval,
  RowReading,
  RowRequest,
  RowSource,
  ValueOrder,
} from './source/row-source.ts';
export type { Invocation, Tidemark } from './tidemark.ts';
// Verify
export type { CatalogRepair } from './verify/repair-catalog.ts';
export type { SetBack } from './verify/set-back.ts';
export type { FoundSymptom, VerificationReport, VerifyOptions } from './verify/verify.ts';
