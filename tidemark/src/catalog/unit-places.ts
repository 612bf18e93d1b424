import type { CatalogReader } from './catalog.ts';

/** The batch that a unit is committed in, and since when; null where it is not. */
export async function placeOfUnit(
  catalog: CatalogReader,
  unitKey: string,
): Promise<{ readonly manifestId: string; readonly batchId: string; readonly committedAt: string } | null> {
  const row = await catalog
    .selectFrom('units')
    .select(['manifest_id', 'batch_id', 'committed_at'])
    .where('unit_key', '=', unitKey)
    .where('state', '=', 'committed')
    .executeTakeFirst();
  if (row === undefined) return null;
  return { manifestId: row.manifest_id, batchId: row.batch_id, committedAt: row.committed_at ?? '' };
}

/** Committed units of a table of whose preparation a text is part, such as the name of a data file, encoded. */
export async function committedUnitsNaming(
  catalog: CatalogReader,
  { table, text }: { table: string; text: string },
): Promise<string[]> {
  const rows = await catalog
    .selectFrom('units')
    .select('prepared')
    .where('table_name', '=', table)
    .where('state', '=', 'committed')
    .where('prepared', 'like', `%${text}%`)
    .orderBy('committed_at')
    .execute();
  return rows.map((row) => row.prepared);
}
