import type { PreparedUnit } from '../bronze/prepared-unit.ts';
import type { DeclaredAsset } from '../run/declared-asset.ts';
import type { AdmittedBytes } from '../run/run-context.ts';
import type { PlanningStage } from './planning-stage.ts';
import { sidecarsReceived, storedBytes, type WholeBytes } from './stored-bytes.ts';

export type UnitBytes = { kind: 'whole'; all: readonly WholeBytes[] } | { kind: 'lost'; why: string };

/** The stored bytes that a unit was made from, each held against its sum; `lost` says which are not whole. */
export async function bytesOfUnit(
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

/** Stored bytes as if they had just been landed. */
export function admittedBytes(declared: DeclaredAsset, bytes: readonly WholeBytes[]): AdmittedBytes {
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
