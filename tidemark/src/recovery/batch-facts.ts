import { pathOf } from '../bronze/table-io.ts';
import { findIncidents } from '../catalog/find-incidents.ts';
import { findObject } from '../catalog/objects.ts';
import type { RunState } from '../catalog/schema.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { batchStandings, type LastRun } from '../evidence/batch-standings.ts';
import { inProgressIds, runsInProgress } from '../evidence/run-leases.ts';
import { provenUnder } from '../incident/contract-drift.ts';
import { hasObject } from '../landing/store-object.ts';
import { QUARANTINE_TABLE } from '../model/table-names.ts';
import type { DeclaredAsset } from '../run/declared-asset.ts';
import type { Engine } from '../run/engine.ts';
import { isUnread } from '../run/unit-identity.ts';
import { type BatchAtHand, type BatchTarget, batchAtHand, type CommittedUnitOf } from './batch-at-hand.ts';
import { committedElsewhere } from './committed-elsewhere.ts';
import type { BatchFacts } from './recommend.ts';
import type { RecoveryVerb } from './recovery-plan.ts';

/**
 * What is known of a batch: from the catalog and the open incidents, and where `looks` says so from the sizes of what is
 * stored.
 */
export async function batchFacts(
  engine: Engine,
  target: BatchTarget,
  { looks }: { looks: boolean },
): Promise<BatchFacts> {
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
        : {
            runId: lastRun.runId,
            state: stateOf(lastRun),
            failure: lastRun.failure?.message ?? null,
            plan: planOf(lastRun),
          },
    proven: standing?.committed?.proven ?? false,
    verdict: standing?.committed?.verdict ?? null,
    committedUnits: units.length,
    damagedObjects: [...(looks ? await damagedObjects(engine, units) : []), ...incidents.objects],
    damagedFiles: [...(looks ? await damagedFiles(units) : []), ...incidents.files],
    orphanedDuplicates: incidents.orphans,
    changedContracts: await changedContracts(engine, { target, batch, units }),
    ...turnedAway(batch, { units, decisions }),
    neverStored: await neverStored(engine, { target, batch }),
    missingWindows: incidents.windows,
    contradicted: incidents.contradicted,
    otherIncident: incidents.other,
    mending: incidents.mending,
  };
}

/** A replacement that was refused for its size left the batch as it was: there is nothing to go on with. */
function stateOf({ state, failure }: LastRun): RunState {
  return failure?.code === ERROR_CODES.replacement_too_small ? 'nothing_to_commit' : state;
}

/** A retry's own plan is of no more use than a new one. */
function planOf({ verb, planId }: LastRun): { planId: string; verb: RecoveryVerb } | null {
  return planId === null || verb === 'run' || verb === 'retry' ? null : { planId, verb };
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

/** A unit that was replayed under the contract as it is now, and came to the same, stays under its old one in peace. */
async function changedContracts(
  { catalog }: Engine,
  { target, batch, units }: { target: BatchTarget; batch: BatchAtHand; units: readonly CommittedUnitOf[] },
): Promise<string[]> {
  const now = new Map(batch.assets.map(({ file, contract }) => [file.sourceId, contract?.hash]));
  const changed = units.filter(({ unit }) => {
    const hash = now.get(unit.sourceId);
    return hash !== undefined && hash !== unit.contractHash;
  });
  if (changed.length === 0) return [];
  const proven = await provenUnder(catalog, target);
  const open = changed.filter(({ unit }) => proven.get(unit.contractRef) !== now.get(unit.sourceId));
  return [...new Set(open.map(({ unit }) => unit.contractRef))];
}

async function neverStored(
  { catalog }: Engine,
  { target, batch }: { target: BatchTarget; batch: BatchAtHand },
): Promise<string[]> {
  const never: string[] = [];
  const waits = new Set(admittedUnread(target, batch).map(({ unit }) => unit.unitKey));
  for (const { file } of batch.assets) {
    if (batch.units.some(({ unit }) => unit.sourceId === file.sourceId && !waits.has(unit.unitKey))) continue;
    if ((await committedElsewhere(catalog, target, file.sourceId)) === null) never.push(file.sourceId);
  }
  return never;
}

/** Decisions on sources that are admitted by now, and of which nothing could be read then: there is nothing to admit. */
function admittedUnread({ manifestId }: BatchTarget, { assets, units }: BatchAtHand): CommittedUnitOf[] {
  return units.filter(({ unit }) => {
    const declared = assets.find(({ file }) => file.sourceId === unit.sourceId);
    return isUnread(manifestId, unit) && declared !== undefined && isAdmitted(declared);
  });
}

function isAdmitted({ admission: { judgement }, contract }: DeclaredAsset): boolean {
  return (judgement === 'accept' || judgement === 'warn') && contract !== null;
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
    const same = checksumSha256 === null || checksumSha256 === decision.unit.sourceFingerprint;
    const unread = isUnread(batch.declared.manifest.manifest_id, decision.unit);
    (isAdmitted(declared) && same && !unread ? admissible : still).push(sourceId);
  }
  return { admissible, turnedAway: still };
}

/** What runs and verifications found and nobody has mended. */
async function openIncidents(
  { catalog }: Engine,
  { manifestId, batchId }: BatchTarget,
): Promise<{
  objects: string[];
  files: string[];
  orphans: string[];
  windows: { from: string; to: string }[];
  contradicted: string[];
  other: BatchFacts['otherIncident'];
  mending: number;
}> {
  const { incidents } = await findIncidents(catalog, { manifestId, limit: INCIDENTS_MAX });
  const own = incidents.filter((incident) => incident.batchId === batchId || incident.batchId === null);
  // What a plan was executed for waits for the next verification.
  const open = own.filter(({ state }) => state !== 'mending');
  const stored = open.filter(({ kind }) => STORED_OTHERWISE.test(kind));
  const mendedBy = (verb: 'rerun' | 'replay') =>
    stored
      .filter(({ suggestion }) => suggestion.startsWith(`tidemark ${verb} `))
      .map(({ message }) => message);
  const windows = open.flatMap(({ class: kind, facts: { from, to } }) =>
    kind === 'gap' && typeof from === 'string' && typeof to === 'string' ? [{ from, to }] : [],
  );
  const sourcesOf = (wanted: string) =>
    open.flatMap(({ kind, sourceId }) => (kind === wanted && sourceId !== null ? [sourceId] : []));
  // One that was acknowledged may stay: it is told, and nobody is pressed.
  const other = open.find(({ state, kind }) => state === 'open' && !TOLD_OTHERWISE.test(kind));
  return {
    objects: mendedBy('rerun'),
    files: mendedBy('replay'),
    orphans: sourcesOf('duplicate_without_keeper'),
    windows,
    contradicted: sourcesOf('source_contradicts_manifest'),
    other: other ?? null,
    mending: own.length - open.length,
  };
}

/** Incidents of one manifest that are gone through, the gravest first. */
const INCIDENTS_MAX = 5_000;

/** Kinds of incident that say of stored bytes, files or rows that they are not what was recorded. */
const STORED_OTHERWISE =
  /^(raw_object|receipt_missing|data_file|bronze_|rows_|unit_doubled|anchor_|catalog_)/;

/** Kinds that the other facts of a batch tell of. */
const TOLD_OTHERWISE =
  /^(batch_unfinished|source_not_received|source_contradicts_manifest|duplicate_without_keeper|interval_hole|contract_drift|reconciliation_failed)$/;
