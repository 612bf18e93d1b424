import { ERROR_CODES } from '../errors/codes.ts';
import { ConflictError } from '../errors/tidemark-error.ts';
import type { Catalog, CatalogReader } from './catalog.ts';
import { type Holder, holdersOf } from './holders.ts';

export interface Lease {
  readonly resource: string;
  readonly runId: string;
  /** Fencing token: a commit is refused when the catalog has moved past it. */
  readonly epoch: number;
}

export type LeaseAttempt =
  | { readonly kind: 'held'; readonly lease: Lease; readonly supersededRunId: string | null }
  | { readonly kind: 'busy'; readonly runId: string; readonly holder: Holder; readonly since: string };

/** Takes the lease unless a living process holds it. A dead holder's run is named, to be closed as interrupted. */
export async function acquireLease(
  catalog: Catalog,
  { resource, runId, now }: { resource: string; runId: string; now: string },
): Promise<LeaseAttempt> {
  const self = await holdersOf(catalog).self();
  return await catalog.transaction().execute(async (tx) => {
    const row = await tx.selectFrom('leases').selectAll().where('resource', '=', resource).executeTakeFirst();
    if (row !== undefined && row.holder_run_id !== '') {
      const holder = JSON.parse(row.holder) as Holder;
      if (await holdersOf(catalog).isAlive(holder))
        return { kind: 'busy', runId: row.holder_run_id, holder, since: row.acquired_at };
    }
    const epoch = (row?.epoch ?? 0) + 1;
    const values = { epoch, holder_run_id: runId, holder: JSON.stringify(self), acquired_at: now };
    await tx
      .insertInto('leases')
      .values({ resource, ...values })
      .onConflict((conflict) => conflict.column('resource').doUpdateSet(values))
      .execute();
    const superseded = row === undefined || row.holder_run_id === '' ? null : row.holder_run_id;
    return { kind: 'held', lease: { resource, runId, epoch }, supersededRunId: superseded };
  });
}

/** Inside the commit transaction, where it fences: a stale writer is refused. */
export async function assertLease(tx: CatalogReader, lease: Lease): Promise<void> {
  const row = await tx
    .selectFrom('leases')
    .selectAll()
    .where('resource', '=', lease.resource)
    .executeTakeFirst();
  if (row?.epoch === lease.epoch && row.holder_run_id === lease.runId) return;
  throw new ConflictError({
    code: ERROR_CODES.lease_lost,
    message: `Run ${lease.runId} no longer holds ${lease.resource}: run ${row?.holder_run_id || 'unknown'} took it over.`,
    next: 'tidemark status',
    facts: { lease, now: row },
  });
}

/** Whether a run or an operation holds a lease, or was the last to: one that died holds it until its successor takes it. */
export async function holdsLease(catalog: CatalogReader, runId: string): Promise<boolean> {
  const row = await catalog
    .selectFrom('leases')
    .select('resource')
    .where('holder_run_id', '=', runId)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export async function releaseLease(catalog: Catalog, lease: Lease): Promise<void> {
  await catalog
    .updateTable('leases')
    .set({ holder_run_id: '' })
    .where('resource', '=', lease.resource)
    .where('epoch', '=', lease.epoch)
    .execute();
}
