import { sql } from 'kysely';
import { QUARANTINE_TABLE } from '../model/table-names.ts';
import type { CatalogReader } from './catalog.ts';

/** The run, and those that it took up again, as the table `attempts`. */
function attemptsOf(runId: string) {
  return sql`attempts (run_id) AS (
      SELECT run_id FROM runs WHERE run_id = ${runId}
      UNION SELECT runs.retry_of FROM runs JOIN attempts USING (run_id) WHERE runs.retry_of IS NOT NULL)`;
}

/**
 * What the run, or one that it took up again, prepared of a source, or one split of it, for a batch and did not commit,
 * encoded, where it is what they received of it last. That its files were given up since changes nothing: another batch has
 * committed it in the meantime, or an attempt that made them anew died at it. What earlier attempts left behind is older
 * than what has been committed since.
 */
export async function preparedSince(
  catalog: CatalogReader,
  {
    runId,
    manifestId,
    batchId,
    sourceId,
    split,
  }: { runId: string } & Record<'manifestId' | 'batchId' | 'sourceId' | 'split', string>,
): Promise<string | null> {
  const { rows } = await sql<{ prepared: string }>`
    WITH RECURSIVE ${attemptsOf(runId)},
    received AS (
      SELECT sha256 FROM receipts JOIN attempts USING (run_id)
        WHERE source_id = ${sourceId} AND split = ${split} AND role = 'asset' ORDER BY run_id DESC LIMIT 1)
    SELECT prepared FROM units JOIN received ON units.source_fingerprint = received.sha256
      JOIN attempts ON attempts.run_id = units.prepared_by
      WHERE manifest_id = ${manifestId} AND batch_id = ${batchId} AND source_id = ${sourceId}
        AND split = ${split} AND table_name <> ${QUARANTINE_TABLE}
        AND state IN ('prepared', 'discarded')
      ORDER BY prepared_at DESC LIMIT 1`.execute(catalog);
  return rows[0]?.prepared ?? null;
}

/** Splits that the run, or one that it took up again, received of a source, by name. */
export async function splitsReceivedSince(
  catalog: CatalogReader,
  { runId, sourceId }: { runId: string; sourceId: string },
): Promise<string[]> {
  const { rows } = await sql<{ split: string }>`
    WITH RECURSIVE ${attemptsOf(runId)}
    SELECT DISTINCT split FROM receipts JOIN attempts USING (run_id)
      WHERE source_id = ${sourceId} AND split <> '' ORDER BY split`.execute(catalog);
  return rows.map(({ split }) => split);
}
