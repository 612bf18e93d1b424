import { findObject, rememberedSum } from '../catalog/objects.ts';
import { findCommittedUnit } from '../catalog/units.ts';
import { hasObject } from '../landing/store-object.ts';
import { isRacy } from '../source/file/is-racy.ts';
import { locateSource } from '../source/file/locate-source.ts';
import type { DeclaredAsset } from './declared-asset.ts';
import type { Engine } from './engine.ts';
import { isReadFromSource } from './land-ahead.ts';
import type { DeclaredFile } from './landed-source.ts';
import type { RunContext } from './run-context.ts';
import { replacesUnit, type Settled } from './run-purpose.ts';
import { unitKeyOf } from './unit-identity.ts';

/** As the outcome, and so the evidence, says it. */
export const TRUSTED = 'trusted by size, time and inode, not read';

/**
 * The sources of a run that are taken at their word (`--trust-mtime`): committed before, and every file of theirs has
 * the path, size, time of modification and inode with which it was read then. What was changed and given its old time
 * back is not seen; that is the risk of whoever asks for it.
 */
export async function trustedSources(run: RunContext): Promise<Map<DeclaredAsset, Settled>> {
  const trusted = new Map<DeclaredAsset, Settled>();
  for (const asset of run.parts.filter((one) => isReadFromSource(run, one))) {
    const settled = await trust(run.engine, asset);
    if (settled !== null && !replacesUnit(run.purpose, settled.unitKey)) trusted.set(asset, settled);
  }
  return trusted;
}

/** Null for what has to be read. */
export async function trust(engine: Engine, asset: DeclaredAsset): Promise<Settled | null> {
  const { admission, contract, file } = asset;
  if (contract === null || admission.judgement === 'quarantine' || admission.judgement === 'reject')
    return null;
  const own = await trustedFile(engine, file);
  if (own === null) return null;
  const sidecars = [];
  for (const sidecar of asset.sidecars) {
    const found = await trustedFile(engine, sidecar);
    if (found === null) return null;
    sidecars.push({ role: sidecar.role, sha256: found.sha256 });
  }
  const unitKey = unitKeyOf({ declared: asset, contract, sourceFingerprint: own.sha256, sidecars });
  const committed = await findCommittedUnit(engine.catalog, unitKey);
  if (committed === null) return null;
  const { committedBy } = committed;
  return {
    unitKey,
    committedBy,
    note: `${TRUSTED}; already committed by run ${committedBy}`,
    reused: 'remembered_sum',
    sourceFingerprint: own.sha256,
    sizeBytes: own.sizeBytes,
    mediaType: own.mediaType,
  };
}

/** What is stored of a file that is as it was when it was read, and as its manifest declares it. */
async function trustedFile(engine: Engine, { declaredPath, sizeBytes, checksumSha256 }: DeclaredFile) {
  const location = await locateSource({ root: engine.root, declared: declaredPath });
  if (location.kind !== 'file') return null;
  const { path, stat } = location;
  const remembered = await rememberedSum(engine.catalog, { path, stat });
  if (remembered === null || remembered.readAt === null) return null;
  const { sha256, readAt } = remembered;
  if (isRacy({ mtimeNs: stat.mtimeNs, readAt })) return null;
  if ((sizeBytes ?? stat.sizeBytes) !== stat.sizeBytes || (checksumSha256 ?? sha256) !== sha256) return null;
  const object = await findObject(engine.catalog, sha256);
  const stored = object !== null && {
    path: engine.home.objectPath(object.zone, sha256),
    sizeBytes: object.sizeBytes,
  };
  return stored && (await hasObject(stored)) ? object : null;
}
