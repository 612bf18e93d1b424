import { decodeUnit, type PreparedUnit } from '../bronze/prepared-unit.ts';
import { pathOf } from '../bronze/table-io.ts';
import { filesInTable } from '../bronze/unit-rows.ts';
import { placeOfUnit } from '../catalog/unit-places.ts';
import { findPreparation, replacedPreparations } from '../catalog/units.ts';
import type { UnitStandIn } from '../evidence/history-as-of.ts';
import { makeFolder } from '../landing/durable-files.ts';
import { type DeclaredAsset, inWindow } from '../run/declared-asset.ts';
import { type FileStandIn, type Rehearsal, rehearseUnit } from '../run/rehearse-unit.ts';
import { type BatchAtHand, batchAtHand } from './batch-at-hand.ts';
import { splitsAtHand } from './batch-splits.ts';
import { historyLost } from './history-lost.ts';
import { outcomesThatDiffer } from './outcomes-that-differ.ts';
import type { PlanningStage } from './planning-stage.ts';
import type { WholeBytes } from './stored-bytes.ts';
import { admittedBytes, bytesOfUnit } from './unit-bytes.ts';

export interface StandIn extends FileStandIn {
  /** The units of the batch itself. */
  readonly own: readonly PreparedUnit[];
}

/**
 * What stands for lost data files while units of the batch are rehearsed: what the units in them come to from their raw
 * bytes. They were committed before whatever was compared with them, so this comes to an end.
 */
export function standIns(
  stage: PlanningStage,
  batch: BatchAtHand,
  { ofEarlier = false }: { ofEarlier?: boolean } = {},
): StandIn {
  const made = new Map<string, string | null>();
  const begun = new Set<string>();
  const batches = batchesThatWait(stage, { batch, ofEarlier });
  const unitStandIn: UnitStandIn = async ({ unitKey }) => {
    const known = made.get(unitKey);
    if (known !== undefined) return known;
    if (begun.has(unitKey)) return null;
    begun.add(unitKey);
    try {
      const of = await batches(unitKey);
      const found = of === null ? null : await rehearsedRows(of.stage, { batch: of.batch, unitKey, standIn });
      made.set(unitKey, found);
      return found;
    } finally {
      begun.delete(unitKey);
    }
  };
  const ofFile = async (path: string) => {
    const unit = batch.units.find((entry) =>
      entry.unit.files.some(({ files }) => files.some(({ uri }) => pathOf(uri) === path)),
    )?.unit;
    // One unit's rows do not stand for a file that holds those of others too.
    if (unit === undefined || filesInTable(unit, unit.table)?.shared === true) return null;
    return await unitStandIn(unit);
  };
  const standIn: StandIn = Object.assign(ofFile, {
    unit: unitStandIn,
    own: batch.units.map(({ unit }) => unit),
  });
  return standIn;
}

interface StagedBatch {
  readonly stage: PlanningStage;
  readonly batch: BatchAtHand;
}

/**
 * The batch of a unit that may be made again aside: the one that is planned for, or one that came in after the first of it.
 * That one may wait for this, and neither could be replayed before the other; one that was in before goes first, unless
 * `ofEarlier` says otherwise.
 */
function batchesThatWait(
  stage: PlanningStage,
  { batch, ofEarlier }: { batch: BatchAtHand; ofEarlier: boolean },
) {
  const { catalog } = stage.engine;
  const found = new Map<string, BatchAtHand>();
  return async (unitKey: string): Promise<StagedBatch | null> => {
    if (batch.units.some(({ unit }) => unit.unitKey === unitKey)) return { stage, batch };
    const place = await placeOfUnit(catalog, unitKey);
    const [first] = batch.units;
    if (place === null || first === undefined) return null;
    if (place.committedAt <= first.committedAt && !ofEarlier) return null;
    const name = JSON.stringify([place.manifestId, place.batchId]);
    const other = found.get(name) ?? (await batchAtHand(stage.engine, place));
    found.set(name, other);
    return {
      stage: { ...stage, manifest: other.declared.manifest, batchId: other.batchId },
      batch: other,
    };
  };
}

