import type { BatchName, Part, Window } from '../names.ts';
import type { Finding } from './incidents.ts';
import type { Delivery, Unit } from './unit.ts';

export type RecoveryVerb = 'retry' | 'rerun' | 'replay' | 'backfill';
export type Verb = 'run' | RecoveryVerb;

/** What a run does with one declared source, or with one file of a folder. */
export interface Task extends Part {
  /** Stored bytes in place of the source's. */
  readonly recalled?: Delivery | null;
  readonly window: Window | null;
  /** Key of the unit that stands for it: the plan found that it needs nothing. */
  readonly settled?: string;
  /** A folder that held files, and holds none any more: what they brought stays. */
  readonly emptied?: boolean;
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
  /** Deliveries that were recorded until then. */
  readonly received: number;
  /** It had taken every source, and made some of them again. */
  readonly again: boolean;
  readonly committed: boolean;
}

export type AssetOutcome = 'committed' | 'already_committed' | 'held' | 'refused' | 'failed';

export interface TakenAsset extends Part {
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

/**
 * What counts as one asset: the files of a folder together. A plan may take several deliveries of a source that is one,
 * each for itself.
 */
export function byAsset<T>({ verb }: Plan, taken: readonly T[], partOf: (one: T) => Part): T[][] {
  const groups = Map.groupBy(taken, (one) => {
    const { source, split } = partOf(one);
    return verb === 'run' || split !== '' ? source : one;
  });
  return [...groups.values()];
}
