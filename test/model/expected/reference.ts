import type { ContractName } from '../deliveries.ts';
import { type BatchName, declaredWindow, nameOf, type SourceName, type Window } from '../names.ts';
import { type Finding, Incidents } from './incidents.ts';
import { Progress } from './progress.ts';
import type { Commit, Ending, Verb } from './purpose.ts';
import { Store } from './store.ts';
import type { Delivery, Unit } from './unit.ts';

/** What the manifest says of a source: the text whose sum it declares, and whether its metadata is missing. */
export interface Declaration {
  readonly sum: string | null;
  readonly held: boolean;
}

export interface BatchState extends BatchName {
  lastRun: { state: Ending['state'] | 'refused_loss' | 'interrupted'; verb: Verb; planId: string | null };
  /** What its unfinished runs have prepared, by source. */
  pending: Map<SourceName, Delivery>;
  /** The unit, of whatever batch, in which its finished runs last found the content of a source. */
  found: Map<SourceName, string>;
  /** What was wrong with a source when a run last took it. */
  readonly findings: Map<SourceName, Finding | null>;
  /** The contract under which its last executed replay judged it. */
  replayedUnder: ContractName | null;
}

/**
 * What should be true, told as simply as it can be and without a line of the engine: a table is the outcome of every line
 * of every committed unit, in the order of commits. `docs/INVARIANTS.md` says the same in words.
 */
export class Reference {
  contract: ContractName = 'plain';
  readonly file = new Map<SourceName, Delivery | null>();
  readonly declared = new Map<SourceName, Declaration>();
  units: Unit[] = [];
  readonly batches = new Map<string, BatchState>();
  /** Batches of backfills, which keep the interval that they were made for. */
  readonly backfills = new Map<string, BatchName & { readonly window: Window }>();
  unproven: Commit[] = [];
  readonly incidents = new Incidents();
  readonly store = new Store();
  readonly progress = new Progress();

  batchOf(of: BatchName): BatchState {
    const known = this.batches.get(nameOf(of));
    if (known !== undefined) return known;
    const { manifest, batch } = of;
    const made: BatchState = {
      manifest,
      batch,
      lastRun: { state: 'died', verb: 'run', planId: null },
      pending: new Map(),
      found: new Map(),
      findings: new Map(),
      replayedUnder: null,
    };
    this.batches.set(nameOf(of), made);
    return made;
  }

  /** What a batch takes in, whichever verb is of it. */
  windowOf(of: BatchName): Window | null {
    return this.backfills.get(nameOf(of))?.window ?? declaredWindow(of.manifest);
  }

  /** What stands for a source that brought the batch nothing of its own. */
  foundElsewhere(of: BatchName, source: SourceName): string | undefined {
    const key = this.batchOf(of).found.get(source);
    return this.units.some((unit) => unit.key === key) ? key : undefined;
  }
}
