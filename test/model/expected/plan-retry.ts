import { type BatchName, isFolder, type Part, PLACES, partAt, placeOf } from '../names.ts';
import { inOrder, type PlannedPart, type PlanSource } from './planned-part.ts';
import type { Reference } from './reference.ts';

/** What was prepared comes in, whether it is still there or not; the rest is read. */
export const retrySource: PlanSource = (world, { of, source }) => {
  const { pending } = world.batchOf(of);
  const prepared = PLACES.map(partAt).filter((part) => part.source === source && pending.has(placeOf(part)));
  const parts = world.partsOf(source);
  const there = isFolder(source) && prepared.length > 0 ? parts.filter(({ split }) => split !== '') : parts;
  return inOrder([...prepared, ...there]).map((part) => retryPart(world, { of, part }));
};

function retryPart(world: Reference, { of, part }: { of: BatchName; part: Part }): PlannedPart {
  const { source, split } = part;
  const task = { source, split, window: world.windowOf(of), replaces: [] };
  const prepared = world.batchOf(of).pending.get(placeOf(part));
  const sum = world.declared.get(source)?.sum ?? null;
  const usable = prepared !== undefined && (sum === null || sum === prepared.text);
  return usable ? { ...task, recalled: prepared } : task;
}
