import type { CatalogReader } from '../catalog/catalog.ts';
import type { AssetResult } from '../evidence/asset-result.ts';

export async function recordAssets(
  catalog: CatalogReader,
  { runId, assets }: { runId: string; assets: readonly AssetResult[] },
): Promise<void> {
  for (const [position, asset] of assets.entries()) {
    await catalog
      .insertInto('run_assets')
      .values({
        run_id: runId,
        position,
        source_id: asset.sourceId,
        outcome: asset.outcome,
        judgement: asset.judgement,
        detail: JSON.stringify(asset),
      })
      .execute();
  }
}
