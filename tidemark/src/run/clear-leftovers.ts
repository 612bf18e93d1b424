import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { decodeUnit, type PreparedUnit } from '../bronze/prepared-unit.ts';
import { tableIo } from '../bronze/table-io.ts';
import { hasCommitted } from '../catalog/commits.ts';
import { discardUnit, supersededUnits, unitsPreparedBy } from '../catalog/units.ts';
import { namesIn, removeStored } from '../landing/store/stored-files.ts';
import { CURRENT_NAMESPACE, currentOf } from '../model/table-names.ts';
import type { Engine } from './engine.ts';

/**
 * Removes what only a dead run used: its landing and scratch folders, and table files that carry its id and that neither
 * a unit nor a snapshot names. Data files of its prepared units stay, whoever will commit them. Must run before the dead
 * run is closed, by the holder of the lease: nobody else writes files of that run.
 */
export async function clearLeftovers(engine: Engine, runId: string): Promise<void> {
  const { home } = engine;
  await rm(home.landingDir(runId), { recursive: true, force: true });
  await rm(home.scratchDir(runId), { recursive: true, force: true });
  // A committed run's metadata is the table; what it lost on the way there it removed itself.
  const isCommitted = await hasCommitted(engine.catalog, runId);
  const zones = isCommitted ? ['data'] : ['data', 'metadata'];
  const units = (await unitsPreparedBy(engine.catalog, runId)).map(decodeUnit);
  // By table and file name, which are a run's own: the same home may be opened by another path than it was written by.
  const named = new Set(
    units.flatMap((unit) =>
      unit.files.flatMap(({ table, files }) => files.map(({ uri }) => `${table}/${basename(uri)}`)),
    ),
  );
  const tables = await namesIn(join(home.warehouseDir, 'bronze'));
  // Where maintenance has moved its rows, earlier snapshots still read its own files: maintenance removes those.
  const moved = new Set(
    units.flatMap((unit) => unit.files.flatMap(({ table, shared }) => (shared ? [table] : []))),
  );
  for (const table of tables) {
    if (moved.has(table)) continue;
    const dir = home.tableDir(table);
    for (const zone of zones) {
      // Data files begin with the id of their run: of a large table a store lists those alone.
      for (const name of await namesIn(join(dir, zone), zone === 'data' ? runId : '')) {
        if (!name.includes(runId)) continue;
        if (!named.has(`${table}/${name}`)) await removeStored(join(dir, zone, name));
      }
    }
  }
  // No unit names files of newest versions: those of a run that committed are the table's, and all others are nobody's.
  for (const name of isCommitted ? [] : await namesIn(join(home.warehouseDir, CURRENT_NAMESPACE))) {
    for (const zone of ['data', 'metadata']) {
      const dir = join(home.tableDir(currentOf(name)), zone);
      for (const file of await namesIn(dir, zone === 'data' ? runId : ''))
        if (file.includes(runId)) await removeStored(join(dir, file));
    }
  }
}

/** Gives up a prepared unit and its data files. One that was committed meanwhile keeps them. */
export async function discardPrepared(engine: Engine, unit: PreparedUnit): Promise<void> {
  if (!(await discardUnit(engine.catalog, unit))) return;
  for (const entry of unit.files) for (const file of entry.files) await tableIo.remove(file.uri);
}

/** Units that were prepared and whose content another run has committed since: nobody will use them. */
export async function clearSuperseded(engine: Engine, manifestId: string): Promise<void> {
  for (const text of await supersededUnits(engine.catalog, manifestId))
    await discardPrepared(engine, decodeUnit(text));
}
