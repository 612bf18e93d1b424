import { CONTRACTS, contentOf, minuteOf } from '../deliveries.ts';
import { isInside } from '../names.ts';
import type { Keeper, Outcome, Unit } from './unit.ts';

/** The table: where each content stands. */
export function rowsOf(units: readonly Unit[]): Map<string, Keeper> {
  const rows = new Map<string, Keeper>();
  for (const unit of units)
    for (const [index, { kind, content }] of unit.outcomes.entries())
      if (kind === 'accepted') rows.set(content, { unit, line: index + 1 });
  return rows;
}

/** Every line has one outcome; the first of equal records is the one that is kept. */
export function judge(
  unit: Unit,
  { contract, history }: { contract: Unit['contract']; history: ReadonlyMap<string, Keeper> },
): Outcome[] {
  const { delivery, window } = unit;
  const own = new Map<string, Keeper>();
  return (delivery?.lines ?? []).map((line, index) => {
    const outcome = (kind: Outcome['kind'], content = '', keeper: Keeper | null = null) => ({
      kind,
      content,
      keeper,
    });
    if (line.kind === 'blank') return outcome('blank');
    if (line.kind === 'broken') return outcome('rejected');
    const content = contentOf(line);
    if (!CONTRACTS[contract](line)) return outcome('rejected', content);
    if (!isInside(minuteOf(line.id), window)) return outcome('out_of_window', content);
    const keeper = history.get(content) ?? own.get(content) ?? null;
    if (keeper !== null) return outcome('duplicate', content, keeper);
    own.set(content, { unit, line: index + 1 });
    return outcome('accepted', content);
  });
}

/** Units with duplicates of records that are there no more. */
export function orphaned(
  units: readonly Unit[],
  by: (keeper: Keeper) => boolean = () => true,
): readonly Unit[] {
  const rows = rowsOf(units);
  return units.filter(({ outcomes }) =>
    outcomes.some(({ content, keeper }) => keeper !== null && !rows.has(content) && by(keeper)),
  );
}
