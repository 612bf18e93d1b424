import type { ContractName } from '../deliveries.ts';
import {
  type BatchName,
  declaredWindow,
  isFolder,
  nameOf,
  type Part,
  PLACES,
  partAt,
  placeOf,
  type SourceName,
  sourcesOf,
  type Window,
} from '../names.ts';
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
  /** What its unfinished runs have prepared, by place. */
  pending: Map<string, Delivery>;
  /** Content of a source that its finished runs last found in other batches; `all` that it ever brought, of an empty folder. */
  found: Map<SourceName, readonly string[] | 'all'>;
  /** What was wrong with a source when a run last took it. */
  readonly findings: Map<SourceName, Finding | null>;
  /** The contract under which its last executed replay judged it. */
  replayedUnder: ContractName | null;
}

/** Of a unit: the same whichever contract judged it. */
export const contentOfKey = (key: string): string => key.slice(0, key.lastIndexOf(' '));

/**
 * What should be true, told as simply as it can be and without a line of the engine: a table is the outcome of every line
 * of every committed unit, in the order of commits. `docs/INVARIANTS.md` says the same in words.
 */
export class Reference {
  contract: ContractName = 'plain';
  readonly file = new Map<string, Delivery | null>();
  readonly declared = new Map<SourceName, Declaration>();
  units: Unit[] = [];
  readonly batches = new Map<string, BatchState>();
  /** Batches of backfills, which keep the interval that they were made for, and the sources that were taken then. */
  readonly backfills = new Map<
    string,
    BatchName & { readonly window: Window; readonly sources: readonly SourceName[] }
  >();
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

  sourcesOf(of: BatchName): readonly SourceName[] {
    return this.backfills.get(nameOf(of))?.sources ?? sourcesOf(of.manifest);
  }

  /**
   * What a source consists of now: itself, or the files of a folder. One that never brought any is itself, and does not
   * come; one that did and is empty by now has no parts.
   */
  partsOf(source: SourceName): readonly Part[] {
    const itself = [{ source, split: '' }];
    if (!isFolder(source)) return itself;
    const there = PLACES.map(partAt).filter((part) => part.source === source && this.fileOf(part) !== null);
    const known = this.units.some((unit) => unit.source === source && unit.split !== '');
    return there.length > 0 || known ? there : itself;
  }

  fileOf(part: Part): Delivery | null {
    return this.file.get(placeOf(part)) ?? null;
  }

  /** What stands for a source that brought the batch nothing of its own. */
  foundElsewhere(of: BatchName, source: SourceName): string | undefined {
    const found = this.batchOf(of).found.get(source) ?? [];
    const rows = this.units.filter((unit) => unit.source === source && unit.decision === null);
    if (found === 'all') return rows.at(-1)?.key;
    const standing = found.flatMap(
      (content) => rows.findLast(({ key }) => contentOfKey(key) === content) ?? [],
    );
    return standing[0]?.key;
  }
}
