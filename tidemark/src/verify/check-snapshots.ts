import { ancestry } from '../bronze/iceberg/ancestry.ts';
import { leadsTo } from '../bronze/iceberg/expire-snapshots.ts';
import type { TableSnapshot } from '../bronze/iceberg/table-metadata.ts';
import type { CatalogReader } from '../catalog/catalog.ts';
import { type CommitRow, commitsOfSnapshot } from '../catalog/commits.ts';
import { maintenanceOf } from '../catalog/maintenance.ts';
import { findRun } from '../catalog/runs.ts';
import { nextCommand } from '../evidence/next-command.ts';
import { foreignSnapshot } from '../incident/foreign-snapshot.ts';
import type { Symptom } from '../incident/symptom.ts';
import { ANCHOR_NAMES } from '../model/anchors.ts';
import { repairCatalog, restoreFile } from './mending.ts';
import { inScope } from './scope.ts';
import { committedTables, latestCommitOf, pointerMoved, sealedCommit } from './sealed-commits.ts';
import type { ReadTable } from './table-files.ts';
import type { Verification } from './verification.ts';

/** Holds every snapshot that a table's head is made of against the commits of this catalog and their anchors. */
export async function checkSnapshots(
  verification: Verification,
  tables: readonly ReadTable[],
): Promise<void> {
  const { findings, ledger, catalog, engine, scope } = verification;
  for (const { table, metadataLocation } of await committedTables(catalog)) {
    if (metadataLocation !== null || (scope.table !== null && scope.table !== table)) continue;
    const latest = await latestCommitOf(catalog, table);
    if (latest === null) continue;
    findings.found('snapshots', pointerMoved({ table, metadataLocation }, latest));
    findings.couldNotSee('snapshots', table, 'the catalog does not point to it');
  }
  for (const read of tables) {
    const latest = await latestCommitOf(catalog, read.table);
    if (latest !== null && !leadsTo(read.metadata, BigInt(latest.snapshotId))) {
      findings.found('snapshots', pointerMoved(read, latest));
      findings.couldNotSee('snapshots', read.table, 'the catalog points to older metadata of it');
    }
    let ownAbove = false;
    for (const snapshot of ancestry(read)) {
      engine.signal.throwIfAborted();
      findings.checked('snapshots');
      const id = String(snapshot['snapshot-id']);
      const commits = await commitsOfSnapshot(catalog, id);
      const commit = commits.find(({ table }) => table === read.table) ?? null;
      if (commit === null && (await maintenanceOf(catalog, { table: read.table, snapshotId: id })) !== null) {
        ledger.run('INSERT INTO snapshots VALUES (?, ?) ON CONFLICT DO NOTHING', read.table, id);
        continue;
      }
      if (commit === null && (await sealedCommit(catalog, { table: read.table, snapshotId: id })) === null) {
        if (verification.scope.batches !== null) continue;
        // Rows that the project adopts are the table's; they are looked at all the same.
        if (engine.foreignSnapshots !== 'adopt')
          findings.found('snapshots', foreignSnapshot(read.table, { snapshot, ownAbove }));
        if (!ownAbove) ledger.run('INSERT OR REPLACE INTO foreign_heads VALUES (?, ?)', read.table, id);
        continue;
      }
      ledger.run('INSERT INTO snapshots VALUES (?, ?) ON CONFLICT DO NOTHING', read.table, id);
      ownAbove = true;
      if (commit === null || !inScope(verification.scope, commit)) continue;
      for (const symptom of await anchorFaults(catalog, { read, snapshot, commit }))
        findings.found('snapshots', symptom);
    }
  }
}

async function anchorFaults(
  catalog: CatalogReader,
  { read, snapshot, commit }: { read: ReadTable; snapshot: TableSnapshot; commit: CommitRow },
): Promise<Symptom[]> {
  const { summary } = snapshot;
  const run = await findRun(catalog, commit.runId);
  const told = Object.fromEntries(ANCHOR_NAMES.map((name) => [name, summary[`tidemark.${name}`]]));
  const missing = ANCHOR_NAMES.filter((name) => !told[name]);
  const expected = {
    manifest_id: commit.manifestId,
    batch_id: commit.batchId,
    run_id: commit.runId,
    ...(run !== null && { trace_id: run.traceId }),
  };
  const differing = Object.entries(expected).filter(([name, value]) => told[name] && told[name] !== value);
  const about = {
    manifestId: commit.manifestId,
    batchId: commit.batchId,
    sourceId: null,
    table: read.table,
    runId: commit.runId,
    distinction: `snapshot ${commit.snapshotId}`,
    query: nextCommand('show', commit.snapshotId),
  };
  const symptoms: Symptom[] = [];
  const restore = restoreFile(read.metadataLocation.replace(/^file:(\/\/)?/, ''));
  if (missing.length > 0) {
    symptoms.push({
      ...about,
      kind: 'anchor_missing',
      message: `Snapshot ${commit.snapshotId} of bronze.${read.table} lacks ${missing.join(', ')} in its summary.`,
      facts: { missing },
      suggestion: restore,
    });
  }
  if (differing.length > 0) {
    const what = differing.map(([name, value]) => `${name} ${told[name]} instead of ${value}`).join(', ');
    symptoms.push({
      ...about,
      kind: 'anchor_dangling',
      message: `Snapshot ${commit.snapshotId} of bronze.${read.table} names another ${differing.map(([name]) => name).join(', ')} than its commit: ${what}.`,
      facts: { differing: Object.fromEntries(differing), told },
      suggestion: repairCatalog(),
    });
  }
  return symptoms;
}
