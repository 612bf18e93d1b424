import { type OpenEngine, sqlList } from './data-engine.ts';
import { keeperFilesSince } from './keeper-files.ts';
import type { OpenTable } from './open-table.ts';
import type { PreparedUnit } from './prepared-unit.ts';
import { pathOf } from './table-io.ts';

/**
 * Whether prepared units are still free of duplicates of the table's head: deduplication is protected by the commit.
 * Units were compared with an older head; what came in since is compared now, fingerprints only and overlapping files
 * only. Equal heads cost nothing.
 */
export async function areUnitsFresh(options: {
  table: OpenTable;
  units: readonly PreparedUnit[];
  openEngine: OpenEngine;
}): Promise<boolean> {
  const { table } = options;
  for (const unit of options.units) {
    if (!unit.deduplicates || unit.table !== table.definition.name) continue;
    if (unit.dedupedAgainst === table.headSnapshotId) continue;
    const since = await keeperFilesSince({ table, since: unit.dedupedAgainst, eventTime: unit.eventTime });
    if (since === 'unknown') return false;
    const own = unit.files.flatMap((entry) => (entry.table === unit.table ? entry.files : []));
    if (since.length === 0 || own.length === 0) continue;
    const fingerprints = (files: readonly string[]) =>
      `SELECT record_fingerprint FROM read_parquet(${sqlList(files)}, union_by_name = true)`;
    await using engine = await options.openEngine();
    const rows = await engine.rows(
      `SELECT 1 FROM (${fingerprints(own.map((file) => pathOf(file.uri)))})
       WHERE record_fingerprint IN (${fingerprints(since)}) LIMIT 1`,
    );
    if (rows.length > 0) return false;
  }
  return true;
}
