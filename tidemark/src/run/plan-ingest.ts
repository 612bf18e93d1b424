import { findBatch } from '../catalog/batches.ts';
import { rememberedSum } from '../catalog/objects.ts';
import { findCommittedContent, findCommittedUnit } from '../catalog/units.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import type { AdmissionReason } from '../gate/admission.ts';
import { readSource } from '../landing/land-file.ts';
import type { Judgement, SourceManifest } from '../manifest/source-manifest.ts';
import { isFinal } from './conclude-landing.ts';
import type { DeclaredAsset } from './declared-asset.ts';
import type { Engine } from './engine.ts';
import { knownObject } from './known-object.ts';
import type { DeclaredFile } from './landed-source.ts';
import { whyNotRun } from './runnable-mode.ts';
import { partsOf } from './split-assets.ts';
import { folderInPlaceOfFile, type Surveyed, surveyDeclared } from './survey-declared.ts';
import { TRUSTED, trust } from './trust-source.ts';
import { unitKey } from './unit-identity.ts';

/** What `run` would do with an asset, found without touching anything. */
export interface PlannedAsset {
  readonly sourceId: string;
  readonly declaredPath: string;
  readonly assetType: string;
  readonly contractRef: string;
  readonly table: string | null;
  readonly judgement: Judgement;
  readonly reasons: readonly AdmissionReason[];
  /**
   * `ingest`: goes in. `skip`: committed already. `hold`: kept in quarantine. `refuse`: mend it first. `unknown`: goes
   * in unless its content is committed already, which only its sum could tell (`--hash`). `fail`: not to be read now.
   */
  readonly action: 'ingest' | 'skip' | 'hold' | 'refuse' | 'unknown' | 'fail';
  readonly why: string;
  readonly sizeBytes: number | null;
  readonly sourceFingerprint: string | null;
  readonly fingerprintFrom: 'declared' | 'remembered' | 'hashed' | null;
  /** Of a source of many; absent for a source that is one. */
  readonly splits?: readonly Pick<
    PlannedSplit,
    'split' | 'action' | 'why' | 'sizeBytes' | 'sourceFingerprint'
  >[];
}

type PlannedSplit = PlannedAsset & { readonly split: string };

export interface IngestPlan {
  readonly manifestId: string;
  readonly manifestPath: string;
  readonly batchId: string;
  readonly loadMode: string;
  readonly modality: string;
  readonly sourceType: string;
  readonly window: string;
  /** Commits of this batch so far. */
  readonly revision: number;
  readonly assets: readonly PlannedAsset[];
}

export async function planIngest(
  engine: Engine,
  request: {
    manifest: SourceManifest;
    path: string;
    batchId: string;
    assets: readonly DeclaredAsset[];
    hash: boolean;
    trustsMtime: boolean;
  },
): Promise<IngestPlan> {
  const { manifest, batchId } = request;
  const batch = await findBatch(engine.catalog, { manifestId: manifest.manifest_id, batchId });
  const assets: PlannedAsset[] = [];
  const { load_mode: loadMode } = manifest;
  const notRun = whyNotRun(loadMode);
  for (const asset of request.assets) assets.push(await planAsset(engine, { ...request, asset, notRun }));
  return {
    manifestId: manifest.manifest_id,
    manifestPath: request.path,
    batchId,
    loadMode: manifest.load_mode,
    modality: manifest.modality,
    sourceType: manifest.source_type,
    window: describeWindow(manifest),
    revision: batch?.revision ?? 0,
    assets,
  };
}

interface PlanOptions {
  readonly asset: DeclaredAsset;
  readonly hash: boolean;
  readonly trustsMtime: boolean;
  /** Why no run takes the manifest in; null where one does. */
  readonly notRun: string | null;
}

async function planAsset(
  engine: Engine,
  { manifest, asset, hash, trustsMtime, notRun }: { manifest: SourceManifest } & PlanOptions,
): Promise<PlannedAsset> {
  const { parts, note } = await partsOf(engine, { manifest, declared: asset });
  const [only] = parts;
  if (parts.length === 1 && only?.file.split === '') {
    const planned = await planPart(engine, { asset: only, hash, trustsMtime, notRun });
    return note === null ? planned : { ...planned, why: `${planned.why}; ${note}` };
  }
  const planned: PlannedSplit[] = [];
  for (const part of parts) {
    const { split } = part.file;
    planned.push({ split, ...(await planPart(engine, { asset: part, hash, trustsMtime, notRun })) });
  }
  return together({ asset, planned, note });
}

