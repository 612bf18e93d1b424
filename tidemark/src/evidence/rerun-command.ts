import type { CatalogReader } from '../catalog/catalog.ts';
import type { SourceManifest } from '../manifest/source-manifest.ts';
import { nextCommand } from './next-command.ts';

/** The command that runs a batch again: by its manifest's path, and its batch id where the manifest declares another. */
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
  const override = declared === batch.batchId ? [] : ['--batch-id', batch.batchId];
  return nextCommand('run', '--manifest-path', row.path, ...override);
}
