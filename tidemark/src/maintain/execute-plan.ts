import { findTable } from '../catalog/iceberg-tables.ts';
import { markExecuted, type StoredPlan } from '../catalog/plans.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConflictError } from '../errors/tidemark-error.ts';
import type { TableOutcome } from '../evidence/run-maintenance.ts';
import { wholeName } from '../model/table-names.ts';
import { maintainTable } from './maintain-table.ts';
import type { MaintenanceEngine } from './maintenance-engine.ts';
import type { MaintenancePlan } from './maintenance-plan.ts';
import { withMaintenanceLease } from './with-maintenance-lease.ts';

export interface MaintenanceOutcome {
  /** Of the operation: snapshots, evidence and catalog bear it. */
  readonly operationId: string;
  readonly tables: readonly TableOutcome[];
}

/**
 * Executes a sealed plan once, table by table, each in a commit of its own. A table that was written to since the plan was
 * made is told of before anything is changed; one that a run moves meanwhile is left as it is.
 * @throws ConflictError plan_outdated, maintenance_in_progress, plan_executed
 */
export async function executeMaintenance(
  engine: MaintenanceEngine,
  { planId, body }: Pick<StoredPlan, 'planId' | 'body'>,
): Promise<MaintenanceOutcome> {
  const plan = JSON.parse(body) as MaintenancePlan;
  return await withMaintenanceLease(engine, async (held) => {
    await refuseMoved(engine, plan);
    await engine.catalog
      .transaction()
      .execute(async (tx) => await markExecuted(tx, { planId, runId: held.operationId }));
    const tables: TableOutcome[] = [];
    for (const table of plan.tables) {
      engine.signal.throwIfAborted();
      tables.push(await maintainTable(engine, { plan: table, held }));
    }
    return { operationId: held.operationId, tables };
  });
}

async function refuseMoved({ catalog }: MaintenanceEngine, plan: MaintenancePlan): Promise<void> {
  for (const { table, metadataLocation } of plan.tables) {
    const pointer = await findTable(catalog, table);
    if (pointer?.metadataLocation === metadataLocation) continue;
    throw new ConflictError({
      code: ERROR_CODES.plan_outdated,
      message: `The world moved since the plan was made: ${wholeName(table)} was written to.`,
      next: 'Nothing was changed. Plan again: tidemark maintain',
    });
  }
}
