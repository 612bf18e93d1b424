import { type ManifestName, type SourceName, sourcesOf, timeOf } from '../names.ts';
import { withoutKeeper } from './commit.ts';
import type { Reference } from './reference.ts';
import { orphaned } from './table.ts';
import type { Unit } from './unit.ts';

/** Looks at everything: what is wrong is open, the rest is over. */
export function verifyReference(world: Reference): void {
  const batches = [...world.batches.values()];
  world.store.verify({ awaited: batches.some(({ lastRun }) => lastRun.state === 'died') });
  world.incidents.resolve(() => true);
  for (const unit of orphaned(world.units)) world.incidents.open(withoutKeeper(unit));
  for (const manifest of new Set(batches.map((batch) => batch.manifest))) {
    compareWithPast(world, manifest);
    for (const source of sourcesOf(manifest)) findHoles(world, { manifest, source });
  }
  for (const { manifest, batch, findings, lastRun } of batches) {
    for (const [source, finding] of findings)
      if (finding !== null) world.incidents.open({ manifest, batch, source, ...finding });
    if (lastRun.state === 'died' || lastRun.state === 'interrupted')
      world.incidents.open({ manifest, batch, source: null, kind: 'batch_unfinished', verb: 'retry' });
  }
}

/** Batches judged under another contract than there is now, unless a replay showed that they come to the same. */
export function compareWithPast(world: Reference, manifest: ManifestName): void {
  world.incidents.resolve((incident) => incident.kind === 'contract_drift' && incident.manifest === manifest);
  for (const unit of world.units) {
    if (unit.manifest !== manifest || unit.decision !== null || unit.contract === world.contract) continue;
    if (world.batchOf(unit).replayedUnder === world.contract) continue;
    const { batch, contract: distinction } = unit;
    const kind = 'contract_drift';
    world.incidents.open({ manifest, batch, source: null, kind, verb: 'replay', distinction });
  }
}

/** Between the intervals of a source that were taken in; one that was taken in whole has no hole. */
function findHoles(
  world: Reference,
  { manifest, source }: { manifest: ManifestName; source: SourceName },
): void {
  const own = world.units.filter(
    (unit) => unit.manifest === manifest && unit.source === source && unit.decision === null,
  );
  if (own.some(({ window }) => window === null)) return;
  let end = Number.POSITIVE_INFINITY;
  for (const { batch, window } of own.toSorted((a, b) => fromOf(a) - fromOf(b))) {
    if (window === null) continue;
    const { from, to } = window;
    if (from > end) {
      const distinction = `${timeOf(end)}..${timeOf(from)}`;
      const missing = { from: end, to: from };
      const about = { manifest, batch, source, distinction, missing };
      world.incidents.open({ ...about, kind: 'interval_hole', verb: 'backfill' });
    }
    end = end === Number.POSITIVE_INFINITY ? to : Math.max(end, to);
    if (end === Number.POSITIVE_INFINITY) return;
  }
}

const fromOf = ({ window }: Unit): number => window?.from ?? Number.NEGATIVE_INFINITY;
