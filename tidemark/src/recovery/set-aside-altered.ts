import { join } from 'node:path';
import { findObject } from '../catalog/objects.ts';
import { moveStored } from '../landing/durable-files.ts';
import type { Engine } from '../run/engine.ts';
import type { BatchAtHand } from './batch-at-hand.ts';
import { bytesBehind } from './stored-bytes.ts';

/**
 * Raw objects whose content is not what their name says make room for the bytes that are received again. They are kept
 * for whoever wants to know what happened to them.
 */
export async function setAsideAltered(engine: Engine, batch: BatchAtHand): Promise<void> {
  for (const { unit } of batch.units) {
    for (const { sha256, state } of await bytesBehind(engine, unit)) {
      if (state !== 'altered') continue;
      const zone = (await findObject(engine.catalog, sha256))?.zone ?? 'raw';
      await moveStored({
        from: engine.home.objectPath(zone, sha256),
        to: join(engine.home.storeDir, 'set-aside', `${sha256}.altered`),
      });
    }
  }
}
