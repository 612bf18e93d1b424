import { placeOf } from '../names.ts';
import { commit, proveAll, settle } from './commit.ts';
import { byAsset, type Ending, type Purpose, type Stop, type TakenAsset, type Task } from './purpose.ts';
import type { BatchState, Reference } from './reference.ts';
import { deliveryOf, type Taken, takeSource } from './take-source.ts';
import { isRow, readsOf, type Unit } from './unit.ts';
import { compareWithPast } from './verification.ts';

/** Points of a part before its delivery is recorded, and from there on. */
const LANDING = ['bytes_landed', 'object_promoted'];
const RECEIVED = ['receipt_recorded', 'unit_refined', 'data_files_written', 'unit_prepared'];

/** What a run does to the world, up to its end or to where it died. */
export function runReference(world: Reference, purpose: Purpose, stop: Stop | null): Ending {
  const { of } = purpose;
  const batch = world.batchOf(of);
  const ended = (ending: Ending, found: Taking['found'] = new Map()): Ending => {
    conclude(world, { batch, purpose, ending, found, compares: stop === null });
    return ending;
  };
  const died: Ending = { state: 'died', assets: [] };
  for (const { manifest, lastRun } of world.batches.values())
    if (manifest === of.manifest && lastRun.state === 'died') lastRun.state = 'interrupted';
  if (stop?.point === 'run_opened') return ended(died);
  const inEarlierProof = stop !== null && !stop.committed && ['read_back', 'proven'].includes(stop.point);
  if (!inEarlierProof || stop.point === 'proven') proveAll(world, of.manifest);
  if (inEarlierProof) return ended(died);

  const { assets, fresh, found } = takeSources(world, { batch, purpose, stop });
  if (stop !== null && !stop.committed) return ended(died);
  const failed = assets.some(({ outcome }) => outcome === 'failed');
  const goesOut = purpose.replaces.some(
    ({ outcomes, decision }) => outcomes.some(isRow) || decision !== null,
  );
  const nothing = fresh.length === 0 && !goesOut;
  const read = fresh.reduce((sum, { delivery, decision }) => sum + (decision ? 0 : readsOf(delivery)), 0);
  const loses = !failed && !nothing && read < purpose.recordsMin;
  // Of what waits nothing is known but what was known before.
  tellOf(
    world,
    batch,
    assets.filter(({ outcome }) => !(failed || loses) || outcome !== 'committed'),
  );
  if (failed) return ended({ state: 'failed', assets });
  if (nothing) {
    settle(world, of, assets);
    return ended({ state: 'nothing_to_commit', assets }, found);
  }
  if (loses) {
    batch.lastRun = { state: 'refused_loss', verb: purpose.verb, planId: purpose.planId };
    return { state: 'failed', assets };
  }
  commit(world, { of, replaced: purpose.replaces, assets }, { fresh, verb: purpose.verb });
  if (stop === null || stop.point === 'proven') proveAll(world, of.manifest);
  ended({ state: 'committed', assets }, found);
  return { state: stop === null ? 'committed' : 'died', assets };
}

interface Taking {
  readonly assets: readonly TakenAsset[];
  readonly fresh: readonly Unit[];
  /** What stands for sources that bring nothing of their own. */
  readonly found: BatchState['found'];
}

interface Work {
  readonly batch: BatchState;
  readonly purpose: Purpose;
  readonly stop: Stop | null;
}

/** One part after the other, as far as the run came. */
function takeSources(world: Reference, { batch, purpose, stop }: Work): Taking {
  const taken: Taken[] = [];
  let received = 0;
  for (const task of purpose.tasks) {
    const receives = task.settled === undefined && !task.emptied && deliveryOf(world, task) !== null;
    const point = receives ? diesAt(stop, received) : null;
    if (receives) received += 1;
    if (receives) receive(world, { batch, task, point });
    if (point !== null && point !== 'unit_prepared') break;
    const one = takeSource(world, { task, purpose });
    taken.push(one);
    const { unit } = one;
    if (unit?.decision === null && unit.delivery !== null) batch.pending.set(placeOf(unit), unit.delivery);
    if (point !== null) break;
  }
  return {
    assets: taken.map(({ asset }) => asset),
    fresh: taken.flatMap(({ unit }) => unit ?? []),
    found: foundElsewhere(purpose, taken),
  };
}

/** The point at which the run dies while it takes a part, after so many others were received; null: it does not. */
function diesAt(stop: Stop | null, others: number): string | null {
  if (stop === null || stop.committed || stop.again) return null;
  const { point, received } = stop;
  if (RECEIVED.includes(point)) return received === others + 1 ? point : null;
  return LANDING.includes(point) && received === others ? point : null;
}

/** What is received anew stands in the place of what was prepared of the source before. */
function receive(
  world: Reference,
  { batch, task, point }: { batch: BatchState; task: Task; point: string | null },
): void {
  const delivery = deliveryOf(world, task);
  if (delivery === null) return;
  const place = placeOf(task);
  const recorded = point === null || RECEIVED.includes(point);
  if (recorded && batch.pending.get(place)?.text !== delivery.text) batch.pending.delete(place);
  world.store.keep(delivery, recorded ? 'recorded' : point === 'object_promoted' ? 'stored' : 'nothing');
}

/** Sources of which every part is there already. */
function foundElsewhere(purpose: Purpose, taken: readonly Taken[]): BatchState['found'] {
  const found: BatchState['found'] = new Map();
  for (const parts of byAsset(purpose, taken, ({ asset }) => asset)) {
    const stand = parts.flatMap(({ stands }) => stands ?? []);
    const source = parts[0]?.asset.source;
    if (source === undefined || stand.length < parts.length) continue;
    found.set(source, stand.includes('all') ? 'all' : stand);
  }
  return found;
}

function conclude(
  world: Reference,
  {
    batch,
    purpose: { verb, planId },
    ending: { state },
    found,
    compares,
  }: { batch: BatchState; purpose: Purpose; ending: Ending; found: Taking['found']; compares: boolean },
): void {
  batch.lastRun = { state, verb, planId };
  if (state !== 'committed' && state !== 'nothing_to_commit') return;
  batch.pending.clear();
  for (const [source, stand] of found) batch.found.set(source, stand);
  if (verb === 'replay') batch.replayedUnder = world.contract;
  if (compares) compareWithPast(world, batch.manifest);
}

/** What is wrong with sources is told by the run that took them. */
function tellOf(world: Reference, batch: BatchState, assets: readonly TakenAsset[]): void {
  const { manifest, batch: name } = batch;
  for (const { source, finding } of assets) {
    batch.findings.set(source, finding);
    if (finding !== null) world.incidents.open({ manifest, batch: name, ...finding, source });
  }
}
