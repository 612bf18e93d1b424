import { join, sep } from 'node:path';
import { ERROR_CODES } from '../../errors/codes.ts';
import { ConfigurationError } from '../../errors/tidemark-error.ts';
import { claimStore } from './claim-store.ts';
import type { ObjectStore } from './object-store.ts';

/**
 * A folder of this machine that stands for an object store. Whoever works with durable files names them by path, as ever;
 * below such a folder a path is a key of the store, and what lies there on disk is a copy for those that need a file:
 * DuckDB and the refining threads. So the stages know nothing of stores, and a home without one pays nothing.
 *
 * 1. A write is done when the store has it. Data files and metadata leave no copy: what is read of them was read from
 *    the store. A raw object leaves the landed file whose sum was taken.
 * 2. A copy is whole or not there; what it is a copy of is never altered, so it is as good as the store's, except for
 *    whoever verifies the store (`distrustCopies`).
 * 3. A copy that is held is not removed; the others are, the oldest first, once they are too many.
 */
export interface Mount {
  readonly dir: string;
  readonly location: string;
  readonly copyBytesMax: number;
  /** Opened, and its client loaded, when first asked for. */
  store(): Promise<ObjectStore>;
  /** The same, for whoever writes or removes: probed, and claimed for the catalog that is named, once. */
  writable(): Promise<ObjectStore>;
  /** Id of the catalog that writes through it; null while nobody does. */
  catalogId: string | null;
  /** How many hold a copy, by its path. */
  readonly held: Map<string, number>;
  /** Copies that are being made, by path. */
  readonly fetching: Map<string, Promise<boolean>>;
  /** Copies made since copies are not trusted any more; null while they are. */
  trusted: Set<string> | null;
  /** Bytes of copies made since the rest was last looked through; at first what other processes left. */
  untrimmedBytes: number;
}

interface Mounted {
  readonly mount: Mount;
  users: number;
  /** Null while nobody asked for the store. */
  close(): Promise<void>;
}

/** By folder, for the whole process, like the mounts of a system: a path means the same to whoever names it. */
const mounts = new Map<string, Mounted>();

export interface MountOptions {
  readonly dir: string;
  readonly location: string;
  open(): Promise<ObjectStore>;
  /** Bytes of copies that are left when nobody holds them. */
  readonly copyBytesMax: number;
}

/**
 * Mounts a store until `unmountStore`. Who mounts what is mounted already shares it.
 * @throws ConfigurationError store_open_elsewhere: a URI must lead to one folder
 */
export function mountStore(options: MountOptions): void {
  for (const { mount } of mounts.values()) {
    if (mount.location !== options.location || mount.dir === options.dir) continue;
    throw new ConfigurationError({
      code: ERROR_CODES.store_open_elsewhere,
      message: `${mount.location} is open in this process already, through ${mount.dir}.`,
      next: 'Close that one first, or use a process of its own for each home.',
    });
  }
  const known = mounts.get(options.dir);
  if (known === undefined) mounts.set(options.dir, mountedNow(options));
  else known.users += 1;
}

export async function unmountStore(dir: string): Promise<void> {
  const entry = mounts.get(dir);
  if (entry === undefined) return;
  entry.users -= 1;
  if (entry.users > 0) return;
  mounts.delete(dir);
  await entry.close();
}

function mountedNow({ dir, location, open, copyBytesMax }: MountOptions): Mounted {
  let opened: Promise<ObjectStore> | null = null;
  let probed: Promise<void> | null = null;
  let claimedBy: string | null = null;
  const store = () => {
    opened ??= open();
    return opened;
  };
  const writable = async () => {
    const at = await store();
    probed ??= at.probe();
    try {
      await probed;
    } catch (error) {
      // A store that was away may be there the next time.
      probed = null;
      throw error;
    }
    const { catalogId } = mount;
    if (catalogId !== null && catalogId !== claimedBy) {
      await claimStore(at, catalogId);
      claimedBy = catalogId;
    }
    return at;
  };
  const mount: Mount = {
    dir,
    location,
    copyBytesMax,
    store,
    writable,
    catalogId: null,
    held: new Map(),
    fetching: new Map(),
    trusted: null,
    untrimmedBytes: Number.POSITIVE_INFINITY,
  };
  return {
    mount,
    users: 1,
    close: async () => (await opened)?.close(),
  };
}

export interface MountedKey {
  readonly mount: Mount;
  readonly key: string;
}

export function hasMounts(): boolean {
  return mounts.size > 0;
}

/** The store and the key behind a path; null for a file of this machine. */
export function mountedKey(path: string): MountedKey | null {
  for (const { mount } of mounts.values()) {
    if (path === mount.dir) return { mount, key: '' };
    if (path.startsWith(`${mount.dir}${sep}`))
      return {
        mount,
        key: path
          .slice(mount.dir.length + 1)
          .split(sep)
          .join('/'),
      };
  }
  return null;
}

/** The URI under which tables name a path below a mount; null for a file of this machine. */
export function mountedUri(path: string): string | null {
  const at = mountedKey(path);
  if (at === null) return null;
  return at.key === '' ? at.mount.location : `${at.mount.location}/${at.key}`;
}

/** The path that stands for a URI of a mounted store; null for any other URI. */
export function mountedPath(uri: string): string | null {
  for (const { mount } of mounts.values()) {
    if (uri === mount.location) return mount.dir;
    if (uri.startsWith(`${mount.location}/`)) return join(mount.dir, uri.slice(mount.location.length + 1));
  }
  return null;
}

/** Says which catalog writes to a store, before anything is written there. */
export function writesFor(dir: string, catalogId: string): void {
  const at = mountedKey(dir);
  if (at !== null) at.mount.catalogId = catalogId;
}

/** From here on this process reads every file from the store once more before it believes its copy. */
export function distrustCopies(dir: string): void {
  const at = mountedKey(dir);
  if (at !== null) at.mount.trusted = new Set();
}
