import type { PartitionReason, PartitionState } from '../../progress/partitions.ts';

/** One partition of a manifest. */
export interface PartitionStanding {
  /** `2026-03-02`; `-` where the manifest has no time to be cut by. */
  readonly name: string;
  /** Half-open, in ms since 1970; null for `-`. */
  readonly interval: { readonly fromMs: number; readonly toMs: number } | null;
  readonly state: PartitionState;
  readonly reason: PartitionReason;
  /** Sources that the reason is about; empty where it is about all. */
  readonly sources: readonly string[];
}

/** The partitions of one manifest, newest first. */
export interface PartitionRow {
  readonly manifestId: string;
  /** The batch that a backfill of it is of. */
  readonly batchId: string;
  /** By which property it is cut; null where it has one partition, `-`. */
  readonly field: string | null;
  readonly lengthMs: number | null;
  readonly partitions: readonly PartitionStanding[];
  /** How many older ones were not looked at. */
  readonly older: number;
}
