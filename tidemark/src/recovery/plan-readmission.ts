import type { DeclaredAsset } from '../run/declared-asset.ts';
import { rehearseUnit } from '../run/rehearse-unit.ts';
import { isUnread } from '../run/unit-identity.ts';
import type { CommittedUnitOf } from './batch-at-hand.ts';
import { damageOf } from './damaged-files.ts';
import { damageKey, type FoundDamage } from './found-damage.ts';
import { historyLost } from './history-lost.ts';
import type { PlanningStage } from './planning-stage.ts';
import { type PlannedSource, plannedOf } from './recovery-plan.ts';
import type { StandIn } from './rehearse-committed.ts';
import type { WholeBytes } from './stored-bytes.ts';
import { admittedBytes, bytesOfUnit } from './unit-bytes.ts';

/** Of a source that never brought anything there is nothing to replay, and it keeps nothing else from it. */
export const NEVER_STORED = 'nothing of it was ever stored: only its source can bring it (tidemark rerun)';

/** A held or refused asset, from the bytes that were kept: it comes in if the manifest admits it by now. */
export async function readmit(
  stage: PlanningStage,
  options: {
    declared: DeclaredAsset;
    decision: CommittedUnitOf;
    decisions: readonly CommittedUnitOf[];
    found: FoundDamage;
    /** Its records are compared with what is lost of its batch too: the same replay brings that back. */
    standIn: StandIn;
  },
): Promise<PlannedSource> {
  const { declared, decision, standIn } = options;
  const { unit, committedBy } = decision;
  const base = { ...plannedOf(declared), verifyDeclared: true };
  const { judgement } = declared.admission;
  if (judgement === 'quarantine' || judgement === 'reject' || declared.contract === null) {
    const why = `${judgement === 'quarantine' ? 'held' : 'refused'} by the gate as before: mend its declaration to admit it`;
    const stays = { ...base, stands: { unitKey: unit.unitKey, committedBy }, action: 'stay' as const, why };
    return await restoredIfDamaged(stage, { ...options, stays });
  }
  if (isUnread(stage.manifest.manifest_id, unit)) {
    const stands = { unitKey: unit.unitKey, committedBy };
    return { ...base, stands, action: 'stay', why: NEVER_STORED };
  }
  const bytes = await bytesOfUnit(stage, { unit, declared });
  if (bytes.kind === 'lost') return { ...base, action: 'impossible', why: bytes.why };
  const scratchDir = stage.nextDir();
  const request = {
    declared,
    contract: declared.contract,
    bytes: admittedBytes(declared, bytes.all),
    scratchDir,
  };
  const rehearsal = isAsDeclared(declared, bytes.all)
    ? await rehearseUnit(stage, { ...request, asOf: undefined, mates: [], outgoing: [], standIn }).catch(
        historyLost,
      )
    : null;
  if (rehearsal?.kind === 'history_lost') {
    const stands = { unitKey: unit.unitKey, committedBy };
    return { ...base, stands, action: 'stay', why: `it is admissible by now, and waits: ${rehearsal.why}` };
  }
  if (rehearsal === null || rehearsal.kind === 'mismatch') {
    const why =
      'its bytes contradict its declaration as before: mend the declaration, or deliver other bytes';
    const stays = { ...base, stands: { unitKey: unit.unitKey, committedBy }, action: 'stay' as const, why };
    return await restoredIfDamaged(stage, { ...options, stays });
  }
  return {
    ...base,
    bytes: bytes.all.map(({ role, sha256 }) => ({ role, sha256 })),
    replaces: options.decisions.map((entry) => entry.unit.unitKey),
    after: rehearsal.tally,
    action: 'admit',
    why: `held or refused by run ${committedBy}; the manifest admits it now`,
  };
}

/** A decision that stands, and whose row is damaged, is written again. */
async function restoredIfDamaged(
  stage: PlanningStage,
  {
    declared,
    decision: { unit },
    found,
    stays,
  }: { declared: DeclaredAsset; decision: CommittedUnitOf; found: FoundDamage; stays: PlannedSource },
): Promise<PlannedSource> {
  const damage = found.get(damageKey(unit)) ?? (await damageOf(unit, stage.openEngine));
  const bytes = damage === null ? null : await bytesOfUnit(stage, { unit, declared });
  if (damage === null || bytes?.kind !== 'whole') return stays;
  const recalled = bytes.all.map(({ role, sha256 }) => ({ role, sha256 }));
  return {
    ...stays,
    stands: null,
    bytes: recalled,
    replaces: [unit.unitKey],
    action: 'restore',
    why: damage,
  };
}

function isAsDeclared({ file }: DeclaredAsset, bytes: readonly WholeBytes[]): boolean {
  const asset = bytes.find(({ role }) => role === 'asset');
  const sizeFits = file.sizeBytes === null || file.sizeBytes === asset?.sizeBytes;
  return sizeFits && (file.checksumSha256 === null || file.checksumSha256 === asset?.sha256);
}
