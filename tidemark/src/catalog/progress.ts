import { moves } from '../progress/moves.ts';
import type { CatalogReader, CatalogTransaction } from './catalog.ts';
import { recordMove } from './progress-moves.ts';

export interface StoredCursor {
  readonly value: string;
  /** Where it was reached. */
  readonly location: string;
  readonly runId: string;
}

export async function findCursor(
  catalog: CatalogReader,
  { table, sourceId, field }: { table: string; sourceId: string; field: string },
): Promise<StoredCursor | null> {
  const row = await catalog
    .selectFrom('cursors')
    .selectAll()
    .where('table_name', '=', table)
    .where('source_id', '=', sourceId)
    .where('cursor_field', '=', field)
    .executeTakeFirst();
  return row === undefined ? null : { value: row.value, location: row.source_location, runId: row.run_id };
}

/** What moves progress is called inside the commit transaction and nowhere else. */

export async function setCheckpoint(
  tx: CatalogTransaction,
  checkpoint: {
    table: string;
    manifestId: string;
    batchId: string;
    sourceId: string;
    split: string;
    unitKey: string;
    records: number;
    runId: string;
    now: string;
  },
): Promise<void> {
  const { table, manifestId, batchId, sourceId, split, unitKey, runId, now } = checkpoint;
  const current = await tx
    .selectFrom('checkpoints')
    .select('unit_key')
    .where('manifest_id', '=', manifestId)
    .where('batch_id', '=', batchId)
    .where('source_id', '=', sourceId)
    .where('split', '=', split)
    .executeTakeFirst();
  const values = { unit_key: unitKey, records: checkpoint.records, run_id: runId, updated_at: now };
  await tx
    .insertInto('checkpoints')
    .values({ manifest_id: manifestId, batch_id: batchId, source_id: sourceId, split, ...values })
    .onConflict((conflict) =>
      conflict.columns(['manifest_id', 'batch_id', 'source_id', 'split']).doUpdateSet(values),
    )
    .execute();
  const before = current?.unit_key ?? null;
  const move = { object: 'checkpoint', cause: 'commit', before, after: unitKey } as const;
  if (!moves({ ...move, forward: true })) return;
  await recordMove(tx, {
    ...move,
    table,
    sourceId,
    field: split === '' ? batchId : `${batchId}/${split}`,
    runId,
    reason: null,
    movedAt: now,
  });
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
  const { table, sourceId, field, value, runId, now } = cursor;
  const current = await tx
    .selectFrom('cursors')
    .select('value')
    .where('table_name', '=', table)
    .where('source_id', '=', sourceId)
    .where('cursor_field', '=', field)
    .executeTakeFirst();
  const move = { object: 'cursor', cause: 'commit', before: current?.value ?? null, after: value } as const;
  if (!moves({ ...move, forward: true })) return;
  const values = { value, source_location: cursor.location, run_id: runId, updated_at: now };
  await tx
    .insertInto('cursors')
    .values({ table_name: table, source_id: sourceId, cursor_field: field, ...values })
    .onConflict((conflict) =>
      conflict.columns(['table_name', 'source_id', 'cursor_field']).doUpdateSet(values),
    )
    .execute();
  await recordMove(tx, { ...move, table, sourceId, field, runId, reason: null, movedAt: now });
}

/** Moves a watermark forward; late data leaves it where it is. */
export async function advanceWatermark(
  tx: CatalogTransaction,
  watermark: { table: string; sourceId: string; field: string; value: string; runId: string; now: string },
): Promise<void> {
  const { table, sourceId, field, value, runId, now } = watermark;
  const current = await tx
    .selectFrom('watermarks')
    .select(['field', 'value'])
    .where('table_name', '=', table)
    .where('source_id', '=', sourceId)
    .executeTakeFirst();
  const before = current?.field === field ? current.value : null;
  const move = { object: 'watermark', cause: 'commit', before, after: value } as const;
  if (!moves({ ...move, forward: true })) return;
  const values = { field, value, run_id: runId, updated_at: now };
  await tx
    .insertInto('watermarks')
    .values({ table_name: table, source_id: sourceId, ...values })
    .onConflict((conflict) => conflict.columns(['table_name', 'source_id']).doUpdateSet(values))
    .execute();
  await recordMove(tx, { ...move, table, sourceId, field, runId, reason: null, movedAt: now });
}

/** An operator sets a cursor or a watermark, in any direction. */
export async function setPosition(
  tx: CatalogTransaction,
  set: {
    object: 'cursor' | 'watermark';
    table: string;
    sourceId: string;
    field: string;
    before: string | null;
    after: string;
    location: string;
    runId: string;
    reason: string;
    now: string;
  },
): Promise<void> {
  const { object, table, sourceId, field, before, after, runId, reason, now } = set;
  const move = { object, cause: 'operator', before, after } as const;
  if (object === 'cursor') {
    await tx
      .updateTable('cursors')
      .set({ source_location: set.location })
      .where('table_name', '=', table)
      .where('source_id', '=', sourceId)
      .where('cursor_field', '=', field)
      .where('source_location', '<>', set.location)
      .execute();
  }
  if (!moves({ ...move, forward: false })) return;
  const values = { value: after, run_id: runId, updated_at: now };
  const source = { table_name: table, source_id: sourceId };
  if (object === 'cursor') {
    await tx
      .insertInto('cursors')
      .values({ ...source, cursor_field: field, source_location: set.location, ...values })
      .onConflict((conflict) =>
        conflict.columns(['table_name', 'source_id', 'cursor_field']).doUpdateSet(values),
      )
      .execute();
  } else {
    await tx
      .insertInto('watermarks')
      .values({ ...source, field, ...values })
      .onConflict((conflict) =>
        conflict.columns(['table_name', 'source_id']).doUpdateSet({ field, ...values }),
      )
      .execute();
  }
  await recordMove(tx, { ...move, table, sourceId, field, runId, reason, movedAt: now });
}
