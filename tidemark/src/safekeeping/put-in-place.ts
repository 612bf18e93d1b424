import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { backup, DatabaseSync } from 'node:sqlite';
import { type Holder, isRunningHere } from '../catalog/holders.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConflictError } from '../errors/tidemark-error.ts';
import { syncFile } from '../landing/durable-files.ts';
import type { Home } from '../landing/home.ts';

/** Pages copied at once: all of them, so that the change is one transaction of the catalog's file. */
const ALL_PAGES = 0x7fffffff;

const SIDES = ['', '-wal', '-shm'] as const;

/**
 * Makes a finished catalog the catalog of a home, and keeps what was there under another name. A file that can be read
 * stays the same file: its content is changed in one transaction, so that whoever has it open sees the new one and a
 * crash leaves either. Fencing goes on: every lease is free, and one epoch further.
 * @returns the name of what was there; null where nothing was
 * @throws ConflictError catalog_in_use
 */
export async function putInPlace({
  home,
  draft,
  now,
}: {
  home: Home;
  draft: string;
  now: Date;
}): Promise<string | null> {
  const { catalogPath } = home;
  const aside = `${catalogPath}.set-aside-${now.toISOString().replaceAll(/[-:.]/g, '')}`;
  if (!isCatalog(catalogPath)) {
    const there = SIDES.filter((side) => existsSync(catalogPath + side));
    for (const side of there) await rename(catalogPath + side, aside + side);
    withDatabase(draft, (database) => database.exec('PRAGMA journal_mode = DELETE'));
    await syncFile(draft);
    await rename(draft, catalogPath);
    await syncFile(catalogPath);
    return there.length === 0 ? null : aside;
  }
  refuseWhileInUse(catalogPath);
  withDatabase(catalogPath, (database) => database.prepare('VACUUM INTO ?').run(aside));
  await syncFile(aside);
  carryLeases({ from: catalogPath, to: draft });
  const source = new DatabaseSync(draft, { readOnly: true });
  try {
    await backup(source, catalogPath, { rate: ALL_PAGES });
  } catch (cause) {
    throw inUse(catalogPath, `another process is writing to it (${(cause as Error).message})`);
  } finally {
    source.close();
  }
  await syncFile(catalogPath);
  return aside;
}

/** Whether a file is a catalog that SQLite finds whole. */
export function isCatalog(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    return withDatabase(
      path,
      (database) => {
        const [check] = database.prepare('PRAGMA quick_check').all();
        return check?.quick_check === 'ok' && versionIn(database) > 0;
      },
      { readOnly: true },
    );
  } catch {
    return false;
  }
}

export function versionIn(database: DatabaseSync): number {
  const row = database.prepare("SELECT value FROM tidemark_meta WHERE key = 'catalog_version'").get();
  return Number(row?.value ?? 0);
}

/** @throws ConflictError catalog_in_use while a living run holds a lease */
export function refuseWhileInUse(path: string): void {
  const held = withDatabase(path, (database) =>
    database.prepare("SELECT holder_run_id, holder FROM leases WHERE holder_run_id <> ''").all(),
  );
  for (const { holder_run_id: runId, holder } of held) {
    const who = JSON.parse(String(holder)) as Holder;
    if (isRunningHere(who)) throw inUse(path, `run ${runId} is in progress (process ${who.pid})`);
  }
}

function inUse(path: string, why: string): ConflictError {
  return new ConflictError({
    code: ERROR_CODES.catalog_in_use,
    message: `The catalog ${path} is not put in another's place: ${why}.`,
    next: 'Nothing was changed. Wait until runs have ended (tidemark status shows them), then execute again.',
    facts: { path },
  });
}

/** A run that still believes to hold a lease is refused at its commit. */
function carryLeases({ from, to }: { from: string; to: string }): void {
  const leases = withDatabase(from, (database) => database.prepare('SELECT * FROM leases').all());
  withDatabase(to, (database) => {
    const put = database.prepare(`INSERT INTO leases (resource, epoch, holder_run_id, holder, acquired_at)
      VALUES (?, ?, '', ?, ?) ON CONFLICT (resource) DO UPDATE
      SET epoch = max(epoch, excluded.epoch), holder_run_id = '', holder = excluded.holder`);
    for (const { resource, epoch, holder, acquired_at: at } of leases)
      put.run(resource ?? '', Number(epoch) + 1, holder ?? '', at ?? '');
    database.exec("UPDATE leases SET holder_run_id = ''");
  });
}

export function withDatabase<Result>(
  path: string,
  use: (database: DatabaseSync) => Result,
  options: { readOnly?: boolean } = {},
): Result {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, ...options });
  try {
    return use(database);
  } finally {
    database.close();
  }
}

const BUSY_TIMEOUT_MS = 5_000;
