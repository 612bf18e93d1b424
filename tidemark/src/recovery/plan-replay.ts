import { QUARANTINE_TABLE } from '../model/table-names.ts';
import type { RecordTally } from '../model/tally.ts';
import type { DeclaredAsset } from '../run/declared-asset.ts';
import { rehearseUnit } from '../run/rehearse-unit.ts';
import type { BatchAtHand, CommittedUnitOf } from './batch-at-hand.ts';
import { splitsAtHand } from './batch-splits.ts';
import { committedElsewhere } from './committed-elsewhere.ts';
import { damageOf } from './damaged-files.ts';
import { declaredNoMore } from './declared-no-more.ts';
import { damageKey, type FoundDamage, foundDamage } from './found-damage.ts';
import { historyLost } from './history-lost.ts';
import { orphansOf } from './orphans-of.ts';
import { outcomesThatDiffer } from './outcomes-that-differ.ts';
import { NEVER_STORED, readmit } from './plan-readmission.ts';
import type { PlanningStage } from './planning-stage.ts';
import { recordChanges } from './record-changes.ts';
import { type PlannedSource, plannedOf } from './recovery-plan.ts';
import { inWindowOf, rehearse, type StandIn, standIns } from './rehearse-committed.ts';
import type { WholeBytes } from './stored-bytes.ts';
import { admittedBytes, bytesOfUnit } from './unit-bytes.ts';

/**
 * What replaying a batch would come to, found by doing it aside: every stored unit is refined again from its raw bytes
 * against the history it was first compared with. Equal digests, outcome by outcome, prove it; anything else is planned
 * as a replacement. Held and refused assets come in where the manifest admits them by now.
 * No source is contacted. `rewrite` replaces units that compare equal too.
 */
export async function replaySources(
  stage: PlanningStage,
  { batch, rewrite }: { batch: BatchAtHand; rewrite: boolean },
): Promise<PlannedSource[]> {
  const sources: PlannedSource[] = [];
  const found = await foundDamage(stage.engine.catalog, {
    manifestId: batch.declared.manifest.manifest_id,
    batchId: batch.batchId,
  });
  const standIn = standIns(stage, batch);
  const parts = batch.assets.flatMap((declared) => splitsAtHand(batch, { declared }));
  for (const { declared, own } of parts) {
    const units = own.filter(({ unit }) => unit.table !== QUARANTINE_TABLE);
    const decisions = own.filter(({ unit }) => unit.table === QUARANTINE_TABLE);
    for (const committed of units)
      sources.push(await replayUnit(stage, { batch, declared, committed, rewrite, found, standIn }));
    const known = new Set(units.map(({ unit }) => unit.sourceFingerprint));
    const [decision] = decisions.slice(-1);
    if (decision !== undefined && !known.has(decision.unit.sourceFingerprint))
      sources.push(await readmit(stage, { declared, decision, decisions, found, standIn }));
    if (own.length === 0) sources.push(await nothingOfItsOwn(stage, declared));
  }
  const waits = sources.some(({ action }) => action === 'impossible');
  return [...(await declaredNoMore(stage, { batch, found, waits })), ...sources];
}

interface UnitOf {
  readonly batch: BatchAtHand;
  readonly declared: DeclaredAsset;
  readonly committed: CommittedUnitOf;
  readonly rewrite: boolean;
  readonly found: FoundDamage;
  readonly standIn: StandIn;
}

