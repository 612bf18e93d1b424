import { decodeUnit } from '../bronze/prepared-unit.ts';
import { preparedSince, splitsReceivedSince } from '../catalog/unit-attempts.ts';
import { compareText } from '../model/compare-text.ts';
import { type DeclaredAsset, splitOf } from '../run/declared-asset.ts';
import { partsOf } from '../run/split-assets.ts';
import type { BatchAtHand } from './batch-at-hand.ts';
import type { PlanningStage } from './planning-stage.ts';
import type { PlannedSource } from './recovery-plan.ts';
import { plannedOf } from './recovery-plan.ts';
import { sidecarsReceived, storedBytes } from './stored-bytes.ts';

/** What is left of an unfinished run: what it committed, prepared or received is used, the rest is read from its source. */
export async function retrySources(stage: PlanningStage, batch: BatchAtHand): Promise<PlannedSource[]> {
  const sources: PlannedSource[] = [];
  const { manifest } = batch.declared;
  for (const asset of batch.assets) {
    const { parts } = await partsOf(stage.engine, { manifest, declared: asset, isFixed: batch.backfilled });
    const gone = await preparedAndGone(stage, { asset, batch, parts });
    // A folder that has none of its files any more is no source by itself.
    const there = gone.length > 0 ? parts.filter(({ file }) => file.split !== '') : parts;
    const planned = [...gone];
    for (const declared of there) planned.push(await retrySource(stage, { declared, batch }));
    sources.push(...planned.sort((a, b) => compareText(a.split ?? '', b.split ?? '')));
  }
  return sources;
}

/** Files that were prepared, and that are in their folder no more: what was received of them is kept. */
async function preparedAndGone(
  stage: PlanningStage,
  { asset, batch, parts }: { asset: DeclaredAsset; batch: BatchAtHand; parts: readonly DeclaredAsset[] },
): Promise<PlannedSource[]> {
  const { sourceId } = asset.file;
  const { lastRun } = batch;
  if (lastRun === null) return [];
  const there = new Set(parts.map(({ file }) => file.split));
  const received = await splitsReceivedSince(stage.engine.catalog, { runId: lastRun.runId, sourceId });
  const planned: PlannedSource[] = [];
  for (const split of received.filter((name) => !there.has(name))) {
    const source = await retrySource(stage, { declared: splitOf(asset, { name: split }), batch });
    if (source.action === 'reuse') planned.push(source);
  }
  return planned;
}

async function retrySource(
  { engine }: PlanningStage,
  { declared, batch }: { declared: DeclaredAsset; batch: BatchAtHand },
): Promise<PlannedSource> {
  const { sourceId, split, checksumSha256 } = declared.file;
  const base = { ...plannedOf(declared), verifyDeclared: true };
  const manifestId = batch.declared.manifest.manifest_id;
  const { batchId, lastRun } = batch;
  const prepared =
    lastRun === null
      ? null
      : await preparedSince(engine.catalog, { runId: lastRun.runId, manifestId, batchId, sourceId, split });
  const unit = prepared === null ? null : decodeUnit(prepared);
  if (unit === null) {
    return { ...base, action: 'read', why: 'not finished by the run that stopped: read from its source' };
  }
  const outdated = checksumSha256 !== null && checksumSha256 !== unit.sourceFingerprint;
  if (outdated) return { ...base, action: 'read', why: 'the manifest declares other content by now' };
  const { preparedBy: runId, sourceFingerprint: sha256 } = unit;
  const sidecars = declared.sidecars.length === 0 ? [] : await sidecarsReceived(engine, { runId, sourceId });
  const bytes = [{ role: 'asset', sha256 }, ...sidecars];
  for (const wanted of bytes) {
    const { state } = await storedBytes(engine, wanted);
    if (state !== 'whole')
      return { ...base, action: 'read', why: `its ${wanted.role} is ${state} in the store` };
  }
  const why = `prepared by run ${unit.preparedBy}: its source is not read again`;
  // Of a source that sorts the interval is the one that was read then, wherever the cursor stands by now.
  const window = declared.file.interval ? (unit.recordWindow ?? base.window) : base.window;
  return { ...base, window, bytes, after: unit.tally, action: 'reuse', why };
}
