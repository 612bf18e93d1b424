import type { CatalogReader } from '../../catalog/catalog.ts';

/** Progress is kept for each source of each table. */
export interface SourceKey {
  readonly table: string;
  readonly sourceId: string;
}

/**
 * The sources that a name means: of a source, a table, a manifest or a batch; without one, all. Those with a cursor or a
 * watermark come first; at most `limit`.
 */
export async function sourcesOf(
  catalog: CatalogReader,
  { target, limit }: { target?: string; limit: number },
): Promise<SourceKey[]> {
  const moving = await movingSources(catalog, { limit, ...(target !== undefined && { target }) });
  const found = new Map(moving.map((source) => [keyOf(source), source]));
  if (found.size < limit) {
    for (const source of await persistedSources(catalog, { limit, ...(target !== undefined && { target }) }))
      if (found.size < limit) found.set(keyOf(source), source);
  }
  return [...found.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** Sources with a cursor, a watermark or something verified. */
async function movingSources(
  catalog: CatalogReader,
  { target, limit }: { target?: string; limit: number },
): Promise<SourceKey[]> {
  const of = (table: 'cursors' | 'watermarks' | 'verified') => {
    const query = catalog.selectFrom(table).select(['table_name', 'source_id']);
    return target === undefined
      ? query
      : query.where((eb) => eb.or([eb('source_id', '=', target), eb('table_name', '=', target)]));
  };
  const rows = await of('cursors').union(of('watermarks')).union(of('verified')).limit(limit).execute();
  return rows.map((row) => ({ table: row.table_name, sourceId: row.source_id }));
}

/** Sources of which something is persisted; documents and the like have nothing else. */
async function persistedSources(
  catalog: CatalogReader,
  { target, limit }: { target?: string; limit: number },
): Promise<SourceKey[]> {
  let query = catalog
    .selectFrom('checkpoints')
    .innerJoin('units', 'units.unit_key', 'checkpoints.unit_key')
    .select(['units.table_name as table', 'units.source_id as sourceId'])
    .distinct();
  if (target !== undefined) {
    query = query.where((eb) =>
      eb.or([
        eb('checkpoints.source_id', '=', target),
        eb('checkpoints.manifest_id', '=', target),
        eb('checkpoints.batch_id', '=', target),
      ]),
    );
  }
  return await query.limit(limit).execute();
}

function keyOf({ table, sourceId }: SourceKey): string {
  return `${table}\n${sourceId}`;
}
