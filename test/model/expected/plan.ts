import { type BatchName, backfillOf, isOf, sourcesOf, type Window } from '../names.ts';
import { UNFINISHED } from './advice.ts';
import { replaySource } from './plan-replay.ts';
import { rerunSource } from './plan-rerun.ts';
import { retrySource } from './plan-retry.ts';
import type { PlanSource } from './planned-part.ts';
import type { Plan, RecoveryVerb } from './purpose.ts';
import type { Reference } from './reference.ts';
import { readsOf } from './unit.ts';

/** A replacement has to read half of what it replaces. */
const REPLACEMENT_SHARE_MIN = 0.5;

const PLAN: Readonly<Record<Exclude<RecoveryVerb, 'backfill'>, PlanSource>> = {
  retry: retrySource,
  rerun: rerunSource,
  replay: replaySource,
};

/** What a verb does with a batch, or `refused` where it has nothing to work on or cannot mend. */
export function expectedPlan(
  world: Reference,
  of: BatchName,
  verb: Exclude<RecoveryVerb, 'backfill'>,
): Plan | 'refused' {
  const batch = world.batchOf(of);
  const own = world.units.filter((unit) => isOf(unit, of));
  const unfinished = [...UNFINISHED, 'refused_loss'].includes(batch.lastRun.state);
  const isThere = own.length > 0 || (verb === 'rerun' && batch.lastRun.state === 'nothing_to_commit');
  if (verb === 'retry' ? !unfinished : !isThere) return 'refused';
  const sources = world.sourcesOf(of).flatMap((source) => {
    const brought = own.filter((unit) => unit.source === source);
    return PLAN[verb](world, { of, source, own: brought });
  });
  if (sources.includes('impossible')) return 'refused';
  const tasks = sources.flatMap((task) => (typeof task === 'string' ? [] : [task]));
  const replaces = [...new Set(tasks.flatMap((task) => task.replaces))];
  const read = replaces.reduce((sum, { decision, delivery }) => sum + (decision ? 0 : readsOf(delivery)), 0);
  return { verb, of, mends: of, tasks, replaces, recordsMin: Math.ceil(read * REPLACEMENT_SHARE_MIN) };
}

/** Every source of the batch, whole and cut to the interval, in a batch of its own. */
export function expectedBackfill(world: Reference, of: BatchName, window: Window): Plan {
  const parts = sourcesOf(of.manifest).flatMap((source) => world.partsOf(source));
  const tasks = parts.map((part) => ({ ...part, window }));
  return { verb: 'backfill', mends: of, of: backfillOf(of, window), tasks, replaces: [], recordsMin: 0 };
}
