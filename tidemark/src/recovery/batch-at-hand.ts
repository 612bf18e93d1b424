import { hash } from 'node:crypto';
import { join, relative } from 'node:path';
import { decodeUnit, type PreparedUnit } from '../bronze/prepared-unit.ts';
import { findBatch } from '../catalog/batches.ts';
import type { CatalogReader } from '../catalog/catalog.ts';
import { backfillThatMade } from '../catalog/plans.ts';
import { latestRunOfBatch, type RunRow } from '../catalog/runs.ts';
import { unitsOfBatch } from '../catalog/units.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';
import { judgeAssets } from '../gate/judge-assets.ts';
import { readBounded } from '../manifest/read-bounded.ts';
import { scanManifests } from '../manifest/scan-manifests.ts';
import type { DeclaredManifest, SourceManifest } from '../manifest/source-manifest.ts';
import { type DeclaredAsset, declareAssets, inWindow } from '../run/declared-asset.ts';
import type { Engine } from '../run/engine.ts';
import type { RecoveryPlan } from './recovery-plan.ts';

/** Which batch is meant. */
export interface BatchTarget {
  readonly manifestId: string;
  readonly batchId: string;
}

export interface CommittedUnitOf {
  readonly unit: PreparedUnit;
  readonly committedBy: string;
  readonly committedAt: string;
}

/** A batch with all that a recovery needs to know of it. */
export interface BatchAtHand {
  readonly declared: DeclaredManifest;
  readonly batchId: string;
  readonly assets: readonly DeclaredAsset[];
  /** Committed ones, decisions of the quarantine table among them, in the order in which they came in. */
  readonly units: readonly CommittedUnitOf[];
  readonly lastRun: RunRow | null;
  /** Whether a backfill made it: its assets are those that it took, in its interval, and none of its runs moves progress. */
  readonly backfilled: boolean;
}

/**
 * The manifest is the file as it is now where that still declares this batch, so that what was repaired in it counts;
 * else the declaration that the batch's last run recorded.
 * @throws ConfigurationError not_found, manifest_refused
 */
export async function batchAtHand(engine: Engine, target: BatchTarget): Promise<BatchAtHand> {
  const { catalog, contracts } = engine;
  if ((await findBatch(catalog, target)) === null) {
    throw new ConfigurationError({
      code: ERROR_CODES.not_found,
      message: `No run was ever of batch ${target.batchId} of ${target.manifestId}.`,
      next: 'tidemark status',
    });
  }
  const lastRun = await latestRunOfBatch(catalog, target);
  const declared = await manifestOf(engine, { ...target, lastRun });
  const { manifest } = declared;
  const admissions = judgeAssets({
    manifest,
    contractAvailable: (ref) => contracts.get(ref).kind === 'contract',
  });
  const units = await unitsOfBatch(catalog, target);
  const assets = declareAssets({ manifest, admissions, contracts, settings: engine.manifestSettings });
  const backfill = await backfillThatMade(catalog, target);
  return {
    declared,
    batchId: target.batchId,
    assets: backfill === null ? assets : assetsOfBackfill(assets, backfill.body),
    units: units.map(({ prepared, ...committed }) => ({ unit: decodeUnit(prepared), ...committed })),
    lastRun,
    backfilled: backfill !== null,
  };
}

/** What was declared as the backfill took it: whatever verb is of its batch afterwards is of the same interval. */
function assetsOfBackfill(assets: readonly DeclaredAsset[], body: string | null): DeclaredAsset[] {
  const sources = body === null ? [] : (JSON.parse(body) as RecoveryPlan).sources;
  const windows = new Map(sources.map(({ sourceId, window }) => [sourceId, window]));
  return assets.flatMap((asset) => {
    const window = windows.get(asset.file.sourceId);
    return window === undefined ? [] : [inWindow(asset, window)];
  });
}

async function manifestOf(
  engine: Engine,
  { manifestId, batchId, lastRun }: BatchTarget & { lastRun: RunRow | null },
): Promise<DeclaredManifest> {
  const recorded = await recordedManifest(engine.catalog, { manifestId, contentHash: lastRun?.manifestHash });
  const path = join(engine.root, recorded.path);
  // The very bytes that a run took in were judged by it: they are not judged again to tell of it.
  const file = await readBounded(path, engine.limits.declarationBytesMax);
  if (file.kind === 'bytes' && hash('sha256', file.bytes) === recorded.contentHash)
    return { ...recorded, path: relative(engine.root, path) };
  const [reading] = await scanManifests({
    manifestDirs: [],
    manifestPaths: [path],
    limits: engine.limits,
  }).catch(() => []);
  // A batch id that was given by hand is the batch's whatever the file declares.
  const overridden = recorded.manifest.batch_id !== batchId;
  if (reading?.kind === 'declared') {
    const { manifest } = reading.declared;
    const same = manifest.manifest_id === manifestId && (overridden || manifest.batch_id === batchId);
    if (same) return { ...reading.declared, path: relative(engine.root, path) };
  }
  if (reading?.kind === 'refused' && reading.problems.length > 0 && lastRun?.state !== 'committed') {
    throw new ConfigurationError({
      code: ERROR_CODES.manifest_refused,
      message: `${recorded.path} is refused as it is now: ${reading.problems[0]?.message}`,
      next: `tidemark check --manifest-path ${recorded.path}`,
    });
  }
  return recorded;
}

async function recordedManifest(
  catalog: CatalogReader,
  { manifestId, contentHash }: { manifestId: string; contentHash: string | undefined },
): Promise<DeclaredManifest> {
  let query = catalog.selectFrom('manifests').selectAll().where('manifest_id', '=', manifestId);
  if (contentHash !== undefined) query = query.where('content_hash', '=', contentHash);
  const row = await query.orderBy('first_seen_at', 'desc').limit(1).executeTakeFirstOrThrow();
  return {
    path: row.path,
    contentHash: row.content_hash,
    manifest: JSON.parse(row.body) as SourceManifest,
  };
}
