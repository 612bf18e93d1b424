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

export type RestartPoint = (typeof RESTART_POINTS)[number];
