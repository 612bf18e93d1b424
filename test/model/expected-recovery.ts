import type { ContractName } from './deliveries.ts';
import {
  type BatchName,
  type Delivery,
  isOf,
  isRow,
  MANIFESTS,
  type Outcome,
  type Purpose,
  type Reference,
  readsOf,
  type SourceName,
  type Task,
  type Unit,
  windowOf,
} from './reference.ts';

/** A replacement has to read half of what it replaces. */
const REPLACEMENT_SHARE_MIN = 0.5;

const UNFINISHED: readonly string[] = ['died', 'interrupted', 'failed'];

/** The one thing that `recover` should name for a batch. */
export type ExpectedAdvice = 'none' | 'retry' | 'rerun' | 'replay' | 'again' | 'run' | 'mend' | 'verify';

export function expectedAdvice(world: Reference, of: BatchName): ExpectedAdvice {
  const { lastRun } = world.batchOf(of);
  if (UNFINISHED.includes(lastRun.state))
    return lastRun.planId === null || lastRun.verb === 'retry' ? 'retry' : 'again';
  const own = world.units.filter((unit) => isOf(unit, of));
  const rows = own.filter(({ decision }) => decision === null);
  if (rows.length > 0 && world.unproven.some((commit) => isOf(commit.of, of))) return 'run';
  if (world.incidents.isOpen(of, 'duplicate_without_keeper')) return 'replay';
  const { replayedUnder } = world.batchOf(of);
  if (rows.some(({ contract }) => contract !== world.contract) && replayedUnder !== world.contract)
    return 'replay';
  const sources: readonly SourceName[] = MANIFESTS[of.manifest];
  const decided = sources.flatMap((source) => {
    const decision = own.findLast((unit) => unit.source === source && unit.decision !== null);
    return decision === undefined || rows.some((unit) => unit.source === source) ? [] : [decision];
  });
  const admissible = decided.filter(({ source, delivery }) => {
    const declared = world.declared.get(source);
    return !declared?.held && (declared?.sum == null || declared.sum === delivery?.text);
  });
  if (admissible.length > 0) return 'replay';
  if (
    sources.some((source) => !own.some((unit) => unit.source === source) && !world.foundElsewhere(of, source))
  )
    return 'rerun';
  if (world.incidents.isOpen(of, 'source_contradicts_manifest')) return 'rerun';
  if (decided.length > 0) return 'mend';
  return world.incidents.of(of).some(({ state }) => state === 'mending') ? 'verify' : 'none';
}

/** What a verb does with a batch, or `refused` where it has nothing to work on or cannot mend. */
export type ExpectedPlan = Omit<Purpose, 'planId'> | 'refused';

export function expectedPlan(
  world: Reference,
  of: BatchName,
  verb: 'retry' | 'rerun' | 'replay',
): ExpectedPlan {
  const batch = world.batchOf(of);
  const own = world.units.filter((unit) => isOf(unit, of));
  const unfinished = [...UNFINISHED, 'refused_loss'].includes(batch.lastRun.state);
  if (verb === 'retry' ? !unfinished : own.length === 0) return 'refused';
  const planned = MANIFESTS[of.manifest].map((source) => {
    const units = own.filter((unit) => unit.source === source);
    if (verb === 'retry') return [retryTask(batch.pending, world, { ...of, source })];
    return verb === 'rerun'
      ? [rerunTask(world, { ...of, source }, units)]
      : replayTasks(world, { ...of, source }, units);
  });
  const sources = planned.flat();
  if (sources.includes('impossible')) return 'refused';
  const working = sources.flatMap((task) => (typeof task === 'string' ? [] : [task]));
  const replaces = [...new Set(working.flatMap((task) => task.replaces))];
  const read = replaces.reduce((sum, { decision, delivery }) => sum + (decision ? 0 : readsOf(delivery)), 0);
  return { verb, tasks: working, replaces, recordsMin: Math.ceil(read * REPLACEMENT_SHARE_MIN) };
}

interface Planned extends Task {
  readonly replaces: readonly Unit[];
}

type Plan = Planned | 'stays' | 'impossible';
type Place = BatchName & { readonly source: SourceName };

function retryTask(
  pending: ReadonlyMap<SourceName, Delivery>,
  world: Reference,
  { source, manifest }: Place,
): Plan {
  const task = { source, window: windowOf(manifest), replaces: [] };
  const prepared = pending.get(source);
  const declared = world.declared.get(source)?.sum ?? null;
  return prepared === undefined || (declared !== null && declared !== prepared.text)
    ? task
    : { ...task, recalled: prepared };
}

function rerunTask(world: Reference, { source, manifest }: Place, own: readonly Unit[]): Plan {
  const declared = world.declared.get(source);
  if (declared?.held) return 'stays';
  const delivery = world.file.get(source) ?? null;
  if (delivery === null || (declared?.sum != null && declared.sum !== delivery.text)) return 'impossible';
  const task = { source, window: windowOf(manifest), replaces: [] };
  const same = own.find(
    (unit) =>
      unit.decision === null && unit.delivery?.text === delivery.text && unit.contract === world.contract,
  );
  if (same?.damaged) return { ...task, replaces: [same] };
  return same ? { ...task, settled: same.key } : { ...task, replaces: own };
}

function replayTasks(world: Reference, { source, batch, manifest }: Place, own: readonly Unit[]): Plan[] {
  const units = own.filter(({ decision }) => decision === null);
  const plans = units.map((unit) => replayTask(world, unit));
  const decision = own.findLast((unit) => unit.decision !== null);
  if (decision !== undefined && !units.some(({ delivery }) => delivery?.text === decision.delivery?.text))
    plans.push(readmitTask(world, decision, own));
  if (own.length > 0) return plans;
  const settled = world.foundElsewhere({ manifest, batch }, source);
  return [
    settled === undefined ? 'impossible' : { source, window: windowOf(manifest), settled, replaces: [] },
  ];
}

function replayTask(world: Reference, unit: Unit): Plan {
  const task = { source: unit.source, window: unit.window, recalled: unit.delivery, asDeclared: false };
  const replacing = { ...task, replaces: [unit] };
  if (world.declared.get(unit.source)?.held) return replacing;
  const orphaned = unit.outcomes.some(
    ({ kind, content }) => kind === 'duplicate' && !world.rows().has(content),
  );
  return orphaned || unit.damaged || comesToOther(world, unit, world.contract)
    ? replacing
    : { ...task, settled: unit.key, replaces: [] };
}

/** Whether the unit, judged against what it was compared with then, comes to other records by outcome. */
function comesToOther(world: Reference, unit: Unit, contract: ContractName): boolean {
  const history = new Map([...unit.history].map((content) => [content, { unit, line: 0 }] as const));
  const tell = (outcomes: readonly Outcome[]) =>
    JSON.stringify(outcomes.filter(isRow).map(({ kind, content }) => `${kind} ${content}`));
  return tell(world.judge(unit, contract, history)) !== tell(unit.outcomes);
}

function readmitTask(world: Reference, decision: Unit, own: readonly Unit[]): Plan {
  const declared = world.declared.get(decision.source);
  if (declared?.held) return 'stays';
  const { delivery, source } = decision;
  if (delivery === null) return 'impossible';
  if (declared?.sum != null && declared.sum !== delivery.text) return 'stays';
  const replaces = own.filter((unit) => unit.decision !== null);
  return { source, window: windowOf(decision.manifest), recalled: delivery, replaces };
}
