import { committedState } from '../catalog/objects.ts';
import { findCursor } from '../catalog/progress.ts';
import { type CommittedUnit, findCommittedContent, findCommittedUnit } from '../catalog/units.ts';
import type { Contract } from '../contract/contract.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import type { AssetResult, Finding } from '../evidence/asset-result.ts';
import { isAhead } from '../progress/advance.ts';
import { sorts } from '../source/sorts.ts';
import { gapsOf } from './behind-cursor.ts';
import { discardPrepared } from './clear-leftovers.ts';
import type { DeclaredAsset } from './declared-asset.ts';
import { keepLanded } from './keep-landed.ts';
import type { TakingRun } from './land-ahead.ts';
import type { DeclaredFile, LandedSource, Landing } from './landed-source.ts';
import { prepareDecision } from './prepare-decision.ts';
import { prepareUnit } from './prepare-unit.ts';
import { recallSource } from './recall-source.ts';
import { resultOf } from './result-of.ts';
import type { AdmittedBytes, AssetWork } from './run-context.ts';
import { recalledOf, replacesUnit } from './run-purpose.ts';
import { unitKeyOf } from './unit-identity.ts';

/**
 * Takes one declared asset as far as it goes before the commit: admitted, landed, verified, refined, prepared; or a
 * decision (held, refused) with its bytes kept in quarantine; or a failure, which blocks the batch.
 * `earlier` are the assets before it in the manifest: their records are the keepers of its duplicates.
 */
export async function takeAsset(
  run: TakingRun,
  { declared, earlier }: { declared: DeclaredAsset; earlier: readonly AssetWork[] },
): Promise<AssetWork> {
  const settled = run.purpose.settled.get(declared);
  if (settled !== undefined) {
    const result = resultOf(declared, { outcome: 'already_committed', ...settled });
    return { declared, result, unit: null, landed: null };
  }
  // Everything that it ever brought is gone from where it came, and stays in the table.
  if (run.emptied.has(declared)) {
    const result = resultOf(declared, { outcome: 'already_committed' });
    return { declared, result, unit: null, landed: null };
  }
  const { judgement } = declared.admission;
  if (judgement === 'quarantine') return await decide(run, { declared, disposition: 'held', findings: [] });
  if (judgement === 'reject') return await decide(run, { declared, disposition: 'refused', findings: [] });
  const { contract } = declared;
  if (contract === null) {
    const finding = {
      rule: 'contract_unavailable',
      message: `${ERROR_CODES.contract_unavailable} ${declared.admission.contractRef} cannot be loaded, so nothing can be refined by it.`,
      expected: 'a loadable contract',
      received: declared.admission.contractRef,
    };
    return await decide(run, { declared, disposition: 'refused', findings: [finding] });
  }
  const asset = await acquire(run, declared, declared.file);
  if (asset.kind !== 'landed') return await turnedAway(run, { declared, landing: asset });
  const sidecars: LandedSource[] = [];
  for (const sidecar of declared.sidecars) {
    const landing = await acquire(run, declared, sidecar);
    if (landing.kind !== 'landed') return await turnedAway(run, { declared, landing, assetBytes: asset });
    sidecars.push(landing);
  }
  for (const landed of [asset, ...sidecars])
    await keepLanded(run.engine, { runId: run.runId, landed, zone: 'raw' });
  const bytes = { asset, sidecars };
  const key = unitKeyOf({
    declared,
    contract,
    sourceFingerprint: asset.sha256,
    sidecars: sidecars.map((sidecar) => ({ role: sidecar.declared.role, sha256: sidecar.sha256 })),
  });
  const work =
    (await alreadyCommitted(run, { declared, contract, bytes, key })) ??
    (await nothingNew(run, await prepareUnit(run, { declared, contract, bytes, key, earlier })));
  if (run.purpose.verb !== 'run') return work;
  const gaps = await gapsOf(run, { declared, interval: asset.interval ?? null });
  return { ...work, result: { ...remarked(work.result, asset.interval?.remark), ...gaps } };
}

/** With what a person should know of how far a source was read. */
function remarked(result: AssetResult, remark: string | undefined): AssetResult {
  if (remark === undefined) return result;
  return { ...result, note: [result.note, remark].filter((part) => part != null).join('; ') };
}

/**
 * A source that sorts is read again from its cursor, closed: an unchanged one brings the records at the boundary and those
 * within the lookback once more. Nothing of them is new, so nothing is committed, and the account says what was read.
 */
async function nothingNew(run: TakingRun, work: AssetWork): Promise<AssetWork> {
  const { unit, declared, landed } = work;
  const { window } = declared;
  if (unit === null || landed === null || window === null || !(await readsOn(run, landed.asset))) return work;
  if (run.purpose.verb !== 'run' || unit.tally.read !== unit.tally.duplicate) return work;
  const { catalog } = run.engine;
  const { table, sourceId } = unit;
  const stored = await findCursor(catalog, { table, sourceId, field: window.field });
  if (stored === null || (unit.cursor !== null && isAhead(unit.cursor.value, stored.value))) return work;
  await discardPrepared(run.engine, unit);
  const read = `${unit.tally.read} ${unit.tally.read === 1 ? 'record' : 'records'}`;
  const result = resultOf(declared, {
    outcome: 'already_committed',
    bytes: landed.asset,
    note: `${read} read again at the boundary, all of them in the table; nothing new`,
  });
  return { declared, result, unit: null, landed };
}

