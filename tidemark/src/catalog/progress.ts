import { isAhead } from '../progress/advance.ts';
import type { CatalogReader, CatalogTransaction } from './catalog.ts';

/** Everything here is called inside the commit transaction and nowhere else. */

export async function setCheckpoint(
  tx: CatalogTransaction,
  checkpoint: {
    manifestId: string;
    batchId: string;
    sourceId: string;
    unitKey: string;
    records: number;
    runId: string;
    now: string;
  },
): Promise<void> {
  const values = {
    unit_key: checkpoint.unitKey,
    records: checkpoint.records,
    run_id: checkpoint.runId,
    updated_at: checkpoint.now,
  };
  await tx
    .insertInto('checkpoints')
    .values({
      manifest_id: checkpoint.manifestId,
      batch_id: checkpoint.batchId,
      source_id: checkpoint.sourceId,
      ...values,
    })
    .onConflict((conflict) => conflict.columns(['manifest_id', 'batch_id', 'source_id']).doUpdateSet(values))
    .execute();
}

/** Moves a cursor forward; a value that is not ahead leaves it where it is. */
export async function advanceCursor(
  tx: CatalogTransaction,
  cursor: {
    table: string;
    sourceId: string;
    field: string;
    value: string;
    location: string;
    runId: string;
    now: string;
  },
): Promise<void> {
  const current = await tx
    .selectFrom('cursors')
    .select('value')
    .where('table_name', '=', cursor.table)
    .where('source_id', '=', cursor.sourceId)
    .where('cursor_field', '=', cursor.field)
    .executeTakeFirst();
  if (!isAhead(cursor.value, current?.value ?? null)) return;
  const values = {
    value: cursor.value,
    source_location: cursor.location,
    run_id: cursor.runId,
    updated_at: cursor.now,
  };
  await tx
    .insertInto('cursors')
    .values({ table_name: cursor.table, source_id: cursor.sourceId, cursor_field: cursor.field, ...values })
    .onConflict((conflict) =>
      conflict.columns(['table_name', 'source_id', 'cursor_field']).doUpdateSet(values),
    )
    .execute();
}

/** Moves a watermark forward; late data leaves it where it is. */
export async function advanceWatermark(
  tx: CatalogTransaction,
  watermark: { table: string; sourceId: string; field: string; value: string; runId: string; now: string },
): Promise<void> {
  const current = await tx
    .selectFrom('watermarks')
    .select('value')
    .where('table_name', '=', watermark.table)
    .where('source_id', '=', watermark.sourceId)
    .executeTakeFirst();
  if (!isAhead(watermark.value, current?.value ?? null)) return;
  const values = {
    field: watermark.field,
    value: watermark.value,
    run_id: watermark.runId,
    updated_at: watermark.now,
  };
  await tx
    .insertInto('watermarks')
    .values({ table_name: watermark.table, source_id: watermark.sourceId, ...values })
    .onConflict((conflict) => conflict.columns(['table_name', 'source_id']).doUpdateSet(values))
    .execute();
}

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
