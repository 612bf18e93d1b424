import { findTable, listTables } from '../catalog/iceberg-tables.ts';
import { planIdOf, storePlan } from '../catalog/plans.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';
import type { MaintenanceEngine } from './maintenance-engine.ts';
import type { MaintenancePlan, SealedMaintenancePlan } from './maintenance-plan.ts';
import { planTable } from './plan-table.ts';

/** How long a plan may wait. What it assumes is looked at again in any case. */
const PLAN_HOURS = 24;

/**
 * Plans the maintenance of one table or of all, and seals the plan; nothing is touched.
 * @throws ConfigurationError not_found
 */
export async function planMaintenance(
  engine: MaintenanceEngine,
  { table: named }: { readonly table?: string } = {},
): Promise<SealedMaintenancePlan> {
  const { catalog, clock } = engine;
  const now = clock.now();
  const plan: MaintenancePlan = {
    format: 'tidemark-maintenance-plan-1',
    tables: await Array.fromAsync(await pointersOf(engine, named), async (pointer) => {
      engine.signal.throwIfAborted();
      return await planTable(engine, { ...pointer, thorough: true });
    }),
    createdAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + PLAN_HOURS * 3_600_000).toISOString(),
  };
  const body = JSON.stringify(plan);
  const planId = planIdOf(body);
  await storePlan(catalog, { ...plan, planId, verb: 'maintain', manifestId: '', batchId: '', body });
  return { planId, body, plan };
}

async function pointersOf({ catalog }: MaintenanceEngine, named: string | undefined) {
  if (named === undefined) return await listTables(catalog);
  const pointer = await findTable(catalog, named.replace(/^bronze\./, ''));
  if (pointer !== null) return [pointer];
  const known = (await listTables(catalog)).map(({ table }) => table).join(', ');
  throw new ConfigurationError({
    code: ERROR_CODES.not_found,
    message: `There is no table ${named}${known === '' ? ': nothing was committed yet' : `; there are ${known}`}.`,
    next: 'tidemark maintain',
  });
}
