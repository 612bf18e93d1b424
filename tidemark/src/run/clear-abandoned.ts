import { readdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Holder, holdersOf, isRunningHere } from '../catalog/holders.ts';
import type { Engine } from './engine.ts';

/** What runs and maintenance call their folders: their bare id. Whoever works without a lease puts a word before it. */
const BARE_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Removes what processes of this machine landed and refined that died here, and whose work a process elsewhere took over:
 * it could not reach into this home. The folders are listed before the leases are read, so one that is begun meanwhile is
 * left alone.
 */
export async function clearAbandoned({ catalog, home }: Pick<Engine, 'catalog' | 'home'>): Promise<void> {
  const places = [home.landingDir, home.scratchDir];
  const names = await Promise.all(
    places.map(async (of) => await readdir(dirname(of('any'))).catch(() => [])),
  );
  const ids = new Set(names.flat().filter((name) => BARE_ID.test(name)));
  if (ids.size === 0) return;
  const leases = await catalog
    .selectFrom('leases')
    .select(['holder', 'holder_run_id'])
    .where('holder_run_id', 'in', [...ids])
    .execute();
  for (const { holder, holder_run_id } of leases) {
    const by = JSON.parse(holder) as Holder;
    // A session that is just being opened anew is no dead process.
    if (isRunningHere(by) || (await holdersOf(catalog).isAlive(by))) ids.delete(holder_run_id);
  }
  for (const id of ids) for (const of of places) await rm(of(id), { recursive: true, force: true });
}
