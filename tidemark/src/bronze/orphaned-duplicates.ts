import { type DataEngine, sqlList, sqlText } from './data-engine.ts';

/** Records that a unit did not enter because they were there already, and that are there no more. */
export interface OrphanedDuplicates {
  readonly manifestId: string;
  readonly batchId: string;
  readonly sourceId: string;
  readonly unitKey: string;
  /** Distinct records. */
  readonly records: number;
}

/**
 * Duplicates whose content is in no row of the table by now: whatever was kept in their place went out. Asked for one
 * unit's duplicates, or for those that had been judged against units that went out. Reads fingerprints only.
 */
export async function orphanedDuplicates(
  engine: DataEngine,
  {
    table,
    skipFiles,
    rowFiles,
    of,
  }: {
    table: string;
    /** Paths of live data files, of the skips and of the table. */
    skipFiles: readonly string[];
    rowFiles: readonly string[];
    of: { readonly unitKey: string } | { readonly keepers: readonly string[] };
  },
): Promise<OrphanedDuplicates[]> {
  if (skipFiles.length === 0) return [];
  const asked =
    'unitKey' in of
      ? `unit_key = ${sqlText(of.unitKey)}`
      : `list_contains(${sqlList(of.keepers)}, keeper_unit_key)`;
  const skipped = `SELECT manifest_id, batch_id, source_id, unit_key, record_fingerprint
    FROM read_parquet(${sqlList(skipFiles)}, union_by_name = true)
    WHERE outcome = 'duplicate' AND table_name = ${sqlText(table)} AND ${asked}`;
  const rows =
    rowFiles.length === 0
      ? 'SELECT NULL AS record_fingerprint WHERE false'
      : `SELECT record_fingerprint FROM read_parquet(${sqlList(rowFiles)}, union_by_name = true)`;
  const found = await engine.rows(
    `SELECT manifest_id, batch_id, source_id, unit_key, count(DISTINCT record_fingerprint)::BIGINT AS records
     FROM (${skipped}) ANTI JOIN (${rows}) USING (record_fingerprint)
     GROUP BY ALL ORDER BY ALL`,
  );
  return found.map((row) => ({
    manifestId: String(row.manifest_id),
    batchId: String(row.batch_id),
    sourceId: String(row.source_id),
    unitKey: String(row.unit_key),
    records: Number(row.records),
  }));
}