async function rehearsedRows(
  stage: PlanningStage,
  { batch, unitKey, standIn }: { batch: BatchAtHand; unitKey: string; standIn: StandIn },
): Promise<string | null> {
  const { unit } = batch.units.find((entry) => entry.unit.unitKey === unitKey) ?? {};
  const parts = batch.assets.flatMap((asset) => splitsAtHand(batch, { declared: asset }));
  const declared = parts.find(({ own }) => own.some((entry) => entry.unit === unit))?.declared;
  if (unit === undefined || declared === undefined || declared.contract === null) return null;
  const bytes = await bytesOfUnit(stage, { unit, declared });
  if (bytes.kind === 'lost') return null;
  const { preparedBy: runId, sourceId } = unit;
  const folder = stage.nextDir();
  const entered = {
    path: `${folder}-entered.parquet`,
    unit: { unitKey, runId, batchId: batch.batchId, sourceId },
  };
  await makeFolder(folder);
  const rehearsal = await rehearse(stage, { declared, unit, bytes: bytes.all, standIn, entered });
  return rehearsal.kind === 'refined' ? entered.path : null;
}

interface Rehearsed extends Pick<Parameters<typeof rehearseUnit>[1], 'entered'> {
  readonly standIn: StandIn;
  readonly declared: DeclaredAsset;
  readonly unit: PreparedUnit;
  readonly bytes: readonly WholeBytes[];
}

/**
 * A committed unit, rehearsed as it was made. One that was made again was compared with what came in after it was first
 * made, too: where that is lost, it is rehearsed as the first that came to the same, which needs none of it.
 */
export async function rehearse(stage: PlanningStage, of: Rehearsed): Promise<Rehearsal> {
  try {
    return await rehearseAs(stage, of);
  } catch (error) {
    historyLost(error);
    const first = await firstAlike(stage, of.unit);
    if (first === undefined) throw error;
    return await rehearseAs(stage, { ...of, unit: first });
  }
}

async function firstAlike({ engine }: PlanningStage, unit: PreparedUnit): Promise<PreparedUnit | undefined> {
  const earlier = (await replacedPreparations(engine.catalog, unit.unitKey)).map(decodeUnit);
  return earlier.find((one) => outcomesThatDiffer(one, unit).length === 0);
}

async function rehearseAs(
  stage: PlanningStage,
  { declared, unit, bytes, ...rest }: Rehearsed,
): Promise<Rehearsal> {
  const { contract } = declared;
  if (contract === null) throw new RangeError('a unit is rehearsed under a contract');
  const mates = await matesOf(stage, unit);
  return await rehearseUnit(stage, {
    declared: inWindowOf(declared, unit),
    contract,
    bytes: admittedBytes(declared, bytes),
    asOf: unit.dedupedAgainst,
    of: unit.unitKey,
    mates,
    outgoing: await outgoingOf(stage, unit),
    scratchDir: stage.nextDir(),
    ...rest,
  });
}

/** The units that this one was compared with inside its batch, as they were prepared then. */
async function matesOf({ engine }: PlanningStage, unit: PreparedUnit): Promise<PreparedUnit[]> {
  const found: PreparedUnit[] = [];
  for (const mate of unit.batchMates.filter((entry) => !entry.startsWith('-'))) {
    const [unitKey = '', preparedBy = ''] = mate.split('@');
    const known = await findPreparation(engine.catalog, { unitKey, preparedBy });
    if (known !== null) found.push(decodeUnit(known));
  }
  return found;
}

/** The units that went out when this one came in: it was not compared with them. */
async function outgoingOf({ engine }: PlanningStage, unit: PreparedUnit): Promise<PreparedUnit[]> {
  const keys = unit.batchMates.flatMap((entry) => (entry.startsWith('-') ? [entry.slice(1)] : []));
  const out: PreparedUnit[] = [];
  for (const key of keys) out.push(...(await replacedPreparations(engine.catalog, key)).map(decodeUnit));
  return out;
}

export function inWindowOf(declared: DeclaredAsset, unit: PreparedUnit): DeclaredAsset {
  const window = unit.recordWindow === undefined ? declared.window : unit.recordWindow;
  return inWindow(declared, window);
}
