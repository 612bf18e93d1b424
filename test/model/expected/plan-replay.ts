import type { ContractName } from '../deliveries.ts';
import { type BatchName, isSame, type Part } from '../names.ts';
import { inOrder, type Place, type PlannedPart, type PlanSource } from './planned-part.ts';
import type { Reference } from './reference.ts';
import { judge, rowsOf } from './table.ts';
import { isRow, type Outcome, type Unit } from './unit.ts';

/** Everything that a batch holds is judged again from what is stored of it; where it holds nothing, another batch stands. */
export const replaySource: PlanSource = (world, place) => {
  const { of, source, own } = place;
  if (own.length > 0) return inOrder(own).flatMap((part) => replayPart(world, { ...place, part }));
  const settled = world.foundElsewhere(of, source);
  return [settled === undefined ? 'stays' : { source, split: '', window: null, settled, replaces: [] }];
};

/** `own` is what the batch holds of the whole source. */
function replayPart(world: Reference, { of, part, own }: Place & { readonly part: Part }): PlannedPart[] {
  const brought = own.filter((unit) => isSame(unit, part));
  const units = brought.filter(({ decision }) => decision === null);
  const plans = units.map((unit) => replayUnit(world, unit));
  const decision = brought.findLast((unit) => unit.decision !== null);
  if (decision === undefined || units.some(({ delivery }) => delivery?.text === decision.delivery?.text))
    return plans;
  return [...plans, readmit(world, { of, decision, brought })];
}

function replayUnit(world: Reference, unit: Unit): PlannedPart {
  const { source, split, window, delivery: recalled, outcomes } = unit;
  const task = { source, split, window, recalled, asDeclared: false };
  const replacing = { ...task, replaces: [unit] };
  if (world.declared.get(source)?.held) return replacing;
  const rows = rowsOf(world.units);
  const orphan = outcomes.some(({ kind, content }) => kind === 'duplicate' && !rows.has(content));
  return orphan || unit.damaged || comesToOther(unit, world.contract)
    ? replacing
    : { ...task, settled: unit.key, replaces: [] };
}

/** Whether the unit, judged against what it was compared with then, comes to other records by outcome. */
function comesToOther(unit: Unit, contract: ContractName): boolean {
  const history = new Map([...unit.history].map((content) => [content, { unit, line: 0 }] as const));
  const tell = (outcomes: readonly Outcome[]) =>
    JSON.stringify(outcomes.filter(isRow).map(({ kind, content }) => `${kind} ${content}`));
  return tell(judge(unit, { contract, history })) !== tell(unit.outcomes);
}

/** Of a source that was held before anything came of it there is nothing to admit. */
function readmit(
  world: Reference,
  { of, decision, brought }: { of: BatchName; decision: Unit; brought: readonly Unit[] },
): PlannedPart {
  const { source, split, delivery } = decision;
  const declared = world.declared.get(source);
  if (declared?.held || delivery === null) return 'stays';
  if (declared?.sum != null && declared.sum !== delivery.text) return 'stays';
  const replaces = brought.filter((unit) => unit.decision !== null);
  return { source, split, window: world.windowOf(of), recalled: delivery, replaces };
}
