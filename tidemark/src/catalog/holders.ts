import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { DialectAdapter } from 'kysely';
import type { CatalogReader } from './catalog.ts';

/** Who holds a lease, in a form that says later whether it still lives. */
export interface Holder {
  readonly host: string;
  readonly boot: string;
  readonly pid: number;
  readonly started: string;
  /** The session that lives as long as its process, where a server watches; absent where processes can be asked. */
  readonly session?: string;
}

/** Tells living holders of leases from dead ones: at once, and for sure. */
export interface Holders {
  /** This process. */
  self(): Promise<Holder>;
  isAlive(holder: Holder): Promise<boolean>;
  /** From now on this process is another holder: what it holds and could not give back is free. */
  renew(): Promise<void>;
}

/** An adapter knows how its holders are told; whoever has the catalog, or a transaction of it, can ask. */
export interface HoldersAdapter extends DialectAdapter {
  readonly holders: Holders;
}

export function holdersOf(catalog: CatalogReader): Holders {
  return (catalog.getExecutor().adapter as HoldersAdapter).holders; // Every dialect of ours makes such an adapter.
}

/** Holders of an embedded catalog are processes of this machine, known by boot, process id and start time. */
export const LOCAL_HOLDERS: Holders = {
  self: async () => thisProcess(),
  isAlive: async (holder) => isRunningHere(holder),
  // A file that cannot be written to is not taken over by anyone else either.
  renew: async () => undefined,
};

export function thisProcess(): Holder {
  return { host: hostname(), boot: bootId(), pid: process.pid, started: startOf(process.pid) ?? '' };
}

/** A process of another host or an earlier boot cannot be asked; on an embedded catalog it cannot be alive either. */
export function isRunningHere(holder: Holder): boolean {
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
