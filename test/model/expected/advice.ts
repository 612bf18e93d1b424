import { type BatchName, isOf, type SourceName, sourcesOf } from '../names.ts';
import type { Reference } from './reference.ts';
import type { Unit } from './unit.ts';

export const UNFINISHED: readonly string[] = ['died', 'interrupted', 'failed'];

/** The one thing that `recover` should name for a batch. */
export type ExpectedAdvice =
  | 'none'
  | 'retry'
  | 'rerun'
  | 'replay'
  | 'backfill'
  | 'again'
  | 'run'
  | 'mend'
  | 'verify';

export function expectedAdvice(world: Reference, of: BatchName): ExpectedAdvice {
  const { lastRun, replayedUnder } = world.batchOf(of);
  if (UNFINISHED.includes(lastRun.state))
    return lastRun.planId === null || lastRun.verb === 'retry' ? 'retry' : 'again';
  const own = world.units.filter((unit) => isOf(unit, of));
  const rows = own.filter(({ decision }) => decision === null);
  if (rows.length > 0 && world.unproven.some((commit) => isOf(commit.of, of))) return 'run';
  if (world.incidents.isOpen(of, 'duplicate_without_keeper')) return 'replay';
  const rejudged = rows.some(({ contract }) => contract !== world.contract);
  if (rejudged && replayedUnder !== world.contract) return 'replay';
  const decided = decisionsThatStand(own, of);
  if (decided.some((decision) => isAdmissible(world, decision))) return 'replay';
  if (world.incidents.isOpen(of, 'interval_hole')) return 'backfill';
  const isStored = (source: SourceName) =>
    own.some((unit) => unit.source === source && isOfUse(world, unit)) ||
    world.foundElsewhere(of, source) !== undefined;
  if (!world.sourcesOf(of).every(isStored)) return 'rerun';
  if (world.incidents.isOpen(of, 'source_contradicts_manifest')) return 'rerun';
  if (decided.length > 0) return 'mend';
  return world.incidents.of(of).some(({ state }) => state === 'mending') ? 'verify' : 'none';
}

/** The latest decision on each source of which nothing came in. */
function decisionsThatStand(own: readonly Unit[], { manifest }: BatchName): Unit[] {
  return sourcesOf(manifest).flatMap((source) => {
    const units = own.filter((unit) => unit.source === source);
    const decision = units.findLast((unit) => unit.decision !== null);
    return decision === undefined || units.some((unit) => unit.decision === null) ? [] : [decision];
  });
}

function isAdmissible(world: Reference, { source, delivery }: Unit): boolean {
  const declared = world.declared.get(source);
  return delivery !== null && !declared?.held && (declared?.sum == null || declared.sum === delivery.text);
}

/** A source that was held when nothing came of it is still to come once it is held no more. */
function isOfUse(world: Reference, { decision, delivery, source }: Unit): boolean {
  return decision === null || delivery !== null || world.declared.get(source)?.held === true;
}
