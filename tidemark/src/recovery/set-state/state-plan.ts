import type { OperatorEffect } from '../../progress/operator-move.ts';

/** One value to be set. */
export interface StateChange {
  readonly object: 'cursor' | 'watermark';
  readonly field: string;
  /** Null: it has no value yet. */
  readonly before: string | null;
  readonly after: string;
  readonly effect: OperatorEffect;
}

/** An operator's move of a source's progress, decided and not yet done. A sealed value: its id is the hash of its text. */
export interface StatePlan {
  readonly format: 'tidemark-state-plan-1';
  readonly reason: string;
  /** Whose lease must be free, and in whose chain of evidence it is sealed. */
  readonly manifestId: string;
  readonly batchId: string;
  readonly table: string;
  readonly sourceId: string;
  readonly location: string;
  readonly change: StateChange;
  /** The last move of the source: any later one makes the plan outdated. */
  readonly lastMove: number;
  readonly createdAt: string;
  readonly expiresAt: string;
}

export interface SealedStatePlan {
  /** SHA-256 of `body`. */
  readonly planId: string;
  readonly body: string;
  readonly plan: StatePlan;
}
