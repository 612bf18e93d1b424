import type { BatchName, SourceName, Window } from '../names.ts';
import type { Finding } from './incidents.ts';
import type { Delivery, Unit } from './unit.ts';

export type RecoveryVerb = 'retry' | 'rerun' | 'replay' | 'backfill';
export type Verb = 'run' | RecoveryVerb;

/** What a run does with one declared source. */
export interface Task {
  readonly source: SourceName;
  /** Stored bytes in place of the source's. */
  readonly recalled?: Delivery | null;
  readonly window: Window | null;
  /** Key of the unit that stands for it: the plan found that it needs nothing. */
  readonly settled?: string;
  /** Whether the bytes have to be those that the manifest declares. */
  readonly asDeclared?: boolean;
}

/** What a verb does with a batch, decided before it is done. */
export interface Plan {
  readonly verb: Verb;
  /** The batch that is mended. */
  readonly mends: BatchName;
  /** The batch that the run is of: another one for a backfill alone. */
  readonly of: BatchName;
  readonly tasks: readonly Task[];
  readonly replaces: readonly Unit[];
  readonly recordsMin: number;
}

export interface Purpose extends Plan {
  readonly planId: string | null;
}

/** How far a run had come when it died. */
export interface Stop {
  readonly point: string;
  readonly assetsEnded: number;
  readonly committed: boolean;
}

export type AssetOutcome = 'committed' | 'already_committed' | 'held' | 'refused' | 'failed';

export interface TakenAsset {
  readonly source: SourceName;
  readonly outcome: AssetOutcome;
  /** What is wrong with it, for an incident. */
  readonly finding: Finding | null;
}

export interface Ending {
  readonly state: 'committed' | 'nothing_to_commit' | 'failed' | 'died';
  readonly assets: readonly TakenAsset[];
}

export interface Commit {
  readonly of: BatchName;
  readonly replaced: readonly Unit[];
  readonly assets: readonly TakenAsset[];
}
