import type { PreparedUnit } from '../bronze/prepared-unit.ts';
import type { CatalogReader } from '../catalog/catalog.ts';
import type { SourceWindow } from '../catalog/verifications.ts';
import { QUARANTINE_TABLE } from '../model/table-names.ts';
import { compareProgress } from '../progress/advance.ts';
import { settledBefore } from '../progress/settled.ts';

/** What of a source a unit holds, and by which field: its cursor, or its event time. */
interface Held {
  readonly field: string;
  readonly startAt: string | null;
  /** Null: to no end. */
  readonly endBefore: string | null;
}

/**
 * The windows that proving these units proves, cut off where records may still come: neither the last value seen nor what
 * the declared lateness leaves open is settled. Units without a cursor or an event time have none.
 */
export async function settledWindows(
  catalog: CatalogReader,
  { units, latenessMs }: { units: readonly PreparedUnit[]; latenessMs: number },
): Promise<SourceWindow[]> {
  const windows: SourceWindow[] = [];
  for (const unit of units) {
    const { table, sourceId } = unit;
    const held = table === QUARANTINE_TABLE ? null : heldBy(unit);
    if (held === null) continue;
    const { field, startAt } = held;
    const upTo = await acknowledged(catalog, { table, sourceId, field, latenessMs });
    if (upTo === null) continue;
    const { endBefore: end } = held;
    const endBefore = end !== null && compareProgress(end, upTo) < 0 ? end : upTo;
    if (startAt !== null && compareProgress(startAt, endBefore) >= 0) continue;
    windows.push({ table, sourceId, field, startAt, endBefore });
  }
  return windows;
}

function heldBy(unit: PreparedUnit): Held | null {
  const window = unit.recordWindow ?? null;
  if (window !== null) return window;
  if (unit.watermark === null) return null;
  return { field: unit.watermark.field, startAt: null, endBefore: null };
}

/**
 * What the source as a whole has come to. Only forward runs move it: what a replay or a backfill brings beyond it is not
 * settled, and a historical window lies behind it whatever its own records reach.
 */
async function acknowledged(
  catalog: CatalogReader,
  {
    table,
    sourceId,
    field,
    latenessMs,
  }: Omit<SourceWindow, 'startAt' | 'endBefore'> & { latenessMs: number },
): Promise<string | null> {
  const cursors = await catalog
    .selectFrom('cursors')
    .select('value')
    .where('table_name', '=', table)
    .where('source_id', '=', sourceId)
    .where('cursor_field', '=', field)
    .execute();
  const watermarks = await catalog
    .selectFrom('watermarks')
    .select('value')
    .where('table_name', '=', table)
    .where('source_id', '=', sourceId)
    .where('field', '=', field)
    .execute();
  const reached = [
    ...cursors.map(({ value }) => settledBefore(value, latenessMs)),
    ...watermarks.map(({ value }) => value),
  ];
  return reached.reduce<string | null>((a, b) => (a === null || compareProgress(b, a) > 0 ? b : a), null);
}
