import type { CatalogReader } from './catalog.ts';

/** Where each source stands. */
export interface SourceProgress {
  readonly table: string;
  readonly sourceId: string;
  readonly cursor: { readonly field: string; readonly value: string } | null;
  readonly watermark: { readonly field: string; readonly value: string } | null;
}

export async function listProgress(catalog: CatalogReader): Promise<SourceProgress[]> {
  const found = new Map<string, SourceProgress>();
  const at = (table: string, sourceId: string) =>
    found.get(`${table}\n${sourceId}`) ?? { table, sourceId, cursor: null, watermark: null };
  for (const row of await catalog.selectFrom('cursors').selectAll().execute()) {
    const entry = at(row.table_name, row.source_id);
    const cursor = { field: row.cursor_field, value: row.value };
    found.set(`${row.table_name}\n${row.source_id}`, { ...entry, cursor });
  }
  for (const row of await catalog.selectFrom('watermarks').selectAll().execute()) {
    const entry = at(row.table_name, row.source_id);
    found.set(`${row.table_name}\n${row.source_id}`, {
      ...entry,
      watermark: { field: row.field, value: row.value },
    });
  }
  return [...found.values()].sort((a, b) => (a.table + a.sourceId < b.table + b.sourceId ? -1 : 1));
}
