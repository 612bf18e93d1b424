import type { CatalogReader } from '../catalog/catalog.ts';
import { type CommittedUnit, committedInPlaceOf, committedOfSource } from '../catalog/units.ts';
import { type AssetResult, unitResults } from '../evidence/asset-result.ts';
import type { BatchTarget } from './batch-at-hand.ts';

/** The unit of another batch that holds what a source delivered to this one. */
export type CommittedElsewhere = Pick<CommittedUnit, 'unitKey' | 'committedBy'>;

/**
 * What a batch's runs last found of a source that brought the batch no unit: content that another batch has committed, and
 * that is in its table still. Nothing of such a source is missing.
 */
export async function committedElsewhere(
  catalog: CatalogReader,
  { manifestId, batchId }: BatchTarget,
  sourceId: string,
): Promise<CommittedElsewhere | null> {
  const row = await catalog
    .selectFrom('runs')
    .innerJoin('run_assets', 'run_assets.run_id', 'runs.run_id')
    .select('run_assets.detail')
    .where('runs.manifest_id', '=', manifestId)
    .where('runs.batch_id', '=', batchId)
    .where('runs.state', 'in', ['committed', 'nothing_to_commit'])
    .where('run_assets.source_id', '=', sourceId)
    .where('run_assets.outcome', '=', 'already_committed')
    .orderBy('runs.run_id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return null;
  // Of a folder its files were found, each in a unit of its own; of one that was empty, all that it ever brought stays.
  const keys = unitResults(JSON.parse(row.detail) as AssetResult).flatMap(({ unitKey }) => unitKey ?? []);
  if (keys.length === 0) return await committedOfSource(catalog, { manifestId, sourceId });
  for (const unitKey of keys) {
    const unit = await committedInPlaceOf(catalog, unitKey);
    if (unit !== null) return unit;
  }
  return null;
}
