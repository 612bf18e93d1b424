import { rowsSnapshotId, type SnapshotRetention } from '../bronze/iceberg/expire-snapshots.ts';
import { currentSnapshot, type TableMetadata } from '../bronze/iceberg/table-metadata.ts';
import type { CatalogReader } from '../catalog/catalog.ts';
import { commitsOfSnapshot } from '../catalog/commits.ts';
import { isOurs as isOwnSummary } from '../model/anchors.ts';
import type { Limits } from '../model/limits.ts';
import { isCurrent } from '../model/table-names.ts';

export function retentionOf({
  snapshotsKeptMin,
  snapshotsKeptMax,
  snapshotAgeMs,
}: Limits): SnapshotRetention {
  return { keptMin: snapshotsKeptMin, keptMax: snapshotsKeptMax, ageMs: snapshotAgeMs };
}

/** Snapshots that somebody still needs: those of runs that are not proven yet, whose proof reads them back. */
export async function neededSnapshots(catalog: CatalogReader, table: string): Promise<Set<bigint>> {
  const unproven = await catalog
    .selectFrom('runs')
    .innerJoin('commits', 'commits.run_id', 'runs.run_id')
    .select('commits.snapshot_id')
    .where('runs.state', '=', 'committed')
    .where('runs.proven', '=', 0)
    .where('commits.table_name', '=', table)
    .execute();
  return new Set(unproven.map(({ snapshot_id: id }) => BigInt(id)));
}

/**
 * Whether the table's rows are as a run of this catalog left them. Where another engine wrote last, nothing is compacted
 * and nothing expires: `catalog set-back` needs what was before.
 */
export async function isOurs(
  catalog: CatalogReader,
  { table, metadata }: { table: string; metadata: TableMetadata },
): Promise<boolean> {
  if (isCurrent(table)) return isOwnSummary(currentSnapshot(metadata)?.summary ?? {});
  const last = rowsSnapshotId(metadata);
  const commits = last === null ? [] : await commitsOfSnapshot(catalog, String(last));
  return commits.some((commit) => commit.table === table);
}
