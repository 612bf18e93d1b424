import { findObject, hasReceipt } from '../catalog/objects.ts';
import { readSource } from '../landing/land-file.ts';
import type { Reading } from '../landing/reading.ts';
import { QUARANTINE_TABLE } from '../model/table-names.ts';
import type { DeclaredAsset } from '../run/declared-asset.ts';
import type { Engine } from '../run/engine.ts';
import { readRows } from '../run/read-rows.ts';
import { type Remote, receiveRemote } from '../run/receive-remote.ts';
import { partsOf } from '../run/split-assets.ts';
import { type Surveyed, surveyDeclared } from '../run/survey-declared.ts';
import type { Split } from '../source/split.ts';
import type { Unreachable } from '../source/unreachable.ts';
import type { BatchAtHand, CommittedUnitOf } from './batch-at-hand.ts';
import { splitsAtHand } from './batch-splits.ts';
import { damageOf } from './damaged-files.ts';
import { damageKey, foundDamage } from './found-damage.ts';
import type { PlanningStage } from './planning-stage.ts';
import type { PlannedSource } from './recovery-plan.ts';
import { plannedOf } from './recovery-plan.ts';
import { bytesBehind } from './stored-bytes.ts';

/**
 * What reading a batch's sources again would come to. Every source is read for its sum: unchanged ones stay as they are
 * (or are written again where what is stored of them is damaged), changed ones replace what they brought before.
 */
export async function rerunSources(stage: PlanningStage, batch: BatchAtHand): Promise<PlannedSource[]> {
  const sources: PlannedSource[] = [];
  const { manifest } = batch.declared;
  for (const asset of batch.assets) {
    const { parts } = await partsOf(stage.engine, { manifest, declared: asset, isFixed: batch.backfilled });
    // One that is read from a cursor is another declaration of the same one part.
    const many = parts.length !== 1 || parts[0]?.file.split !== '';
    for (const { declared, own } of splitsAtHand(batch, { declared: asset, there: many ? parts : [] })) {
      // What was decided of the folder while it held no file says nothing of its files.
      if (parts.length > 0 && many && declared.file.split === '') continue;
      const units = own.filter(({ unit }) => unit.table !== QUARANTINE_TABLE);
      const decisions = own.filter(({ unit }) => unit.table === QUARANTINE_TABLE);
      const { split } = declared.file;
      const gone = many && !parts.some(({ file }) => file.split === split);
      const latest = units.at(-1);
      if (gone && latest !== undefined) sources.push(stays(declared, latest));
      else sources.push(await rerunSource(stage, { declared, units, decisions }));
    }
  }
  return sources;
}

/** A file that is gone from its folder takes nothing out of a table. */
function stays(declared: DeclaredAsset, { unit, committedBy }: CommittedUnitOf): PlannedSource {
  const stands = { unitKey: unit.unitKey, committedBy };
  const why = 'no longer in its folder: what it brought stays';
  return { ...plannedOf(declared), stands, before: unit.tally, after: unit.tally, action: 'keep', why };
}

async function rerunSource(
  stage: PlanningStage,
  {
    declared,
    units,
    decisions,
  }: {
    declared: DeclaredAsset;
    units: readonly CommittedUnitOf[];
    decisions: readonly CommittedUnitOf[];
  },
): Promise<PlannedSource> {
  const base = { ...plannedOf(declared), verifyDeclared: true };
  const { engine } = stage;
  const { judgement } = declared.admission;
  if (judgement === 'quarantine' || judgement === 'reject' || declared.contract === null) {
    const broken = await brokenBytes(stage, decisions.at(-1)?.unit);
    if (broken === null) return { ...base, action: 'stay', why: 'the gate does not admit it' };
    const why = `the gate does not admit it; its ${broken}: it is received again`;
    return { ...base, action: 'read', why };
  }
  const { declaredPath } = declared.file;
  const survey = await surveyDeclared(engine, declared.file);
  if (survey.kind === 'unreachable')
    return { ...base, action: 'impossible', why: `${survey.message} ${survey.next}` };
  if (survey.kind === 'many')
    return { ...base, action: 'impossible', why: `${declaredPath} holds none of the files that it means` };
  const reading = await sumOf(engine, { declared, survey });
  if (reading.kind !== 'read') {
    const why = reading.kind === 'unreadable' ? reading.reason : 'it changed meanwhile';
    return { ...base, action: 'impossible', why: `${declaredPath} cannot be read whole: ${why}` };
  }
  const { sha256 } = reading.bytes;
  const declaredSum = declared.file.checksumSha256;
  if (declaredSum !== null && declaredSum !== sha256) {
    const why = `its SHA-256 is ${sha256}, the manifest declares ${declaredSum}: mend the one that is wrong`;
    return { ...base, action: 'impossible', why };
  }
  const { hash } = declared.contract;
  const same = units.find(
    ({ unit }) =>
      unit.sourceFingerprint === sha256 && unit.contractHash === hash && sameWindow(unit, declared),
  );
  if (same === undefined) {
    const replaced = [...units, ...decisions].map(({ unit }) => unit.unitKey);
    const read = units.reduce((sum, { unit }) => sum + unit.tally.read, 0);
    const why =
      units.length === 0
        ? 'nothing of it is committed'
        : units.some(({ unit }) => unit.sourceFingerprint === sha256)
          ? 'the same bytes, under another contract or window'
          : `its content is another by now (${sha256.slice(0, 12)}…): it replaces ${units.length} committed units of ${read} records`;
    const before = units.length === 1 ? (units[0]?.unit.tally ?? null) : null;
    return { ...base, replaces: replaced, before, action: units.length === 0 ? 'read' : 'replace', why };
  }
  return await sameContent(stage, { base, same });
}

