import { UNRESOLVED } from '../catalog/find-incidents.ts';
import { findTable, listAllTables } from '../catalog/iceberg-tables.ts';
import { planIdOf, storePlan } from '../catalog/plans.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';
import { isCurrent } from '../model/table-names.ts';
import type { MaintenanceEngine } from './maintenance-engine.ts';
import type { MaintenancePlan, SealedMaintenancePlan } from './maintenance-plan.ts';
import { planTable } from './plan-table.ts';
import { whyRefold } from './refold.ts';

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
      const table = await planTable(engine, { ...pointer, thorough: true });
      const refold = await refoldReason(engine, { table: pointer.table, isNamed: named !== undefined });
      return refold === null ? table : { ...table, refold };
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
  if (named === undefined) return await listAllTables(catalog);
  const pointer = await findTable(catalog, named.replace(/^bronze\./, ''));
  if (pointer !== null) return [pointer];
  const all = await listAllTables(catalog);
  const known = all.map(({ table }) => table).join(', ');
  throw new ConfigurationError({
    code: ERROR_CODES.not_found,
    message: `There is no table ${named}${known === '' ? ': nothing was committed yet' : `; there are ${known}`}.`,
    next: 'tidemark maintain',
  });
}

/** Whoever names a table of newest versions has a reason to; of the others metadata tell, and what a verification found. */
async function refoldReason(
  engine: MaintenanceEngine,
  { table, isNamed }: { table: string; isNamed: boolean },
): Promise<string | null> {
  if (!isCurrent(table)) return null;
  const why = await whyRefold(engine, table);
  if (why !== null) return why;
  if (isNamed) return 'it is named';
  const found = await engine.catalog
    .selectFrom('incidents')
    .select('incident_key')
    .where('table_name', '=', table)
    .where('kind', '=', 'current_differs')
    .where('state', 'in', [...UNRESOLVED])
    .limit(1)
    .executeTakeFirst();
  return found === undefined ? null : `incident ${found.incident_key} is about it`;
}
