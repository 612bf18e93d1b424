import { decodeUnit, type PreparedUnit } from '../bronze/prepared-unit.ts';
import { findPreparation, replacedPreparations } from '../catalog/units.ts';
import { digestsEqual } from '../model/digest.ts';
import { QUARANTINE_TABLE } from '../model/table-names.ts';
import { type DeclaredAsset, windowKey } from '../run/declared-asset.ts';
import { type Rehearsal, rehearseUnit } from '../run/rehearse-unit.ts';
import type { AdmittedBytes } from '../run/run-context.ts';
import { filesByTable } from '../run/run-purpose.ts';
import type { BatchAtHand, CommittedUnitOf } from './batch-at-hand.ts';
import { damageOf } from './damaged-files.ts';
import type { PlanningStage } from './planning-stage.ts';
import { recordChanges } from './record-changes.ts';
import type { PlannedSource } from './recovery-plan.ts';
import { sidecarsReceived, storedBytes, type WholeBytes } from './stored-bytes.ts';

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
  for (const declared of batch.assets) {
    const own = batch.units.filter(({ unit }) => unit.sourceId === declared.file.sourceId);
    const units = own.filter(({ unit }) => unit.table !== QUARANTINE_TABLE);
    const decisions = own.filter(({ unit }) => unit.table === QUARANTINE_TABLE);
    for (const committed of units)
      sources.push(await replayUnit(stage, { batch, declared, committed, rewrite }));
    const known = new Set(units.map(({ unit }) => unit.sourceFingerprint));
    const [decision] = decisions.slice(-1);
    if (decision !== undefined && !known.has(decision.unit.sourceFingerprint))
      sources.push(await readmit(stage, { declared, decision, decisions }));
    if (own.length === 0) sources.push(neverStored(declared));
  }
  return sources;
}

interface UnitOf {
  readonly batch: BatchAtHand;
  readonly declared: DeclaredAsset;
  readonly committed: CommittedUnitOf;
  readonly rewrite: boolean;
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
  const rehearsal = await rehearse(stage, { declared, unit, bytes: bytes.all });
  if (rehearsal.kind === 'mismatch') {
    const why = `its bytes contradict its declaration by now (${rehearsal.findings[0]?.message}): its rows go out`;
    return { ...base, bytes: recalled, action: 'replace', why };
  }
  const work = { ...base, bytes: recalled, after: rehearsal.tally };
  const newContract = unit.contractHash !== declared.contract.hash;
  const differing = outcomesThatDiffer(unit, rehearsal);
  if (differing.length > 0) {
    const { openEngine } = stage;
    const changes = await recordChanges(unit, { rejectsPath: rehearsal.rejectsPath, openEngine });
    const because = newContract
      ? 'under the contract as it is now'
      : 'though contract and bytes are the same';
    return {
      ...work,
      changes,
      action: 'replace',
      why: `it comes to other records ${because}: ${differing.join(', ')}`,
    };
  }
  const damage = await damageOf(unit, stage.openEngine);
  if (damage !== null) return { ...work, action: 'restore', why: damage };
  if (of.rewrite) return { ...work, action: 'restore', why: 'asked for: its files are written again' };
  const proof = `replayed from its raw bytes: equal to what run ${committedBy} committed, outcome by outcome`;
  const stands = { unitKey: unit.unitKey, committedBy };
  return { ...work, replaces: [], stands, action: 'keep', why: proof };
}

