import { type RawBuilder, sql } from 'kysely';
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

/** Shorter beginnings of a run's id name nothing. */
const RUN_BEGINNING_MIN = 8;

/**
 * Every way to name a batch goes through an index of its own: none looks at the batches one by one. At most `limit`, in
 * the order of their names.
 * @throws ConfigurationError not_found
 */
export async function findBatches(
  catalog: CatalogReader,
  { limit, ...query }: BatchQuery & { readonly limit?: number },
): Promise<BatchTarget[]> {
  const { target, manifestId, batchId } = query;
  const conditions = [
    ...(manifestId === undefined ? [] : [sql`manifest_id = ${manifestId}`]),
    ...(batchId === undefined ? [] : [sql`batch_id = ${batchId}`]),
  ];
  const where = conditions.length === 0 ? sql`` : sql`WHERE ${sql.join(conditions, sql` AND `)}`;
  const bound = limit === undefined ? sql`` : sql`LIMIT ${limit}`;
  const ways = target === undefined ? [sql`SELECT manifest_id, batch_id FROM batches`] : waysTo(target);
  for (const way of ways) {
    const { rows } = await sql<{ manifest_id: string; batch_id: string }>`
      SELECT manifest_id, batch_id FROM (${way}) AS named ${where} ORDER BY manifest_id, batch_id ${bound}`.execute(
      catalog,
    );
    if (rows.length > 0 || (target ?? manifestId ?? batchId) === undefined)
      return rows.map((row) => ({ manifestId: row.manifest_id, batchId: row.batch_id }));
  }
  throw new ConfigurationError({
    code: ERROR_CODES.not_found,
    message: `No batch answers to ${target ?? [manifestId, batchId].join(' ')}: neither run, batch, manifest nor source has that id.`,
    next: 'tidemark status',
  });
}

/** A source of which nothing was ever prepared is known to its runs alone, which are many: they are asked last. */
function waysTo(target: string): RawBuilder<unknown>[] {
  const beginning = target.length >= RUN_BEGINNING_MIN;
  return [
    sql`SELECT manifest_id, batch_id FROM batches WHERE batch_id = ${target}
      UNION SELECT manifest_id, batch_id FROM batches WHERE manifest_id = ${target}
      UNION SELECT manifest_id, batch_id FROM runs WHERE run_id >= ${target}
        AND run_id < ${beginning ? `${target}~` : target}
      UNION SELECT manifest_id, batch_id FROM units WHERE source_id = ${target}`,
    sql`SELECT DISTINCT manifest_id, batch_id FROM runs WHERE run_id IN (
      SELECT run_id FROM run_assets WHERE source_id = ${target})`,
  ];
}
