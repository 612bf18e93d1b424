import type { CatalogReader } from '../catalog/catalog.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';
import type { BatchTarget } from './batch-at-hand.ts';

/** By any of these; none means every batch. */
export interface BatchQuery {
  /** A run (or the beginning of its id), a batch, a manifest or a source. */
  readonly target?: string;
  readonly manifestId?: string;
  readonly batchId?: string;
}

/** @throws ConfigurationError not_found */
export async function findBatches(catalog: CatalogReader, query: BatchQuery): Promise<BatchTarget[]> {
  let select = catalog.selectFrom('batches').select(['manifest_id', 'batch_id']);
  if (query.manifestId !== undefined) select = select.where('manifest_id', '=', query.manifestId);
  if (query.batchId !== undefined) select = select.where('batch_id', '=', query.batchId);
  const { target } = query;
  if (target !== undefined) {
    select = select.where((eb) => {
      const runs = eb
        .selectFrom('runs')
        .select('run_id')
        .whereRef('runs.manifest_id', '=', 'batches.manifest_id')
        .whereRef('runs.batch_id', '=', 'batches.batch_id')
        .where('run_id', '>=', target)
        .where('run_id', '<', `${target}~`);
      const units = eb
        .selectFrom('units')
        .select('unit_key')
        .where('units.source_id', '=', target)
        .whereRef('units.manifest_id', '=', 'batches.manifest_id')
        .whereRef('units.batch_id', '=', 'batches.batch_id');
      return eb.or([
        eb('batch_id', '=', target),
        eb('manifest_id', '=', target),
        ...(target.length >= 8 ? [eb.exists(runs)] : []),
        eb.exists(units),
      ]);
    });
  }
  const rows = await select.orderBy('manifest_id').orderBy('batch_id').execute();
  if (rows.length > 0 || (target ?? query.manifestId ?? query.batchId) === undefined)
    return rows.map((row) => ({ manifestId: row.manifest_id, batchId: row.batch_id }));
  throw new ConfigurationError({
    code: ERROR_CODES.not_found,
    message: `No batch answers to ${target ?? [query.manifestId, query.batchId].join(' ')}: neither run, batch, manifest nor source has that id.`,
    next: 'tidemark status',
  });
}
