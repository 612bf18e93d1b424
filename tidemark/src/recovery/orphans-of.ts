import { orphanedDuplicates } from '../bronze/orphaned-duplicates.ts';
import type { PreparedUnit } from '../bronze/prepared-unit.ts';
import { liveFilesOf } from '../evidence/live-files.ts';
import { SKIPS_TABLE } from '../model/table-names.ts';
import type { PlanningStage } from './planning-stage.ts';

/** How many of a unit's duplicates have lost the record that was kept in their place; `doubt` says when none can tell. */
export async function orphansOf(
  { engine, openEngine }: PlanningStage,
  unit: PreparedUnit,
): Promise<{ records: number; doubt: string }> {
  if (!unit.deduplicates || unit.tally.duplicate === 0) return { records: 0, doubt: '' };
  const paths = async (table: string) => (await liveFilesOf(engine.catalog, table)).map(({ path }) => path);
  const { table, unitKey } = unit;
  try {
    await using duck = await openEngine();
    const files = { skipFiles: await paths(SKIPS_TABLE), rowFiles: await paths(table) };
    const [found] = await orphanedDuplicates(duck, { table, ...files, of: { unitKey } });
    return { records: found?.records ?? 0, doubt: '' };
  } catch (error) {
    // Rows that cannot be read may be the keepers: what comes in now would be there twice once they are mended.
    const [what] = (error as Error).message.split('\n');
    return { records: 0, doubt: `; whether its duplicates have their keepers cannot be told (${what})` };
  }
}
