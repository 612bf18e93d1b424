import type { ContractName } from '../deliveries.ts';
import { type BatchName, backfillOf, isOf, type SourceName, sourcesOf, type Window } from '../names.ts';
import { UNFINISHED } from './advice.ts';
import type { Plan, RecoveryVerb, Task } from './purpose.ts';
import type { Reference } from './reference.ts';
import { judge, rowsOf } from './table.ts';
import { isRow, type Outcome, readsOf, type Unit } from './unit.ts';

/** A replacement has to read half of what it replaces. */
const REPLACEMENT_SHARE_MIN = 0.5;

/** What a verb does with a batch, or `refused` where it has nothing to work on or cannot mend. */
export function expectedPlan(
  world: Reference,
  of: BatchName,
  verb: Exclude<RecoveryVerb, 'backfill'>,
): Plan | 'refused' {
  const batch = world.batchOf(of);
  const own = world.units.filter((unit) => isOf(unit, of));
  const unfinished = [...UNFINISHED, 'refused_loss'].includes(batch.lastRun.state);
  if (verb === 'retry' ? !unfinished : own.length === 0) return 'refused';
  const sources = sourcesOf(of.manifest).flatMap((source) => {
    const place = { of, source, own: own.filter((unit) => unit.source === source) };
    if (verb === 'retry') return [retryTask(world, place)];
    return verb === 'rerun' ? [rerunTask(world, place)] : replayTasks(world, place);
  });
  if (sources.includes('impossible')) return 'refused';
  const tasks = sources.flatMap((task) => (typeof task === 'string' ? [] : [task]));
  const replaces = [...new Set(tasks.flatMap((task) => task.replaces))];
  const read = replaces.reduce((sum, { decision, delivery }) => sum + (decision ? 0 : readsOf(delivery)), 0);
  return { verb, of, mends: of, tasks, replaces, recordsMin: Math.ceil(read * REPLACEMENT_SHARE_MIN) };
}

/** Every source of the batch, whole and cut to the interval, in a batch of its own. */
export function expectedBackfill(of: BatchName, window: Window): Plan {
  const tasks = sourcesOf(of.manifest).map((source) => ({ source, window }));
  return { verb: 'backfill', mends: of, of: backfillOf(of, window), tasks, replaces: [], recordsMin: 0 };
}

interface Planned extends Task {
  readonly replaces: readonly Unit[];
}

type PlannedSource = Planned | 'stays' | 'impossible';

/** A source of a batch, with what the batch holds of it. */
interface Place {
  readonly of: BatchName;
  readonly source: SourceName;
  readonly own: readonly Unit[];
}

function retryTask(world: Reference, { of, source }: Place): PlannedSource {
  const task = { source, window: world.windowOf(of), replaces: [] };
  const prepared = world.batchOf(of).pending.get(source);
  const sum = world.declared.get(source)?.sum ?? null;
  const usable = prepared !== undefined && (sum === null || sum === prepared.text);
  return usable ? { ...task, recalled: prepared } : task;
}

function rerunTask(world: Reference, { of, source, own }: Place): PlannedSource {
  const declared = world.declared.get(source);
  if (declared?.held) return 'stays';
  const delivery = world.file.get(source) ?? null;
  if (delivery === null || (declared?.sum != null && declared.sum !== delivery.text)) return 'impossible';
  const task = { source, window: world.windowOf(of), replaces: [] };
  const same = own.find(
    (unit) =>
      unit.decision === null && unit.delivery?.text === delivery.text && unit.contract === world.contract,
  );
  if (same?.damaged) return { ...task, replaces: [same] };
  return same ? { ...task, settled: same.key } : { ...task, replaces: own };
}

function replayTasks(world: Reference, place: Place): PlannedSource[] {
  const { of, source, own } = place;
  const units = own.filter(({ decision }) => decision === null);
  const plans = units.map((unit) => replayTask(world, unit));
  const decision = own.findLast((unit) => unit.decision !== null);
  if (decision !== undefined && !units.some(({ delivery }) => delivery?.text === decision.delivery?.text))
    plans.push(readmitTask(world, place, decision));
  if (own.length > 0) return plans;
  const settled = world.foundElsewhere(of, source);
  return [settled === undefined ? 'impossible' : { source, window: null, settled, replaces: [] }];
}

function replayTask(world: Reference, unit: Unit): PlannedSource {
  const { source, window, delivery: recalled, outcomes } = unit;
  const task = { source, window, recalled, asDeclared: false };
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

function readmitTask(world: Reference, { of, source, own }: Place, { delivery }: Unit): PlannedSource {
  const declared = world.declared.get(source);
  if (declared?.held) return 'stays';
  if (delivery === null) return 'impossible';
  if (declared?.sum != null && declared.sum !== delivery.text) return 'stays';
  const replaces = own.filter((unit) => unit.decision !== null);
  return { source, window: world.windowOf(of), recalled: delivery, replaces };
}
