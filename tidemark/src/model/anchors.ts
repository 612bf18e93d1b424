/**
 * The five trace anchors. They are columns of every Bronze row, key-value metadata of every data file, keys of
 * every Iceberg snapshot summary and fields of every event and report.
 */
export interface Anchors {
  /** As declared: `manifest-<slug>-<8 digits>-<3 digits>`. */
  readonly manifestId: string;
  /** Declared (or given by `--batch-id`); a free string, unique only together with the manifest. */
  readonly batchId: string;
  /** UUIDv7 of one execution. A row's is the run that produced it, a snapshot's the run that committed it. */
  readonly runId: string;
  /** SHA-256 of the exact bytes, 64 lower hex. */
  readonly sourceFingerprint: string;
  /** W3C trace id, 32 lower hex; shared by all runs of one invocation. */
  readonly traceId: string;
}

/** The names under which the anchors are stored, in column order. */
export const ANCHOR_NAMES = ['manifest_id', 'batch_id', 'run_id', 'source_fingerprint', 'trace_id'] as const;

export type AnchorName = (typeof ANCHOR_NAMES)[number];

export function anchorValues(anchors: Anchors): Record<AnchorName, string> {
  return {
    manifest_id: anchors.manifestId,
    batch_id: anchors.batchId,
    run_id: anchors.runId,
    source_fingerprint: anchors.sourceFingerprint,
    trace_id: anchors.traceId,
  };
}

/** Whether a snapshot's summary names a run: another engine's names none. */
export function isOurs(summary: Readonly<Record<string, string>>): boolean {
  return Object.keys(summary).some((key) => key.startsWith('tidemark.'));
}
