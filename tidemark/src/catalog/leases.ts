import { ERROR_CODES } from '../errors/codes.ts';
import { ConflictError, TransientError } from '../errors/tidemark-error.ts';
import type { Catalog, CatalogReader, CatalogTransaction } from './catalog.ts';
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
  let taken: LeaseAttempt | null = null;
  const take = async (tx: CatalogTransaction): Promise<LeaseAttempt> => {
    const row = await findLease(tx, resource);
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
    taken = { kind: 'held', lease: { resource, runId, epoch }, supersededRunId: superseded };
    return taken;
  };
  try {
    return await catalog.transaction().execute(take);
  } catch (error) {
    // Its acknowledgement may be all that was lost: a lease that nobody knows of would keep this very process out.
    const found = taken as LeaseAttempt | null;
    if (!(error instanceof TransientError) || found?.kind !== 'held') throw error;
    return await catalog.transaction().execute(async (tx) => {
      const row = await findLease(tx, resource);
      return isHeldBy(row, found.lease) ? found : await take(tx);
    });
  }
}

async function findLease(catalog: CatalogReader, resource: string) {
  return await catalog.selectFrom('leases').selectAll().where('resource', '=', resource).executeTakeFirst();
}

function isHeldBy(row: Awaited<ReturnType<typeof findLease>>, { epoch, runId }: Lease): boolean {
  return row?.epoch === epoch && row.holder_run_id === runId;
}

/** Inside the commit transaction, where it fences: a stale writer is refused. */
export async function assertLease(tx: CatalogReader, lease: Lease): Promise<void> {
  const lost = await lostLease(tx, lease);
  if (lost !== null) throw lost;
}

/** Null while it is held. */
export async function lostLease(catalog: CatalogReader, lease: Lease): Promise<ConflictError | null> {
  const row = await findLease(catalog, lease.resource);
  if (isHeldBy(row, lease)) return null;
  const by = row?.holder_run_id ? `run ${row.holder_run_id}` : 'another run, which has ended,';
  return new ConflictError({
    code: ERROR_CODES.lease_lost,
    message: `Run ${lease.runId} was taken for dead and no longer holds ${lease.resource}: ${by} took it over.`,
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

/**
 * Doing it twice is doing it once: it is tried again where the catalog did not answer. One that still cannot be given back
 * would keep this very process out for as long as it lives.
 */
export async function releaseLease(catalog: Catalog, lease: Lease): Promise<void> {
  const release = async () => {
    await catalog
      .updateTable('leases')
      .set({ holder_run_id: '' })
      .where('resource', '=', lease.resource)
      .where('epoch', '=', lease.epoch)
      .execute();
  };
  try {
    await release().catch(async (error) => {
      if (!(error instanceof TransientError)) throw error;
      await release();
    });
  } catch (error) {
    await holdersOf(catalog).renew();
    throw error;
  }
}
