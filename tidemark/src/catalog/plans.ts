import { createHash } from 'node:crypto';
import type { Selectable } from 'kysely';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConflictError } from '../errors/tidemark-error.ts';
import type { CatalogReader, CatalogTransaction } from './catalog.ts';
import type { CatalogTables } from './schema.ts';

export interface StoredPlan {
  /** SHA-256 of the body. */
  readonly planId: string;
  readonly verb: CatalogTables['plans']['verb'];
  readonly manifestId: string;
  readonly batchId: string;
  /** JSON text, exactly as hashed. */
  readonly body: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  /** The run that executed it. */
  readonly executedBy: string | null;
}

/** A plan is known by the hash of its text. */
export function planIdOf(body: string): string {
  return createHash('sha256').update(`tidemark:plan:1\n${body}`).digest('hex');
}

/** Planning the same again while nothing moved gives the same plan. */
export async function storePlan(catalog: CatalogReader, plan: Omit<StoredPlan, 'executedBy'>): Promise<void> {
  await catalog
    .insertInto('plans')
    .values({
      plan_id: plan.planId,
      verb: plan.verb,
      manifest_id: plan.manifestId,
      batch_id: plan.batchId,
      body: plan.body,
      created_at: plan.createdAt,
      expires_at: plan.expiresAt,
      executed_by: null,
    })
    .onConflict((conflict) => conflict.column('plan_id').doNothing())
    .execute();
}

/** Plans whose id begins so; ids are long, and their beginning is enough to type. */
export async function findPlans(catalog: CatalogReader, beginning: string): Promise<StoredPlan[]> {
  const rows = await catalog
    .selectFrom('plans')
    .selectAll()
    .where('plan_id', '>=', beginning)
    .where('plan_id', '<', `${beginning}g`)
    .limit(3)
    .execute();
  return rows.map(storedPlan);
}

/** The plan of a verb that was executed last for a batch. */
export async function lastExecuted(
  catalog: CatalogReader,
  { verb, manifestId, batchId }: Pick<StoredPlan, 'verb' | 'manifestId' | 'batchId'>,
): Promise<StoredPlan | null> {
  const row = await catalog
    .selectFrom('plans')
    .selectAll()
    .where('manifest_id', '=', manifestId)
    .where('batch_id', '=', batchId)
    .where('verb', '=', verb)
    .where('executed_by', 'is not', null)
    .orderBy('executed_by', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? null : storedPlan(row);
}

/**
 * The plan of the backfill that a batch is of; null for a batch of runs. `body` is null where the plan is not there any
 * more: a rebuilt catalog has only those that were executed.
 */
export async function backfillThatMade(
  catalog: CatalogReader,
  { manifestId, batchId }: Pick<StoredPlan, 'manifestId' | 'batchId'>,
): Promise<Pick<StoredPlan, 'body'> | { readonly body: null } | null> {
  const row = await catalog
    .selectFrom('runs')
    .leftJoin('plans', 'plans.plan_id', 'runs.plan_id')
    .select('plans.body')
    .where('runs.manifest_id', '=', manifestId)
    .where('runs.batch_id', '=', batchId)
    .where('runs.verb', '=', 'backfill')
    .orderBy('runs.run_id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

function storedPlan(row: Selectable<CatalogTables['plans']>): StoredPlan {
  return {
    planId: row.plan_id,
    verb: row.verb,
    manifestId: row.manifest_id,
    batchId: row.batch_id,
    body: row.body,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    executedBy: row.executed_by,
  };
}

/** A plan is executed once, in the transaction that makes it true. */
export async function markExecuted(
  tx: CatalogTransaction | CatalogReader,
  { planId, runId }: { planId: string; runId: string },
): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable('plans')
    .set({ executed_by: runId })
    .where('plan_id', '=', planId)
    .where('executed_by', 'is', null)
    .executeTakeFirst();
  if (numUpdatedRows === 1n) return;
  throw new ConflictError({
    code: ERROR_CODES.plan_executed,
    message: `Plan ${planId.slice(0, 12)} was executed by another run meanwhile.`,
    next: 'tidemark status shows how the batch stands; plan again if anything is left.',
    facts: { planId },
  });
}