/** What decides for a source of many, the first of these that any of its splits is planned for. */
const DECIDES: readonly PlannedAsset['action'][] = ['fail', 'refuse', 'hold', 'ingest', 'unknown', 'skip'];

function together({
  asset: { admission, contract, file },
  planned,
  note,
}: {
  asset: DeclaredAsset;
  planned: readonly PlannedSplit[];
  note: string | null;
}): PlannedAsset {
  const counts = DECIDES.flatMap((action) => {
    const count = planned.filter((split) => split.action === action).length;
    if (count === 0) return [];
    return [action === 'unknown' ? `${count} known only after reading` : `${count} to ${action}`];
  });
  const files = `${planned.length} ${planned.length === 1 ? 'file' : 'files'}`;
  return {
    sourceId: file.sourceId,
    declaredPath: file.declaredPath,
    assetType: admission.asset.asset_type,
    contractRef: admission.contractRef,
    table: contract?.traits.table ?? null,
    judgement: admission.judgement,
    reasons: admission.reasons,
    action: DECIDES.find((action) => planned.some((split) => split.action === action)) ?? 'skip',
    why: [`${files}: ${counts.join(', ') || 'nothing is left in the folder'}`, note]
      .filter(Boolean)
      .join('; '),
    sizeBytes: planned.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0),
    sourceFingerprint: null,
    fingerprintFrom: null,
    splits: planned.map(({ split, action, why, sizeBytes, sourceFingerprint }) => ({
      split,
      action,
      why,
      sizeBytes,
      sourceFingerprint,
    })),
  };
}

async function planPart(
  engine: Engine,
  { asset, hash, trustsMtime, notRun }: PlanOptions,
): Promise<PlannedAsset> {
  const { admission, contract, file } = asset;
  const location = await locationOf(engine, file);
  const common = {
    sourceId: file.sourceId,
    declaredPath: file.declaredPath,
    assetType: admission.asset.asset_type,
    contractRef: admission.contractRef,
    table: contract?.traits.table ?? null,
    judgement: admission.judgement,
    reasons: admission.reasons,
    sizeBytes: location.kind === 'one' ? location.split.stat.sizeBytes : (file.listed?.sizeBytes ?? null),
    sourceFingerprint: file.checksumSha256,
    fingerprintFrom: file.checksumSha256 === null ? null : ('declared' as const),
  };
  if (admission.judgement === 'reject') return { ...common, action: 'refuse', why: 'refused by the gate' };
  if (notRun !== null) {
    return { ...common, action: 'refuse', why: `${ERROR_CODES.load_mode_unsupported} ${notRun}` };
  }
  if (admission.judgement === 'quarantine')
    return { ...common, action: 'hold', why: 'held back by the gate' };
  if (location.kind === 'unreachable') {
    const action = isFinal(location) ? 'refuse' : 'fail';
    return { ...common, action, why: `${location.code} ${location.message}` };
  }
  const split = location.kind === 'one' ? location.split : null;
  if (split !== null && file.sizeBytes !== null && file.sizeBytes !== split.stat.sizeBytes) {
    const why = `it has ${split.stat.sizeBytes} bytes; the manifest declares ${file.sizeBytes}`;
    return { ...common, action: 'refuse', why };
  }
  if (split !== null && split.table !== null)
    return { ...common, sizeBytes: null, action: 'unknown', why: 'a table is known once its rows are read' };
  const known =
    split === null
      ? ((await listedSum(engine, { location, file })) ?? declaredSum(file))
      : await fingerprintOf(engine, { asset, ...split, hash });
  if (known === null || contract === null) {
    const why = file.listed === undefined ? WHY_UNKNOWN[location.kind] : 'new, or changed, by its listing';
    return { ...common, action: 'unknown', why };
  }
  const fingerprint = { sourceFingerprint: known.sha256, fingerprintFrom: known.from };
  if (file.checksumSha256 !== null && known.from !== 'declared' && known.sha256 !== file.checksumSha256) {
    const why = `its SHA-256 is ${known.sha256}; the manifest declares ${file.checksumSha256}`;
    return { ...common, ...fingerprint, action: 'refuse', why };
  }
  const content = {
    tableName: contract.traits.table,
    sourceId: file.sourceId,
    split: file.split,
    sourceFingerprint: known.sha256,
    window: asset.windowKey,
  };
  const committed =
    asset.sidecars.length > 0
      ? await findCommittedContent(engine.catalog, content)
      : ((await findCommittedUnit(engine.catalog, keyWithoutSidecars(asset, known.sha256))) ??
        (await findCommittedContent(engine.catalog, content)));
  if (committed !== null) {
    const older =
      committed.contractHash === contract.hash ? '' : ' under an older contract (replay would judge it anew)';
    const why = `already committed by run ${committed.committedBy}${older}`;
    return {
      ...common,
      ...fingerprint,
      action: 'skip',
      why: trustsMtime && (await trust(engine, asset)) !== null ? `${TRUSTED}; ${why}` : why,
    };
  }
  return { ...common, ...fingerprint, action: 'ingest', why: 'new content' };
}

