/**
 * The arrows of the flow: whatever stops the process at one of these, the next run goes on from what is durable there.
 * In the order in which a run passes them.
 */
export const RESTART_POINTS = [
  'run_opened',
  'bytes_landed',
  'object_promoted',
  'receipt_recorded',
  'unit_refined',
  'data_files_written',
  'unit_prepared',
  'snapshots_staged',
  'metadata_written',
  'inside_commit',
  'committed',
  'read_back',
  'proven',
] as const;

/** Those of maintenance, in its order: whatever stops it at one of these, the next maintenance ends what it began. */
export const MAINTENANCE_POINTS = [
  'files_rewritten',
  'maintenance_staged',
  'inside_maintenance',
  'maintained',
  'expired_removed',
] as const;

/** Of a run. */
export type RunPoint = (typeof RESTART_POINTS)[number];

export type RestartPoint = RunPoint | (typeof MAINTENANCE_POINTS)[number];