async function rehearse(
  stage: PlanningStage,
  { declared, unit, bytes }: { declared: DeclaredAsset; unit: PreparedUnit; bytes: readonly WholeBytes[] },
): Promise<Rehearsal> {
  const { contract } = declared;
  if (contract === null) throw new RangeError('a unit is rehearsed under a contract');
  const mates = await matesOf(stage, unit);
  const window = unit.recordWindow === undefined ? declared.window : unit.recordWindow;
  return await rehearseUnit(stage, {
    declared: { ...declared, window, windowKey: windowKey(window) },
    contract,
    bytes: admittedBytes(declared, bytes),
    asOf: unit.dedupedAgainst,
    mates,
    without: await outgoingOf(stage, unit),
    scratchDir: stage.nextDir(),
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

/** Data files of the units that went out when this one came in: it was not compared with them. */
async function outgoingOf({ engine }: PlanningStage, unit: PreparedUnit): Promise<Set<string>> {
  const keys = unit.batchMates.flatMap((entry) => (entry.startsWith('-') ? [entry.slice(1)] : []));
  const out: PreparedUnit[] = [];
  for (const key of keys) out.push(...(await replacedPreparations(engine.catalog, key)).map(decodeUnit));
  return filesByTable(out).get(unit.table) ?? new Set();
}

async function readmit(
  stage: PlanningStage,
  options: {
    declared: DeclaredAsset;
    decision: CommittedUnitOf;
    decisions: readonly CommittedUnitOf[];
  },
): Promise<PlannedSource> {
  const { declared, decision } = options;
  const { unit, committedBy } = decision;
  const base = { ...plannedOf(declared), verifyDeclared: true };
  const { judgement } = declared.admission;
  if (judgement === 'quarantine' || judgement === 'reject' || declared.contract === null) {
    const why = `${judgement === 'quarantine' ? 'held' : 'refused'} by the gate as before: mend its declaration to admit it`;
    return {
      ...base,
      stands: { unitKey: unit.unitKey, committedBy },
      action: 'stay',
      why,
    };
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
  const rehearsal = await rehearseUnit(stage, { ...request, asOf: undefined, mates: [], without: new Set() });
  const contradicted = rehearsal.kind === 'mismatch' || !isAsDeclared(declared, bytes.all);
  if (contradicted) {
    const why =
      'its bytes contradict its declaration as before: mend the declaration, or deliver other bytes';
    return { ...base, stands: { unitKey: unit.unitKey, committedBy }, action: 'stay', why };
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

function isAsDeclared({ file }: DeclaredAsset, bytes: readonly WholeBytes[]): boolean {
  const asset = bytes.find(({ role }) => role === 'asset');
  const sizeFits = file.sizeBytes === null || file.sizeBytes === asset?.sizeBytes;
  return sizeFits && (file.checksumSha256 === null || file.checksumSha256 === asset?.sha256);
}

type UnitBytes = { kind: 'whole'; all: readonly WholeBytes[] } | { kind: 'lost'; why: string };

async function bytesOfUnit(
  { engine }: PlanningStage,
  { unit, declared }: { unit: PreparedUnit; declared: DeclaredAsset },
): Promise<UnitBytes> {
  const { sourceId, preparedBy: runId, sourceFingerprint: sha256 } = unit;
  const received = declared.sidecars.length === 0 ? [] : await sidecarsReceived(engine, { runId, sourceId });
  const missing = declared.sidecars.find(({ role }) => !received.some((entry) => entry.role === role));
  if (missing !== undefined)
    return { kind: 'lost', why: `its ${missing.role} was never received: only its source can bring it` };
  const all: WholeBytes[] = [];
  for (const wanted of [{ role: 'asset', sha256 }, ...received]) {
    const found = await storedBytes(engine, wanted);
    if (found.state !== 'whole') {
      const what = `${found.role} ${sha256.slice(0, 12)}… is ${found.state} in the store`;
      return { kind: 'lost', why: `${what}: only its source can mend it (tidemark rerun)` };
    }
    all.push(found);
  }
  return { kind: 'whole', all };
}

function admittedBytes(declared: DeclaredAsset, bytes: readonly WholeBytes[]): AdmittedBytes {
  const files = [declared.file, ...declared.sidecars];
  const landed = bytes.flatMap(({ role, sha256, sizeBytes, mediaType, zone }) => {
    const file = files.find((entry) => entry.role === role);
    if (file === undefined) return [];
    return [{ kind: 'landed' as const, declared: file, sha256, sizeBytes, mediaType, copy: null, zone }];
  });
  const [asset, ...sidecars] = landed;
  if (asset === undefined) throw new RangeError('a unit has the bytes of its asset');
  return { asset, sidecars };
}

function outcomesThatDiffer(
  unit: PreparedUnit,
  rehearsal: Extract<Rehearsal, { kind: 'refined' }>,
): string[] {
  const outcomes = ['read', 'accepted', 'duplicate', 'out_of_window', 'rejected'] as const;
  return outcomes.flatMap((name) => {
    const [before, after] = [unit.digests[name], rehearsal.digests[name]];
    if (digestsEqual(before, after)) return [];
    const same = before.count === after.count ? ' (other records)' : '';
    return [`${name} ${before.count} → ${after.count}${same}`];
  });
}

function neverStored(declared: DeclaredAsset): PlannedSource {
  const why = 'nothing of it was ever stored: only its source can bring it (tidemark rerun)';
  return { ...plannedOf(declared), action: 'impossible', why };
}

/** A source of a plan before anything is known of it. */
export function plannedOf(declared: DeclaredAsset): Omit<PlannedSource, 'action' | 'why'> {
  return {
    sourceId: declared.file.sourceId,
    declaredPath: declared.file.declaredPath,
    bytes: [],
    window: declared.window,
    verifyDeclared: false,
    replaces: [],
    stands: null,
    before: null,
    after: null,
    changes: null,
  };
}
