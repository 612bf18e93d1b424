import { snapshotById } from '../bronze/iceberg/table-metadata.ts';
import type { CatalogReader } from '../catalog/catalog.ts';
import { commitsOfRun } from '../catalog/commits.ts';
import { nextCommand } from '../evidence/next-command.ts';
import type { RunReport } from '../evidence/run-report.ts';
import type { Contradiction } from './contradiction.ts';
import { commitsIn } from './sealed-commits.ts';
import type { ReadTable } from './table-files.ts';

/** Commits of a run that the catalog lacks, tells otherwise, or has made up. */
export async function* commitContradictions(
  catalog: CatalogReader,
  { report, tables }: { report: RunReport; tables: readonly ReadTable[] },
): AsyncGenerator<Contradiction> {
  const { runId, manifestId, batchId } = report;
  const recorded = await commitsOfRun(catalog, runId);
  const sealed = commitsIn(report);
  for (const { table, snapshotId, addedRecords } of sealed) {
    const row = recorded.find((commit) => commit.table === table);
    const same =
      row !== undefined &&
      row.snapshotId === snapshotId &&
      row.addedRecords === addedRecords &&
      row.manifestId === manifestId &&
      row.batchId === batchId;
    if (same) continue;
    const read = tables.find((entry) => entry.table === table);
    const snapshot = read === undefined ? null : snapshotById(read.metadata, BigInt(snapshotId));
    const location = read === undefined ? null : locationOf(read, { runId, snapshotId });
    const found =
      row === undefined
        ? 'the catalog has no commit of it'
        : `the catalog says ${row.addedRecords} rows in snapshot ${row.snapshotId}`;
    yield {
      sourceId: null,
      table,
      distinction: `commit of ${runId}`,
      message: `Run ${runId} committed ${addedRecords} rows to bronze.${table} in snapshot ${snapshotId} by its sealed account; ${found}.`,
      facts: { snapshotId, addedRecords, recorded: row ?? null },
      query: `SELECT * FROM commits WHERE run_id = '${runId}'`,
      suggestion: null,
      mend:
        snapshot === null || location === null
          ? null
          : async (tx) => {
              await tx
                .deleteFrom('commits')
                .where('run_id', '=', runId)
                .where('table_name', '=', table)
                .execute();
              const parent = snapshot['parent-snapshot-id'];
              await tx
                .insertInto('commits')
                .values({
                  table_name: table,
                  manifest_id: manifestId,
                  batch_id: batchId,
                  revision: Number(snapshot.summary['tidemark.revision']),
                  run_id: runId,
                  snapshot_id: snapshotId,
                  parent_snapshot_id: parent === undefined || parent === null ? null : String(parent),
                  metadata_location: location,
                  added_records: addedRecords,
                  committed_at: report.endedAt,
                })
                .execute();
            },
    };
  }
  for (const row of recorded.filter(({ table }) => !sealed.some((commit) => commit.table === table))) {
    yield {
      sourceId: null,
      table: row.table,
      distinction: `commit of ${runId}`,
      message: `The catalog says that run ${runId} committed snapshot ${row.snapshotId} of bronze.${row.table}; its sealed account tells of no such commit.`,
      facts: { recorded: row },
      query: nextCommand('evidence', 'show', runId),
      suggestion: null,
      mend: async (tx) => {
        await tx
          .deleteFrom('commits')
          .where('run_id', '=', runId)
          .where('table_name', '=', row.table)
          .execute();
      },
    };
  }
}

/** The metadata file that a commit made: named after its run and snapshot. */
function locationOf(
  { metadata, metadataLocation }: ReadTable,
  { runId, snapshotId }: { runId: string; snapshotId: string },
): string | null {
  const name = `${runId}-${BigInt(snapshotId).toString(36)}.metadata.json`;
  const earlier = metadata['metadata-log'].map((entry) => entry['metadata-file']);
  return [metadataLocation, ...earlier].find((location) => location.endsWith(name)) ?? null;
}
