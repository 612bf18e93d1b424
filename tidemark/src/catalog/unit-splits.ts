import type { CatalogReader } from './catalog.ts';
import type { UnitState } from './schema.ts';

/** Of the units of a table, in a state or in any: the split that each is of, where its source is of many. */
export async function splitsOf(
  catalog: CatalogReader,
  { table, state }: { table: string; state?: UnitState },
): Promise<Map<string, string>> {
  let query = catalog
    .selectFrom('units')
    .select(['unit_key', 'split'])
    .where('table_name', '=', table)
    .where('split', '<>', '');
  if (state !== undefined) query = query.where('state', '=', state);
  return new Map((await query.execute()).map((row) => [row.unit_key, row.split]));
}
