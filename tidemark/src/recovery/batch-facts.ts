import { pathOf } from '../bronze/table-io.ts';
import { findObject } from '../catalog/objects.ts';
import { batchStandings } from '../evidence/batch-standings.ts';
import { inProgressIds, runsInProgress } from '../evidence/run-leases.ts';
import { hasObject } from '../landing/store-object.ts';
import { QUARANTINE_TABLE } from '../model/table-names.ts';
import type { Engine } from '../run/engine.ts';
import { type BatchAtHand, type BatchTarget, batchAtHand, type CommittedUnitOf } from './batch-at-hand.ts';
import type { BatchFacts } from './recommend.ts';

/** What is known of a batch: from the catalog, from the sizes of what is stored, and from the open incidents. */
export async function batchFacts(engine: Engine, target: BatchTarget): Promise<BatchFacts> {
  const batch = await batchAtHand(engine, target);
  const [standing] = await batchStandings(engine.catalog, target);
  const running = await runsInProgress(engine.catalog);
  const alive = await inProgressIds(engine.catalog);
  const units = batch.units.filter(({ unit }) => unit.table !== QUARANTINE_TABLE);
  const decisions = batch.units.filter(({ unit }) => unit.table === QUARANTINE_TABLE);
  const incidents = await openIncidents(engine, target);
  const lastRun = standing?.lastRun ?? null;
  return {
    inProgress:
      running.some(({ resource }) => resource === `manifest:${target.manifestId}`) ||
      (lastRun !== null && alive.has(lastRun.runId)),
    lastRun:
      lastRun === null
        ? null
        : { runId: lastRun.runId, state: lastRun.state, failure: lastRun.failure?.message ?? null },
    proven: standing?.committed?.proven ?? false,
    verdict: standing?.committed?.verdict ?? null,
    committedUnits: units.length,
    damagedObjects: [...(await damagedObjects(engine, units)), ...incidents.objects],
    damagedFiles: [...(await damagedFiles(units)), ...incidents.files],
    orphanedDuplicates: incidents.orphans,
    changedContracts: changedContracts(batch, units),
    ...turnedAway(batch, { units, decisions }),
    neverStored: batch.assets
      .filter(({ file }) => !batch.units.some(({ unit }) => unit.sourceId === file.sourceId))
      .map(({ file }) => file.sourceId),
    missingWindows: incidents.windows,
  };
}

async function damagedObjects(engine: Engine, units: readonly CommittedUnitOf[]): Promise<string[]> {
  const damaged: string[] = [];
  for (const { unit } of units) {
    const object = await findObject(engine.catalog, unit.sourceFingerprint);
    const path = engine.home.objectPath('raw', unit.sourceFingerprint);
    if (object === null || !(await hasObject({ path, sizeBytes: object.sizeBytes })))
      damaged.push(`${unit.sourceId} (raw object missing or cut)`);
  }
  return damaged;
}

async function damagedFiles(units: readonly CommittedUnitOf[]): Promise<string[]> {
  const damaged: string[] = [];
  for (const { unit } of units) {
    const files = unit.files.flatMap((entry) => entry.files);
    for (const file of files) {
      if (await hasObject({ path: pathOf(file.uri), sizeBytes: file.sizeBytes })) continue;
      damaged.push(`${unit.sourceId} (data file missing or cut)`);
      break;
    }
  }
  return damaged;
}

function changedContracts(batch: BatchAtHand, units: readonly CommittedUnitOf[]): string[] {
  const now = new Map(batch.assets.map(({ file, contract }) => [file.sourceId, contract?.hash]));
  const changed = units.filter(({ unit }) => {
    const hash = now.get(unit.sourceId);
    return hash !== undefined && hash !== unit.contractHash;
  });
  return [...new Set(changed.map(({ unit }) => unit.contractRef))];
}

function turnedAway(
  batch: BatchAtHand,
  { units, decisions }: { units: readonly CommittedUnitOf[]; decisions: readonly CommittedUnitOf[] },
): Pick<BatchFacts, 'admissible' | 'turnedAway'> {
  const admissible: string[] = [];
  const still: string[] = [];
  for (const declared of batch.assets) {
    const { sourceId, checksumSha256 } = declared.file;
    const decision = decisions.filter(({ unit }) => unit.sourceId === sourceId).at(-1);
    if (decision === undefined || units.some(({ unit }) => unit.sourceId === sourceId)) continue;
    const { judgement } = declared.admission;
    const admits = judgement === 'accept' || judgement === 'warn';
    const same = checksumSha256 === null || checksumSha256 === decision.unit.sourceFingerprint;
    (admits && same && declared.contract !== null ? admissible : still).push(sourceId);
  }
  return { admissible, turnedAway: still };
}

/** What the deep verification found and nobody has mended. */
async function openIncidents(
  engine: Engine,
  { manifestId, batchId }: BatchTarget,
): Promise<{
  objects: string[];
  files: string[];
  orphans: string[];
  windows: { from: string; to: string }[];
}> {
  const rows = await engine.catalog
    .selectFrom('incidents')
    .select(['class', 'kind', 'source_id', 'facts', 'message'])
    .where('state', '<>', 'resolved')
    .where('manifest_id', '=', manifestId)
    .where((eb) => eb.or([eb('batch_id', '=', batchId), eb('batch_id', 'is', null)]))
    .execute();
  const named = (kinds: RegExp) => rows.filter(({ kind }) => kinds.test(kind)).map(({ message }) => message);
  const windows = rows.flatMap(({ class: kind, facts }) => {
    const { from, to } = JSON.parse(facts) as { from?: unknown; to?: unknown };
    return kind === 'gap' && typeof from === 'string' && typeof to === 'string' ? [{ from, to }] : [];
  });
  const orphans = rows.flatMap(({ kind, source_id: source }) =>
    kind === 'duplicate_without_keeper' && source !== null ? [source] : [],
  );
  return { objects: named(/^raw_object/), files: named(/^(data_file|bronze_)/), orphans, windows };
}
