import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../landing/durable-files.ts';
import { QUARANTINE_TABLE } from '../model/table-names.ts';
import type { Engine } from '../run/engine.ts';
import type { BatchAtHand } from './batch-at-hand.ts';
import { bytesBehind } from './stored-bytes.ts';

/**
 * Raw objects whose content is not what their name says make room for the bytes that are received again. They are kept
 * for whoever wants to know what happened to them.
 */
export async function setAsideAltered(engine: Engine, batch: BatchAtHand): Promise<void> {
  for (const { unit } of batch.units) {
    if (unit.table === QUARANTINE_TABLE) continue;
    for (const { sha256, state } of await bytesBehind(engine, unit)) {
      if (state !== 'altered') continue;
      const folder = join(engine.home.dir, 'set-aside');
      await makeFolder(folder);
      await rename(engine.home.objectPath('raw', sha256), join(folder, `${sha256}.altered`));
    }
  }
}
