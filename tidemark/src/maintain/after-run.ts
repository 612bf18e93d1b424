import { expiredSnapshots } from '../bronze/iceberg/expire-snapshots.ts';
import { readTableMetadata } from '../bronze/iceberg/metadata-file.ts';
import { currentSnapshot } from '../bronze/iceberg/table-metadata.ts';
import { tableIo } from '../bronze/table-io.ts';
import { findTable, type TablePointer } from '../catalog/iceberg-tables.ts';
import { filesAtLastLook, recordMaintenance } from '../catalog/maintenance.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { TidemarkError } from '../errors/tidemark-error.ts';
import type { RunMaintenance, TableOutcome } from '../evidence/run-maintenance.ts';
import { maintainTable } from './maintain-table.ts';
import type { MaintenanceEngine } from './maintenance-engine.ts';
import { changesTable } from './maintenance-plan.ts';
import { planTable } from './plan-table.ts';
import { neededSnapshots, retentionOf } from './retention.ts';
import { withMaintenanceLease } from './with-maintenance-lease.ts';

/**
 * Maintains the tables that a run has moved, where a limit says so (`snapshotsExpireMin`, `filesCompactMin`). Asking
 * costs a metadata file a table. Null: nothing to do, or another maintenance is at it.
 */
export async function maintainAfterRun(
  engine: MaintenanceEngine,
  tables: readonly string[],
): Promise<RunMaintenance | null> {
  try {
    const due: TablePointer[] = [];
    for (const table of tables) {
      const pointer = await findTable(engine.catalog, table);
      if (pointer !== null && (await isDue(engine, pointer))) due.push(pointer);
    }
    if (due.length === 0) return null;
    return await withMaintenanceLease(engine, async (held) => {
      const outcomes: TableOutcome[] = [];
      for (const { table } of due) {
        engine.signal.throwIfAborted();
        const pointer = await findTable(engine.catalog, table);
        if (pointer === null) continue;
        const plan = await planTable(engine, { ...pointer, thorough: false });
        const outcome = changesTable(plan) ? await maintainTable(engine, { plan, held }) : null;
        if (outcome !== null) outcomes.push(outcome);
        // So many files are no reason to look again: nothing could be done about them.
        if (outcome?.kind !== 'overtaken' && (outcome?.filesCompacted ?? 0) === 0)
          await recordMaintenance(engine.catalog, {
            ...pointer,
            operationId: held.operationId,
            kind: 'looked',
            snapshotId: null,
            parentSnapshotId: null,
            totalFiles: plan.dataFiles,
            done: {},
            at: engine.clock.now().toISOString(),
          });
      }
      return { kind: 'maintained', operationId: held.operationId, tables: outcomes };
    });
  } catch (error) {
    if (error instanceof TidemarkError && error.code === ERROR_CODES.maintenance_in_progress) return null;
    const [message = ''] = (error as Error).message.split('\n');
    return { kind: 'failed', message, next: 'tidemark maintain' };
  }
}

async function isDue(
  { catalog, limits, clock }: MaintenanceEngine,
  { table, metadataLocation }: TablePointer,
): Promise<boolean> {
  const { metadata } = await readTableMetadata(tableIo, metadataLocation);
  const files = Number(currentSnapshot(metadata)?.summary['total-data-files'] ?? 0);
  if (files - (await filesAtLastLook(catalog, table)) >= limits.filesCompactMin) return true;
  if (metadata.snapshots.length < limits.snapshotsKeptMin + limits.snapshotsExpireMin) return false;
  const expired = expiredSnapshots(metadata, {
    retention: retentionOf(limits),
    protectedIds: await neededSnapshots(catalog, table),
    nowMs: clock.now().getTime(),
  });
  return expired.length >= limits.snapshotsExpireMin;
}
