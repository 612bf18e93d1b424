import type { PreparedUnit } from '../bronze/prepared-unit.ts';
import { findObject } from '../catalog/objects.ts';
import { readSource } from '../landing/land-file.ts';
import type { Zone } from '../landing/store-object.ts';
import type { Engine } from '../run/engine.ts';

/** Bytes of a source as the store has them. `missing` and `altered`: replay cannot work on them. */
export type StoredBytes =
  | {
      readonly state: 'whole';
      readonly role: string;
      readonly sha256: string;
      readonly sizeBytes: number;
      readonly mediaType: string;
      readonly zone: Zone;
    }
  | { readonly state: 'missing' | 'altered'; readonly role: string; readonly sha256: string };

export type WholeBytes = Extract<StoredBytes, { state: 'whole' }>;

/** Looks the object up and takes its sum again. */
export async function storedBytes(
  engine: Engine,
  { role, sha256 }: { role: string; sha256: string },
): Promise<StoredBytes> {
  const object = await findObject(engine.catalog, sha256);
  if (object === null) return { state: 'missing', role, sha256 };
  const { chunkBytes } = engine.limits;
  const source = engine.home.objectPath(object.zone, sha256);
  const reading = await readSource({ source, copyTo: null, chunkBytes, signal: engine.signal });
  if (reading.kind !== 'read') return { state: 'missing', role, sha256 };
  if (reading.bytes.sha256 !== sha256) return { state: 'altered', role, sha256 };
  const { sizeBytes, mediaType, zone } = object;
  return { state: 'whole', role, sha256, sizeBytes, mediaType, zone };
}

/** Everything that a unit was made from: its asset and the sidecars received with it. */
export async function bytesBehind(
  engine: Engine,
  unit: Pick<PreparedUnit, 'preparedBy' | 'sourceId' | 'sourceFingerprint'>,
): Promise<StoredBytes[]> {
  const { preparedBy: runId, sourceId, sourceFingerprint: sha256 } = unit;
  const wanted = [{ role: 'asset', sha256 }, ...(await sidecarsReceived(engine, { runId, sourceId }))];
  const found: StoredBytes[] = [];
  for (const bytes of wanted) found.push(await storedBytes(engine, bytes));
  return found;
}

/** The sidecars that a run received with a source. */
export async function sidecarsReceived(
  engine: Engine,
  { runId, sourceId }: { runId: string; sourceId: string },
): Promise<{ role: string; sha256: string }[]> {
  return await engine.catalog
    .selectFrom('receipts')
    .select(['role', 'sha256'])
    .where('run_id', '=', runId)
    .where('source_id', '=', sourceId)
    .where('role', '<>', 'asset')
    .orderBy('role')
    .execute();
}
