import { orphanedDuplicates } from '../bronze/orphaned-duplicates.ts';
import type { PreparedUnit } from '../bronze/prepared-unit.ts';
import { pathOf } from '../bronze/table-io.ts';
import { filesInTable } from '../bronze/unit-rows.ts';
import { liveFilesOf } from '../evidence/live-files.ts';
import { hasObject } from '../landing/store-object.ts';
import { SKIPS_TABLE } from '../model/table-names.ts';
import type { PlanningStage } from './planning-stage.ts';
import type { StandIn } from './rehearse-committed.ts';

/**
 * How many of a unit's duplicates have lost the record that was kept in their place; `doubt` says when none can tell. For a
 * lost data file stands what its own unit comes to, which the same plan writes again.
 */
export async function orphansOf(
  { engine, openEngine }: PlanningStage,
  { unit, standIn }: { unit: PreparedUnit; standIn: StandIn },
): Promise<{ records: number; doubt: string }> {
  if (!unit.deduplicates || unit.tally.duplicate === 0) return { records: 0, doubt: '' };
  const { table, unitKey } = unit;
  try {
    await using duck = await openEngine();
    // The unit's own: a lost file of another one says nothing of its duplicates.
    const skipFiles = (filesInTable(unit, SKIPS_TABLE)?.files ?? []).map(({ uri }) => pathOf(uri));
    const rowFiles: string[] = [];
    const live = await liveFilesOf(engine.catalog, table);
    for (const file of live)
      rowFiles.push((await hasObject(file)) ? file.path : ((await standIn(file.path)) ?? file.path));
    // A lost file that units of others were in too went out of the table when the first of these was mended.
    const paths = new Set(live.map(({ path }) => path));
    const isOut = (one: PreparedUnit) =>
      one.unitKey !== unitKey &&
      (filesInTable(one, table)?.files ?? []).some(({ uri }) => !paths.has(pathOf(uri)));
    for (const one of standIn.own.filter(isOut)) {
      const made = await standIn.unit(one);
      if (made !== null) rowFiles.push(made);
    }
    const files = { skipFiles, rowFiles };
    const [found] = await orphanedDuplicates(duck, { table, ...files, of: { unitKey } });
    return { records: found?.records ?? 0, doubt: '' };
  } catch (error) {
    // Rows that cannot be read may be the keepers: what comes in now would be there twice once they are mended.
    const [what] = (error as Error).message.split('\n');
    return { records: 0, doubt: `; whether its duplicates have their keepers cannot be told (${what})` };
  }
}
