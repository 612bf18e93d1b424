import { findObject, recordReceipt } from '../catalog/objects.ts';
import type { ReadBytes } from '../landing/reading.ts';
import { admitQuarantined, hasObject, promote, type Zone } from '../landing/store-object.ts';
import type { Engine } from './engine.ts';
import type { LandedSource } from './landed-source.ts';

/** Gives landed bytes their place in a zone and records the receipt. */
export async function keepLanded(
  engine: Engine,
  { runId, landed, zone }: { runId: string; landed: LandedSource; zone: Zone },
): Promise<void> {
  const { sha256, sizeBytes, declared } = landed;
  if (landed.copy !== null) {
    await promote({ home: engine.home, landed: landed.copy, zone, sha256, sizeBytes });
  } else if (zone === 'raw' && (await findObject(engine.catalog, sha256))?.zone === 'quarantine') {
    await admitQuarantined({ home: engine.home, sha256, landingDir: engine.home.landingDir(runId) });
  }
  await engine.reached('object_promoted');
  const receivedAt = engine.clock.now().toISOString();
  await recordReceipt(engine.catalog, {
    receipt: {
      runId,
      sourceId: declared.sourceId,
      role: declared.role,
      split: declared.split,
      declaredPath: declared.declaredPath,
      sha256,
      sizeBytes,
      receivedAt,
      validators: landed.validators ?? null,
      stateAfter: landed.stateAfter ?? null,
    },
    object: { sha256, sizeBytes, zone, mediaType: landed.mediaType },
  });
  await engine.reached('receipt_recorded');
}

/** Whether its object is where it should be; its content is not looked at. */
export async function isStored(
  engine: Engine,
  { sha256, sizeBytes }: Pick<ReadBytes, 'sha256' | 'sizeBytes'>,
): Promise<boolean> {
  const object = await findObject(engine.catalog, sha256);
  return (
    object !== null && (await hasObject({ path: engine.home.objectPath(object.zone, sha256), sizeBytes }))
  );
}
