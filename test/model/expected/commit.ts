import { type BatchName, isOf, type ManifestName, nameOf } from '../names.ts';
import type { Commit, TakenAsset, Verb } from './purpose.ts';
import type { Reference } from './reference.ts';
import { judge, orphaned, rowsOf } from './table.ts';
import type { Unit } from './unit.ts';

/** What is replaced goes out, what is fresh comes in, in the order of the manifest. */
export function commit(
  world: Reference,
  made: Commit,
  { fresh, verb }: { fresh: readonly Unit[]; verb: Verb },
): void {
  world.units = world.units.filter((unit) => !made.replaced.includes(unit));
  const forward = verb !== 'replay' && !world.backfills.has(nameOf(made.of));
  for (const unit of fresh) {
    const history = rowsOf(world.units);
    unit.history = new Set(history.keys());
    unit.outcomes = unit.decision === null ? judge(unit, { contract: unit.contract, history }) : [];
    world.units.push(unit);
    world.progress.commit(unit, { forward });
  }
  world.unproven.push(made);
}

export function proveAll(world: Reference, manifest: ManifestName): void {
  for (const made of world.unproven.filter(({ of }) => of.manifest === manifest)) prove(world, made);
  world.unproven = world.unproven.filter(({ of }) => of.manifest !== manifest);
}

/** Duplicates that a replacement left without their keeper are told of, until they have one again. */
function prove(world: Reference, { of, replaced, assets }: Commit): void {
  const keys = new Set(replaced.map(({ key }) => key));
  for (const unit of orphaned(world.units, ({ unit: keeper }) => keys.has(keeper.key)))
    world.incidents.open(withoutKeeper(unit));
  settle(world, of, assets);
  const still = orphaned(world.units);
  world.incidents.resolve(
    (incident) =>
      isOf(incident, of) &&
      incident.kind === 'duplicate_without_keeper' &&
      !still.some((unit) => isOf(unit, of) && unit.source === incident.source),
  );
}

/** A run that is proven, or that found nothing to do, has looked at its batch and the sources that it took. */
export function settle(world: Reference, of: BatchName, assets: readonly TakenAsset[]): void {
  world.incidents.resolve((incident) => {
    if (!isOf(incident, of)) return false;
    if (incident.kind === 'batch_unfinished') return true;
    if (incident.kind !== 'source_not_received' && incident.kind !== 'source_contradicts_manifest')
      return false;
    const taken = assets.find(({ source }) => source === incident.source);
    return taken !== undefined && taken.finding?.kind !== incident.kind;
  });
}

export const withoutKeeper = ({ manifest, batch, source }: Unit) =>
  ({ manifest, batch, source, kind: 'duplicate_without_keeper', verb: 'replay' }) as const;