type Location = Exclude<Surveyed, { kind: 'many' }>;

const WHY_UNKNOWN: Readonly<Record<Exclude<Location['kind'], 'unreachable'>, string>> = {
  one: 'not read yet and no sum is declared; --hash would tell',
  url: 'a URL is known once it is asked for, and no sum is declared',
  object: 'an object is known once it is asked for, and no sum is declared',
  api: 'an API is known once its pages are read',
  relation: 'a table is known once its rows are read',
  module: 'the rows of a module are known once they are read',
  tap: 'a stream is known once its tap has run',
};

async function listedSum(
  engine: Engine,
  { location, file }: { location: Location; file: DeclaredFile },
): Promise<{ sha256: string; from: 'remembered' } | null> {
  const sha256 = location.kind === 'object' ? await knownObject(engine, { ...location, file }) : null;
  return sha256 === null ? null : { sha256, from: 'remembered' };
}

async function locationOf(engine: Engine, file: DeclaredFile): Promise<Location> {
  if (file.unreachable !== undefined) return file.unreachable;
  const survey = await surveyDeclared(engine, file);
  return survey.kind === 'many' ? folderInPlaceOfFile(file, survey) : survey;
}

function keyWithoutSidecars(asset: DeclaredAsset, sha256: string): string {
  return unitKey({
    table: asset.contract?.traits.table ?? '',
    sourceId: asset.file.sourceId,
    split: asset.file.split,
    sourceFingerprint: sha256,
    window: asset.windowKey,
    contractHash: asset.contract?.hash ?? '',
    sidecars: [],
    format: asset.format,
  });
}

async function fingerprintOf(
  engine: Engine,
  {
    asset,
    path,
    stat,
    hash,
  }: { asset: DeclaredAsset; path: string; stat: Parameters<typeof rememberedSum>[1]['stat']; hash: boolean },
): Promise<{ sha256: string; from: 'declared' | 'remembered' | 'hashed' } | null> {
  const remembered = await rememberedSum(engine.catalog, { path, stat });
  if (remembered !== null) return { sha256: remembered.sha256, from: 'remembered' };
  if (hash) {
    const { chunkBytes } = engine.limits;
    const reading = await readSource({ source: path, copyTo: null, chunkBytes, signal: engine.signal });
    return reading.kind === 'read' ? { sha256: reading.bytes.sha256, from: 'hashed' } : null;
  }
  return declaredSum(asset.file);
}

function declaredSum({ checksumSha256 }: DeclaredFile) {
  return checksumSha256 === null ? null : ({ sha256: checksumSha256, from: 'declared' } as const);
}

/** The declared window in one line, for people. */
export function describeWindow(manifest: SourceManifest): string {
  const window = manifest.selection_window;
  if (manifest.load_mode === 'incremental_cursor' && window?.cursor_field) {
    return `${window.cursor_field} from ${window.cursor_start ?? 'the beginning'} to ${window.cursor_end ?? 'the newest'}`;
  }
  if (window?.start_at || window?.end_at) return `${window.start_at ?? '…'} to ${window.end_at ?? '…'}`;
  return 'everything declared';
}
