/** Options of the four verbs; each takes those that concern it. */
export interface RecoveryOptions {
  readonly target?: string;
  readonly manifest?: string;
  readonly batchId?: string;
  readonly execute?: string;
  readonly reason?: string;
  readonly acceptLoss?: boolean;
  readonly rewrite?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly field?: string;
  readonly partitions?: string;
}
