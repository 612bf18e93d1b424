import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConflictError } from '../errors/tidemark-error.ts';
import type { Catalog, CatalogReader } from './catalog.ts';

/** An embedded holder: known by boot, process id and start time, so that a dead one is told at once and for sure. */
export interface Holder {
  readonly host: string;
  readonly boot: string;
  readonly pid: number;
  readonly started: string;
}

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
  return await catalog.transaction().execute(async (tx) => {
    const row = await tx.selectFrom('leases').selectAll().where('resource', '=', resource).executeTakeFirst();
    if (row !== undefined && row.holder_run_id !== '') {
      const holder = JSON.parse(row.holder) as Holder;
      if (isAlive(holder)) return { kind: 'busy', runId: row.holder_run_id, holder, since: row.acquired_at };
    }
    const epoch = (row?.epoch ?? 0) + 1;
    const values = { epoch, holder_run_id: runId, holder: JSON.stringify(thisProcess()), acquired_at: now };
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

export async function releaseLease(catalog: Catalog, lease: Lease): Promise<void> {
  await catalog
    .updateTable('leases')
    .set({ holder_run_id: '' })
    .where('resource', '=', lease.resource)
    .where('epoch', '=', lease.epoch)
    .execute();
}

export function thisProcess(): Holder {
  return { host: hostname(), boot: bootId(), pid: process.pid, started: startOf(process.pid) ?? '' };
}

/** A process of another host or an earlier boot cannot be asked; on an embedded catalog it cannot be alive either. */
export function isAlive(holder: Holder): boolean {
  const here = holder.host === hostname() && holder.boot === bootId();
  return here && startOf(holder.pid) === holder.started;
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return 'unknown'; // No such file outside Linux: pid and start decide alone.
  }
}

/** Start time in clock ticks since boot (proc(5), field 22), null when there is no such process. */
function startOf(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    if (process.platform === 'linux') return null;
  }
  try {
    process.kill(pid, 0);
    return 'unknown';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'unknown' : null;
  }
}
