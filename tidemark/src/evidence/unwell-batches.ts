import { sql } from 'kysely';
import type { CatalogReader } from '../catalog/catalog.ts';

/** One batch, by its manifest and id. */
export interface BatchKey {
  readonly manifestId: string;
  readonly batchId: string;
}

/**
 * Batches that something in the catalog speaks against: whose last run did not finish, held or refused a source, or left
 * no passing proof; with an open incident; or judged under one of the contracts named as replaced. At most `limit`: what is
 * unfinished first, then what is not proven, then the rest; of each the latest first. Every part goes through an index over just what is not well, so that a million units that are well cost
 * nothing.
 */
export async function unwellBatches(
  catalog: CatalogReader,
  { replacedContracts, limit }: { replacedContracts: readonly string[]; limit: number },
): Promise<BatchKey[]> {
  // Of a batch only the latest run says how it stands.
  const latest = sql`NOT EXISTS (SELECT 1 FROM runs later WHERE later.manifest_id = runs.manifest_id
    AND later.batch_id = runs.batch_id AND later.run_id > runs.run_id)`;
  const { rows } = await sql<{ manifest_id: string; batch_id: string }>`
    WITH found AS (
      SELECT 0 AS rank, manifest_id, batch_id, run_id FROM runs
        WHERE state IN ('running', 'interrupted', 'failed', 'withheld') AND ${latest}
      UNION
      SELECT 1, manifest_id, batch_id, run_id FROM runs WHERE state = 'committed' AND proven = 0
      UNION
      SELECT 1, manifest_id, batch_id, run_id FROM runs WHERE verdict IS NOT NULL AND verdict <> 'pass'
        AND EXISTS (SELECT 1 FROM commits JOIN batches USING (manifest_id, batch_id, revision)
          WHERE commits.run_id = runs.run_id)
        AND NOT EXISTS (SELECT 1 FROM incidents WHERE incidents.manifest_id = runs.manifest_id
          AND incidents.batch_id = runs.batch_id AND kind = 'reconciliation_failed' AND incidents.state = 'resolved')
      UNION
      SELECT 4, manifest_id, batch_id, run_id FROM runs WHERE ${latest} AND run_id IN (
        SELECT run_id FROM run_assets WHERE outcome IN ('held', 'refused', 'failed'))
      UNION
      SELECT 2, manifest_id, batch_id, coalesce(run_id, '') FROM incidents
        WHERE state IN ('open', 'acknowledged', 'mending') AND manifest_id IS NOT NULL AND batch_id IS NOT NULL
      UNION
      SELECT 3, manifest_id, batch_id, '' FROM (
        SELECT DISTINCT manifest_id, batch_id FROM units WHERE state = 'committed'
          AND contract_hash IN (${sql.join(replacedContracts.length === 0 ? [''] : [...replacedContracts])})
          LIMIT ${limit}))
    SELECT manifest_id, batch_id FROM found GROUP BY manifest_id, batch_id
      ORDER BY min(rank), max(run_id) DESC LIMIT ${limit}`.execute(catalog);
  return rows.map((row) => ({ manifestId: row.manifest_id, batchId: row.batch_id }));
}

/** Contracts that some unit was judged by and that are others by now; `current` gives the hash of a reference today. */
export async function replacedContracts(
  catalog: CatalogReader,
  current: (ref: string) => string | null,
): Promise<string[]> {
  const known = await catalog.selectFrom('contracts').select(['hash', 'ref']).execute();
  return known.flatMap(({ hash, ref }) => {
    const now = current(ref);
    return now === null || now === hash ? [] : [hash];
  });
}
