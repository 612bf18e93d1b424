import type { BatchName, Part, SourceName } from '../names.ts';
import type { Task } from './purpose.ts';
import type { Reference } from './reference.ts';
import type { Unit } from './unit.ts';

interface Planned extends Task {
  readonly replaces: readonly Unit[];
}

/** `impossible`: the verb cannot mend it, and is refused as a whole. */
export type PlannedPart = Planned | 'stays' | 'impossible';

/** A source of a batch, with what the batch holds of it. */
export interface Place {
  readonly of: BatchName;
  readonly source: SourceName;
  readonly own: readonly Unit[];
}

/** What a verb does with one source of a batch. */
export type PlanSource = (world: Reference, place: Place) => PlannedPart[];

/** Each once, by name. */
export function inOrder(parts: readonly Part[]): Part[] {
  const splits = [...new Set(parts.map(({ split }) => split))].sort();
  return splits.flatMap((split) => parts.find((part) => part.split === split) ?? []);
}