/** Whether its next reading begins where this one began: a table by its cursor, a tap by its state. */
async function readsOn(
  { engine, manifest }: TakingRun,
  { declared, stateAfter = null }: LandedSource,
): Promise<boolean> {
  const { sourceId, declaredPath } = declared;
  if (sorts(declaredPath)) return true;
  if (stateAfter === null) return false;
  const of = { manifestId: manifest.manifest_id, sourceId, declaredPath };
  return (await committedState(engine.catalog, of)) === stateAfter;
}

/** From the source, or from what is stored of it. */
async function acquire(run: TakingRun, asset: DeclaredAsset, declared: DeclaredFile): Promise<Landing> {
  const recalled = recalledOf(run.purpose, asset);
  return recalled === null ? await run.ahead.land(declared) : await recallSource(run, declared, recalled);
}

/** A source that could not be landed as declared: a decision if that is final, else a failure. */
async function turnedAway(
  run: TakingRun,
  {
    declared,
    landing,
    assetBytes,
  }: { declared: DeclaredAsset; landing: Exclude<Landing, LandedSource>; assetBytes?: LandedSource },
): Promise<AssetWork> {
  if (landing.kind === 'unavailable') {
    const result = resultOf(declared, { outcome: 'failed', findings: [landing.finding], next: landing.next });
    return { declared, result, unit: null, landed: null };
  }
  const findings = landing.kind === 'mismatch' ? landing.findings : [landing.finding];
  const ofAsset =
    landing.kind === 'mismatch' && landing.landed.declared.role === 'asset' ? landing.landed : assetBytes;
  return await decide(run, {
    declared,
    disposition: 'refused',
    findings,
    ...(ofAsset && { bytes: ofAsset }),
  });
}

const NEVER_READ: ReadonlySet<string> = new Set(['source_outside_root', 'source_refused']);

/** Holds or refuses an asset; readable bytes are kept under `quarantine/` so that they can be re-admitted. */
async function decide(
  run: TakingRun,
  options: {
    declared: DeclaredAsset;
    disposition: 'held' | 'refused';
    findings: readonly Finding[];
    bytes?: LandedSource;
  },
): Promise<AssetWork> {
  const { declared, disposition } = options;
  let bytes = options.bytes ?? null;
  let findings = options.findings;
  if (bytes === null && !findings.some(({ rule }) => NEVER_READ.has(rule))) {
    const landing = await acquire(run, declared, declared.file);
    if (landing.kind === 'landed') bytes = landing;
    else if (landing.kind === 'mismatch') bytes = landing.landed;
    if (landing.kind === 'mismatch') findings = [...findings, ...landing.findings];
    else if (landing.kind !== 'landed') findings = [...findings, landing.finding];
  }
  if (bytes !== null) {
    // With its sidecars: what is admitted later must be whole without its source.
    for (const landed of [bytes, ...(await readableSidecars(run, declared))])
      await keepLanded(run.engine, { runId: run.runId, landed, zone: 'quarantine' });
  }
  return await prepareDecision(run, { declared, disposition, findings, bytes });
}

async function readableSidecars(run: TakingRun, declared: DeclaredAsset): Promise<LandedSource[]> {
  const landings = [];
  for (const sidecar of declared.sidecars) landings.push(await acquire(run, declared, sidecar));
  return landings.filter((landing) => landing.kind === 'landed');
}

async function alreadyCommitted(
  run: TakingRun,
  {
    declared,
    contract,
    bytes,
    key,
  }: { declared: DeclaredAsset; contract: Contract; bytes: AdmittedBytes; key: string },
): Promise<AssetWork | null> {
  const { catalog } = run.engine;
  const same = await findCommittedUnit(catalog, key);
  // The same bytes under an older contract are never judged anew by a plain run. With sidecars the key alone decides:
  // a corrected transcript is new work on old bytes.
  const older =
    same === null && declared.sidecars.length === 0
      ? await findCommittedContent(catalog, {
          tableName: contract.traits.table,
          sourceId: declared.file.sourceId,
          split: declared.file.split,
          sourceFingerprint: bytes.asset.sha256,
          window: declared.windowKey,
        })
      : null;
  const committed = same ?? older;
  if (committed === null || replacesUnit(run.purpose, committed.unitKey)) return null;
  const result = resultOf(declared, {
    outcome: 'already_committed',
    bytes: bytes.asset,
    unitKey: committed.unitKey,
    committedBy: committed.committedBy,
    note:
      same !== null
        ? `${bytes.asset.unsent ? 'unchanged by the word of its server, which sent nothing; ' : ''}already committed by run ${committed.committedBy}`
        : `already committed by run ${committed.committedBy} ${otherwiseThanNow(committed, contract)}`,
  });
  return { declared, result, unit: null, landed: bytes };
}

/** Why content that is committed has another key by now, and who judges it by that. */
function otherwiseThanNow({ contractHash, committedBy }: CommittedUnit, { hash }: Contract): string {
  return contractHash === hash
    ? `under another declared format (formats in tidemark.yaml) or engine version; a plain run does not judge it anew (tidemark replay ${committedBy} does)`
    : `under an older contract or engine version; a plain run does not judge it anew (tidemark recover ${committedBy} does)`;
}
