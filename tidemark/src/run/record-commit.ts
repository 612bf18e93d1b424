import type { PreparedUnit } from '../bronze/prepared-unit.ts';
import { setRevision } from '../catalog/batches.ts';
import type { CatalogTransaction } from '../catalog/catalog.ts';
import { assertLease, type Lease } from '../catalog/leases.ts';
import { markExecuted } from '../catalog/plans.ts';
import { advanceCursor, advanceWatermark, setCheckpoint } from '../catalog/progress.ts';
import { endRun } from '../catalog/runs.ts';
import { markUnitCommitted, markUnitReplaced } from '../catalog/units.ts';
import type { CommittedTable } from '../commit/commit-request.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConflictError } from '../errors/tidemark-error.ts';
import { sealEvidence } from '../evidence/chain.ts';
import type { RunReport } from '../evidence/run-report.ts';
import { recordSymptoms } from '../incident/record-symptoms.ts';
import { symptomsOfRun } from '../incident/run-symptoms.ts';
import type { Home } from '../landing/home.ts';
import { furthest } from '../progress/furthest.ts';
import { settledBefore } from '../progress/settled.ts';
import { recordAssets } from './record-assets.ts';
import type { RunPurpose } from './run-purpose.ts';

interface Commit {
  readonly home: Home;
  readonly lease: Lease;
  readonly purpose: RunPurpose;
  /** How late a record may come: a watermark stays that far behind what was seen. */
  readonly latenessMs: number;
  readonly units: readonly PreparedUnit[];
  readonly tables: readonly CommittedTable[];
  readonly report: RunReport;
  readonly revision: number;
  readonly now: string;
}

/** All that is true together with the data, or not at all. Called inside the commit transaction only. */
export async function recordCommit(tx: CatalogTransaction, commit: Commit): Promise<void> {
  const { report, now } = commit;
  const { runId, manifestId, batchId } = report;
  await assertLease(tx, commit.lease);
  for (const table of commit.tables) {
    await tx
      .insertInto('commits')
      .values({
        table_name: table.table,
        manifest_id: manifestId,
        batch_id: batchId,
        revision: commit.revision,
        run_id: runId,
        snapshot_id: table.snapshotId,
        parent_snapshot_id: table.parentSnapshotId,
        metadata_location: table.metadataLocation,
        added_records: table.addedRecords,
        committed_at: now,
        total_records: table.totalRecords,
        total_files: table.totalFiles,
      })
      .execute();
  }
  for (const { unitKey, sourceId } of commit.purpose.replaces) {
    if (!(await markUnitReplaced(tx, { unitKey, runId }))) throw overtaken(sourceId, unitKey);
  }
  const { movesProgress, planId } = commit.purpose;
  for (const unit of commit.units) await recordUnit(tx, { unit, runId, manifestId, batchId, now });
  if (movesProgress) await moveProgress(tx, commit);
  if (planId !== null) await markExecuted(tx, { planId, runId });
  // Empty files come to no table: what is committed is that they were read.
  if (commit.tables.length > 0)
    await setRevision(tx, { manifestId, batchId, revision: commit.revision, now });
  await recordAssets(tx, { runId, assets: report.assets });
  await endRun(tx, { runId, state: 'committed', endedAt: now, result: JSON.stringify(report) });
  await recordSymptoms(tx, { symptoms: symptomsOfRun(report), now });
  await sealEvidence(tx, {
    home: commit.home,
    chain: manifestId,
    kind: 'run',
    runId,
    body: { report, files: {} },
    now,
  });
}

async function recordUnit(
  tx: CatalogTransaction,
  commit: { unit: PreparedUnit; runId: string; manifestId: string; batchId: string; now: string },
): Promise<void> {
  const { unit, runId, manifestId, batchId, now } = commit;
  const { unitKey, sourceId, split = '', table } = unit;
  if (!(await markUnitCommitted(tx, { unitKey, preparedBy: unit.preparedBy, runId, now }))) {
    throw overtaken(sourceId, unitKey);
  }
  const records = unit.tally.read;
  await setCheckpoint(tx, { table, manifestId, batchId, sourceId, split, unitKey, records, runId, now });
}

/** Once for each source and field, however many splits brought it on. */
async function moveProgress(
  tx: CatalogTransaction,
  { units, latenessMs, report: { runId }, now }: Commit,
): Promise<void> {
  const bySource = Map.groupBy(units, ({ table, sourceId }) => JSON.stringify([table, sourceId]));
  for (const own of bySource.values()) {
    const [{ table, sourceId } = { table: '', sourceId: '' }] = own;
    for (const { field, value, location } of furthest(own.flatMap(({ cursor }) => cursor ?? [])))
      await advanceCursor(tx, { table, sourceId, field, value, location, runId, now });
    for (const mark of furthest(own.flatMap(({ watermark }) => watermark ?? []))) {
      const value = settledBefore(mark.value, latenessMs);
      await advanceWatermark(tx, { table, sourceId, field: mark.field, value, runId, now });
    }
  }
}

function overtaken(sourceId: string, unitKey: string): ConflictError {
  return new ConflictError({
    code: ERROR_CODES.commit_conflict,
    message: `Another run committed or replaced the content of ${sourceId} while this one was preparing it.`,
    next: 'Run the same command again: that content will be skipped.',
    facts: { unitKey },
  });
}
