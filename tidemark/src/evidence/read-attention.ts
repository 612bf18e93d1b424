import type { CatalogReader } from '../catalog/catalog.ts';
import { type Attention, batchAttention } from './attention.ts';
import type { BatchStanding } from './batch-standings.ts';
import { rerunCommand } from './rerun-command.ts';

/** What is not well with these batches, commands filled in. */
export async function readAttention(
  catalog: CatalogReader,
  { batches, inProgress }: { batches: readonly BatchStanding[]; inProgress: ReadonlySet<string> },
): Promise<Attention[]> {
  const attention: Attention[] = [];
  for (const batch of batches) {
    for (const found of batchAttention(batch, inProgress)) {
      // The command takes the manifest's text, which is read for these few batches only.
      const manifestHash = batch.lastRun?.manifestHash ?? '';
      attention.push({
        ...found,
        next: found.next ?? (await rerunCommand(catalog, { ...batch, manifestHash })),
      });
    }
  }
  return attention;
}
