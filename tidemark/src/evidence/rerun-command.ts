import type { CatalogReader } from '../catalog/catalog.ts';
import { backfillThatMade } from '../catalog/plans.ts';
import type { SourceManifest } from '../manifest/source-manifest.ts';
import { nextCommand } from './next-command.ts';

/**
 * The command that runs a batch again: by its manifest's path, and its batch id where the manifest declares another. A
 * plain run is never of a backfill's batch; that of its manifest proves what is not proven yet.
 */
export async function rerunCommand(
  catalog: CatalogReader,
  batch: { manifestId: string; batchId: string; manifestHash: string },
): Promise<string> {
  const row = await catalog
    .selectFrom('manifests')
    .select(['path', 'body'])
    .where('manifest_id', '=', batch.manifestId)
    .where('content_hash', '=', batch.manifestHash)
    .executeTakeFirst();
  if (row === undefined) return nextCommand('run');
  const declared = (JSON.parse(row.body) as SourceManifest).batch_id;
  const named = declared === batch.batchId || (await backfillThatMade(catalog, batch)) !== null;
  const override = named ? [] : ['--batch-id', batch.batchId];
  return nextCommand('run', '--manifest-path', row.path, ...override);
}