/** Reads a source for its sum alone. */
async function sumOf(
  engine: Engine,
  {
    declared,
    survey,
  }: { declared: DeclaredAsset; survey: Exclude<Surveyed, Unreachable | { kind: 'many' }> },
): Promise<Reading> {
  return survey.kind === 'one'
    ? await sumOfFile(engine, { declared, split: survey.split })
    : await sumOfRemote(engine, { declared, survey });
}

async function sumOfFile(
  engine: Engine,
  { declared, split }: { declared: DeclaredAsset; split: Split },
): Promise<Reading> {
  const { signal, limits } = engine;
  const { path, table } = split;
  if (table === null)
    return await readSource({ source: path, copyTo: null, chunkBytes: limits.chunkBytes, signal });
  const { reading } = await readRows(engine, {
    split: { ...split, table },
    wanted: declared.file.interval ?? null,
    copyTo: null,
    signal,
    onBytes: () => undefined,
    onFailedAttempt: () => undefined,
  });
  return reading;
}

/** From its beginning, as the rerun itself would read it. */
async function sumOfRemote(
  engine: Engine,
  { declared, survey }: { declared: DeclaredAsset; survey: Remote },
): Promise<Reading> {
  const read = await receiveRemote(engine, {
    survey,
    declared: declared.file,
    known: null,
    goesOn: false,
    movesProgress: false,
    copyTo: null,
    signal: engine.signal,
    onBytes: () => undefined,
    onFailedAttempt: () => undefined,
  });
  if (read.kind === 'read') return { kind: 'read', bytes: { ...read.bytes, stat: null } };
  const reason = read.kind === 'unreachable' ? read.message : 'nothing was sent';
  return { kind: 'unreadable', reason, errno: undefined };
}

/** Unchanged at the source: whether what is stored of it is whole decides. */
async function sameContent(
  stage: PlanningStage,
  { base, same }: { base: Omit<PlannedSource, 'action' | 'why'>; same: CommittedUnitOf },
): Promise<PlannedSource> {
  const { unit, committedBy } = same;
  const planned = { ...base, before: unit.tally, after: unit.tally };
  const found = await foundDamage(stage.engine.catalog, {
    manifestId: stage.manifest.manifest_id,
    batchId: stage.batchId,
  });
  const damage = found.get(damageKey(unit)) ?? (await damageOf(unit, stage.openEngine));
  if (damage !== null) return { ...planned, replaces: [unit.unitKey], action: 'restore', why: damage };
  const broken = await brokenBytes(stage, unit);
  if (broken !== null) return { ...planned, action: 'read', why: `its ${broken}: it is received again` };
  const stands = { unitKey: unit.unitKey, committedBy };
  return { ...planned, stands, action: 'keep', why: `unchanged at the source since run ${committedBy}` };
}

/** What is wrong with the stored bytes of a unit, its sidecars' among them, or with what is recorded of their delivery. */
async function brokenBytes(
  { engine }: PlanningStage,
  unit: CommittedUnitOf['unit'] | undefined,
): Promise<string | null> {
  if (unit === undefined) return null;
  // A held source that could not be read has nothing in the store.
  const known = await findObject(engine.catalog, unit.sourceFingerprint);
  if (known === null && unit.table === QUARANTINE_TABLE) return null;
  const broken = (await bytesBehind(engine, unit)).find(({ state }) => state !== 'whole');
  if (broken === undefined)
    return (await hasReceipt(engine.catalog, unit.sourceFingerprint)) ? null : 'raw object has no receipt';
  return `${broken.role === 'asset' ? 'raw object' : `${broken.role} in raw`} is ${broken.state}`;
}

function sameWindow(unit: CommittedUnitOf['unit'], declared: DeclaredAsset): boolean {
  return unit.window === declared.windowKey;
}
