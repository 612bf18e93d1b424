import { type BatchName, isFolder, isSame, type Part } from '../names.ts';
import { inOrder, type PlannedPart, type PlanSource } from './planned-part.ts';
import type { Reference } from './reference.ts';
import type { Unit } from './unit.ts';

/** Every part is read; what a file brought that is gone from its folder stays. */
export const rerunSource: PlanSource = (world, { of, source, own }) => {
  const there = world.partsOf(source);
  const parts = inOrder([...own, ...there]).filter(({ split }) => !isFolder(source) || split !== '');
  if (parts.length === 0) return [world.declared.get(source)?.held ? 'stays' : 'impossible'];
  return parts.map((part) => {
    const brought = own.filter((unit) => isSame(unit, part));
    const latest = brought.findLast(({ decision }) => decision === null);
    const gone = isFolder(source) && !there.some((one) => isSame(one, part));
    return gone && latest
      ? { source, split: part.split, window: null, settled: latest.key, replaces: [] }
      : rerunPart(world, { of, part, own: brought });
  });
};

function rerunPart(
  world: Reference,
  { of, part, own }: { of: BatchName; part: Part; own: readonly Unit[] },
): PlannedPart {
  const { source, split } = part;
  const declared = world.declared.get(source);
  if (declared?.held) return 'stays';
  const delivery = world.fileOf(part);
  if (delivery === null || (declared?.sum != null && declared.sum !== delivery.text)) return 'impossible';
  const task = { source, split, window: world.windowOf(of), replaces: [] };
  const same = own.find(
    (unit) =>
      unit.decision === null && unit.delivery?.text === delivery.text && unit.contract === world.contract,
  );
  if (same?.damaged) return { ...task, replaces: [same] };
  return same ? { ...task, settled: same.key } : { ...task, replaces: own };
}