async function replayUnit(stage: PlanningStage, of: UnitOf): Promise<PlannedSource> {
  const { declared, committed } = of;
  const { unit, committedBy } = committed;
  const window = unit.recordWindow === undefined ? declared.window : unit.recordWindow;
  const base = {
    ...plannedOf(declared),
    window,
    replaces: [unit.unitKey],
    before: unit.tally,
  };
  const bytes = await bytesOfUnit(stage, { unit, declared });
  if (bytes.kind === 'lost') return { ...base, action: 'impossible', why: bytes.why };
  const recalled = bytes.all.map(({ role, sha256 }) => ({ role, sha256 }));
  const { judgement } = declared.admission;
  if (judgement === 'quarantine' || judgement === 'reject' || declared.contract === null) {
    const why = `the manifest ${judgement === 'quarantine' ? 'holds' : 'refuses'} it by now: its rows go out`;
    return { ...base, bytes: recalled, action: 'replace', why };
  }
  const { standIn } = of;
  const rehearsal = await rehearse(stage, { declared, unit, bytes: bytes.all, standIn }).catch(historyLost);
  if (rehearsal.kind === 'history_lost') return { ...base, action: 'impossible', why: rehearsal.why };
  if (rehearsal.kind === 'mismatch') {
    const why = `its bytes contradict its declaration by now (${rehearsal.findings[0]?.message}): its rows go out`;
    return { ...base, bytes: recalled, action: 'replace', why };
  }
  const work = { ...base, bytes: recalled, after: rehearsal.tally };
  const newContract = unit.contractHash !== declared.contract.hash;
  const differing = outcomesThatDiffer(unit, rehearsal);
  const { openEngine } = stage;
  const damage = of.found.get(damageKey(unit)) ?? (await damageOf(unit, openEngine));
  if (differing.length > 0) {
    const changes =
      damage === null ? await recordChanges(unit, { rejectsPath: rehearsal.rejectsPath, openEngine }) : null;
    const untold = damage === null ? '' : `; which these are is not told, since ${damage}`;
    const because = newContract
      ? 'under the contract as it is now'
      : 'though contract and bytes are the same';
    return {
      ...work,
      changes,
      action: 'replace',
      why: `it comes to other records ${because}: ${differing.join(', ')}${untold}`,
    };
  }
  if (damage !== null) return { ...work, action: 'restore', why: damage };
  const orphans = await orphansOf(stage, { unit, standIn });
  if (orphans.records > 0) {
    const why = `what was kept in the place of ${orphans.records} of its duplicates is in the table no more: they come in`;
    return { ...work, after: await asOfNow(stage, { of, bytes: bytes.all }), action: 'replace', why };
  }
  if (of.rewrite) return { ...work, action: 'restore', why: 'asked for: its files are written again' };
  const proof = `replayed from its raw bytes: equal to what run ${committedBy} committed, outcome by outcome${orphans.doubt}`;
  const stands = { unitKey: unit.unitKey, committedBy };
  return { ...work, replaces: [], stands, action: 'keep', why: proof };
}

/** What the unit comes to beside everything else that is in the table now: what executing the plan will do. */
async function asOfNow(
  stage: PlanningStage,
  { of: { declared, committed, standIn }, bytes }: { of: UnitOf; bytes: readonly WholeBytes[] },
): Promise<RecordTally | null> {
  const { contract } = declared;
  if (contract === null) return null;
  const rehearsal = await rehearseUnit(stage, {
    declared: inWindowOf(declared, committed.unit),
    contract,
    bytes: admittedBytes(declared, bytes),
    asOf: undefined,
    of: committed.unit.unitKey,
    mates: [],
    outgoing: [committed.unit],
    standIn,
    scratchDir: stage.nextDir(),
  });
  return rehearsal.kind === 'refined' ? rehearsal.tally : null;
}

async function nothingOfItsOwn(
  { engine, manifest, batchId }: PlanningStage,
  declared: DeclaredAsset,
): Promise<PlannedSource> {
  const target = { manifestId: manifest.manifest_id, batchId };
  const stands = await committedElsewhere(engine.catalog, target, declared.file.sourceId);
  const why =
    stands === null ? NEVER_STORED : `its content came in by run ${stands.committedBy}, in another batch`;
  const action = stands === null ? 'stay' : 'keep';
  return { ...plannedOf(declared), action, stands, why };
}
