import { sql } from 'kysely';
import type { CatalogReader } from './catalog.ts';

/** Where one source of one table stands. */
export interface SourceProgress {
  /** The manifest whose run moved it; null when none is known. */
  readonly manifestId: string | null;
  readonly table: string;
  readonly sourceId: string;
  readonly cursor: { readonly field: string; readonly value: string } | null;
  readonly watermark: { readonly field: string; readonly value: string } | null;
  /** Everything before `value` is proven complete. */
  readonly verified: { readonly field: string; readonly value: string } | null;
}

/** Sources with a cursor, a watermark or something verified, by table and source; at most `limit` of each object. */
export async function listProgress(
  catalog: CatalogReader,
  { limit }: { limit: number },
): Promise<SourceProgress[]> {
  const found = new Map<string, SourceProgress>();
  for (const object of ['cursor', 'watermark', 'verified'] as const) {
    for (const { table, sourceId, manifestId, field, value } of await positionsOf(catalog, {
      object,
      limit,
    })) {
      const key = `${table}\n${sourceId}`;
      const nothing = { table, sourceId, manifestId, cursor: null, watermark: null, verified: null };
      const entry = found.get(key) ?? nothing;
      found.set(key, { ...entry, manifestId: entry.manifestId ?? manifestId, [object]: { field, value } });
    }
  }
  const sources = [...found.values()].sort((a, b) => (a.table + a.sourceId < b.table + b.sourceId ? -1 : 1));
  return await Promise.all(sources.map(async (source) => await withManifest(catalog, source)));
}

const COLUMNS = {
  cursor: ['cursors', 'cursor_field', 'value'],
  watermark: ['watermarks', 'field', 'value'],
  verified: ['verified', 'field', 'through'],
} as const;

interface Moved {
  readonly table: string;
  readonly sourceId: string;
  readonly manifestId: string | null;
  readonly field: string;
  readonly value: string;
}

async function positionsOf(
  catalog: CatalogReader,
  { object, limit }: { object: keyof typeof COLUMNS; limit: number },
): Promise<Moved[]> {
  const [table, field, value] = COLUMNS[object];
  const { rows } = await sql<Moved>`
    SELECT moved.table_name AS "table", moved.source_id AS "sourceId", runs.manifest_id AS "manifestId",
      moved.${sql.ref(field)} AS field, moved.${sql.ref(value)} AS value
    FROM ${sql.table(table)} moved LEFT JOIN runs ON runs.run_id = moved.run_id
    LIMIT ${limit}`.execute(catalog);
  return rows;
}

/** What an operator moved names no run; whoever brought the source last does. */
async function withManifest(catalog: CatalogReader, source: SourceProgress): Promise<SourceProgress> {
  if (source.manifestId !== null) return source;
  const row = await catalog
    .selectFrom('checkpoints')
    .select('manifest_id')
    .where('source_id', '=', source.sourceId)
    .orderBy('updated_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return { ...source, manifestId: row?.manifest_id ?? null };
}
