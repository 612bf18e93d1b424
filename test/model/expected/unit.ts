import type { ContractName, Line } from '../deliveries.ts';
import type { BatchName, Part, Window } from '../names.ts';

export interface Delivery {
  readonly text: string;
  readonly lines: readonly Line[];
}

export interface Outcome {
  readonly kind: 'accepted' | 'duplicate' | 'out_of_window' | 'rejected' | 'blank';
  readonly content: string;
  /** The row that stands for a duplicate. */
  readonly keeper: Keeper | null;
}

export interface Keeper {
  readonly unit: Unit;
  readonly line: number;
}

export interface Decision {
  readonly disposition: 'held' | 'refused';
  readonly reasons: readonly string[];
}

/** What one source brought a batch: the outcome of every line, or the decision on all of it. */
export interface Unit extends BatchName, Part {
  readonly key: string;
  /** Null: nothing could be read of a held source. */
  readonly delivery: Delivery | null;
  readonly window: Window | null;
  readonly contract: ContractName;
  readonly decision: Decision | null;
  outcomes: readonly Outcome[];
  /** A data file of it is not what was committed. */
  damaged: boolean;
  /** Contents that it was compared with. */
  history: ReadonlySet<string>;
}

export const readsOf = (delivery: Delivery | null): number =>
  (delivery?.lines ?? []).filter(({ kind }) => kind !== 'blank').length;

export const isRow = ({ kind }: Outcome): boolean => kind !== 'blank';
