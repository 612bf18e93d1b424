import { snapshotById } from '../bronze/iceberg/table-metadata.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { nextCommand } from '../evidence/next-command.ts';
import type { Symptom } from '../incident/symptom.ts';
import type { FoundHead } from './table-heads.ts';

/**
 * What sealed evidence tells of a table's commits otherwise than the table itself does. The table is left as it is: its
 * rows are what readers see.
 */
export async function compareTables(catalog: Catalog, heads: readonly FoundHead[]): Promise<Symptom[]> {
  const symptoms: Symptom[] = [];
  for (const { table, head } of heads) {
    const commits = await catalog
      .selectFrom('commits')
      .selectAll()
      .where('table_name', '=', table)
      .orderBy('committed_at')
      .execute();
    const expired = await hasExpired(catalog, table);
    for (const [at, commit] of commits.entries()) {
      const snapshot = snapshotById(head.metadata, BigInt(commit.snapshot_id));
      const about = {
        kind: 'catalog_contradicts_evidence',
        manifestId: commit.manifest_id,
        batchId: commit.batch_id,
        sourceId: null,
        table,
        runId: commit.run_id,
        distinction: `table and evidence of ${commit.snapshot_id}`,
        query: nextCommand('show', commit.snapshot_id),
        suggestion: nextCommand('verify', commit.run_id),
      } as const;
      if (snapshot === null) {
        if (expired && at < commits.length - 1) continue;
        symptoms.push({
          ...about,
          message: `By sealed evidence run ${commit.run_id} committed snapshot ${commit.snapshot_id} to bronze.${table}; the table does not have it.`,
          facts: { sealed: commit.snapshot_id, head: String(head.metadata['current-snapshot-id']) },
        });
        continue;
      }
      const told = {
        run: snapshot.summary['tidemark.run_id'],
        revision: Number(snapshot.summary['tidemark.revision']),
        rows: Number(snapshot.summary['added-records'] ?? 0),
      };
      const sealed = { run: commit.run_id, revision: commit.revision, rows: commit.added_records };
      if (JSON.stringify(told) === JSON.stringify(sealed)) continue;
      symptoms.push({
        ...about,
        message: `Snapshot ${commit.snapshot_id} of bronze.${table} says run ${told.run}, revision ${told.revision}, ${told.rows} rows; by sealed evidence it is run ${sealed.run}, revision ${sealed.revision}, ${sealed.rows} rows.`,
        facts: { told, sealed },
      });
    }
  }
  return symptoms;
}

/** Whether a maintenance has let go of snapshots of a table: those of earlier commits may be missing then. */
async function hasExpired(catalog: Catalog, table: string): Promise<boolean> {
  const rows = await catalog
    .selectFrom('maintenance')
    .select('done')
    .where('table_name', '=', table)
    .where('kind', '<>', 'looked')
    .execute();
  return rows.some(
    ({ done }) => Number((JSON.parse(done) as { snapshots_expired?: number }).snapshots_expired) > 0,
  );
}
