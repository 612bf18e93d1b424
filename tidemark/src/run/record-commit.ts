import type { PreparedUnit } from '../bronze/prepared-unit.ts';
import { setRevision } from '../catalog/batches.ts';
import type { CatalogTransaction } from '../catalog/catalog.ts';
import { assertLease, type Lease } from '../catalog/leases.ts';
import { markExecuted } from '../catalog/plans.ts';
import { advanceCursor, advanceWatermark, setCheckpoint } from '../catalog/progress.ts';
import { endRun } from '../catalog/runs.ts';
import { markUnitCommitted, markUnitReplaced } from '../catalog/units.ts';
import type { CommittedTable } from '../commit/commit-batch.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConflictError } from '../errors/tidemark-error.ts';
import { sealEvidence } from '../evidence/chain.ts';
import type { RunReport } from '../evidence/run-report.ts';
import { recordSymptoms } from '../incident/record-symptoms.ts';
import { symptomsOfRun } from '../incident/run-symptoms.ts';
import type { Home } from '../landing/home.ts';
import { settledBefore } from '../progress/settled.ts';
import { recordAssets } from './record-assets.ts';
import type { RunPurpose } from './run-purpose.ts';

/** All that is true together with the data, or not at all. Called inside the commit transaction only. */
export async function recordCommit(
  tx: CatalogTransaction,
  commit: {
    home: Home;
    lease: Lease;
    purpose: RunPurpose;
    /** How late a record may come: a watermark stays that far behind what was seen. */
    latenessMs: number;
    units: readonly PreparedUnit[];
    tables: readonly CommittedTable[];
    report: RunReport;
    revision: number;
    now: string;
  },
): Promise<void> {
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
  const { latenessMs, purpose } = commit;
  const { movesProgress, planId } = purpose;
  for (const unit of commit.units)
    await recordUnit(tx, { unit, runId, manifestId, batchId, movesProgress, latenessMs, now });
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
  {
    unit,
    runId,
    manifestId,
    batchId,
    movesProgress,
    latenessMs,
    now,
  }: {
    unit: PreparedUnit;
    runId: string;
    manifestId: string;
    batchId: string;
    movesProgress: boolean;
    latenessMs: number;
    now: string;
  },
): Promise<void> {
  const { unitKey, sourceId, table } = unit;
  if (!(await markUnitCommitted(tx, { unitKey, preparedBy: unit.preparedBy, runId, now }))) {
    throw overtaken(sourceId, unitKey);
  }
  const records = unit.tally.read;
  await setCheckpoint(tx, { table, manifestId, batchId, sourceId, unitKey, records, runId, now });
  if (!movesProgress) return;
  if (unit.cursor !== null) {
    const { field, value, location } = unit.cursor;
    await advanceCursor(tx, { table, sourceId, field, value, location, runId, now });
  }
  if (unit.watermark !== null) {
    const { field } = unit.watermark;
    const value = settledBefore(unit.watermark.value, latenessMs);
    await advanceWatermark(tx, { table, sourceId, field, value, runId, now });
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
