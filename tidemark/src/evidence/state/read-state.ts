import { decodeUnit } from '../../bronze/prepared-unit.ts';
import type { CatalogReader } from '../../catalog/catalog.ts';
import { type Distance, distanceBehind } from '../../progress/distance.ts';
import { instantMs } from '../../progress/instant.ts';
import { type SourceKey, sourcesOf } from './sources-of.ts';

/** One object of progress: its value, and who moved it there when. */
export interface Position {
  readonly field: string;
  readonly value: string;
  readonly runId: string;
  readonly movedAt: string;
}

/** Where one source stands, and how far its objects of progress are apart. */
export interface SourceState extends SourceKey {
  /** The manifest that brought it last. */
  readonly manifestId: string | null;
  /** What of its latest batch is persisted. */
  readonly checkpoint: {
    readonly batchId: string;
    readonly records: number;
    readonly unitKey: string;
    readonly runId: string;
    readonly movedAt: string;
  } | null;
  readonly cursor: Position | null;
  readonly watermark: Position | null;
  /** `value` is what everything before is proven complete. */
  readonly verified: (Position & { readonly startAt: string | null }) | null;
  /** How far the watermark is behind the cursor, and verified-through behind the watermark; null where neither can tell. */
  readonly watermarkBehindCursor: Distance | null;
  readonly verifiedBehindWatermark: Distance | null;
  /** How long ago the watermark was the present, in ms; null where it is no time. */
  readonly watermarkAgeMs: number | null;
}

/** Sources, each with where it stands. `target` is a source, a table, a manifest or a batch; at most `limit` of them. */
export async function readState(
  catalog: CatalogReader,
  { target, limit, now }: { target?: string; limit: number; now: Date },
): Promise<SourceState[]> {
  const states: SourceState[] = [];
  for (const source of await sourcesOf(catalog, { limit, ...(target !== undefined && { target }) }))
    states.push(await stateOf(catalog, { source, now }));
  return states;
}

export async function stateOf(
  catalog: CatalogReader,
  { source, now }: { source: SourceKey; now: Date },
): Promise<SourceState> {
  const { table, sourceId } = source;
  const [cursor] = await cursorsOf(catalog, source);
  const marks = await catalog
    .selectFrom('watermarks')
    .selectAll()
    .where('table_name', '=', table)
    .where('source_id', '=', sourceId)
    .executeTakeFirst();
  const proven = await catalog
    .selectFrom('verified')
    .selectAll()
    .where('table_name', '=', table)
    .where('source_id', '=', sourceId)
    .executeTakeFirst();
  const watermark = marks === undefined ? null : position(marks);
  const verified =
    proven === undefined
      ? null
      : { ...position({ ...proven, value: proven.through }), startAt: proven.start_at };
  const at = watermark === null ? null : instantMs(watermark.value);
  return {
    ...source,
    ...(await checkpointOf(catalog, source)),
    cursor: cursor ?? null,
    watermark,
    verified,
    watermarkBehindCursor: behind(watermark, cursor ?? null),
    verifiedBehindWatermark: behind(verified, watermark ?? cursor ?? null),
    watermarkAgeMs: at === null ? null : now.getTime() - at,
  };
}

/** The cursors of a source, by field: the one that moved last comes first. */
export async function cursorsOf(
  catalog: CatalogReader,
  { table, sourceId }: SourceKey,
): Promise<(Position & { readonly location: string })[]> {
  const rows = await catalog
    .selectFrom('cursors')
    .selectAll()
    .where('table_name', '=', table)
    .where('source_id', '=', sourceId)
    .orderBy('updated_at', 'desc')
    .orderBy('cursor_field')
    .execute();
  return rows.map((row) => ({
    ...position({ ...row, field: row.cursor_field }),
    location: row.source_location,
  }));
}

function behind(position: Position | null, ahead: Position | null): Distance | null {
  return position === null || ahead === null ? null : distanceBehind(position.value, ahead.value);
}

function position(row: { field: string; value: string; run_id: string; updated_at: string }): Position {
  return { field: row.field, value: row.value, runId: row.run_id, movedAt: row.updated_at };
}

async function checkpointOf(
  catalog: CatalogReader,
  { table, sourceId }: SourceKey,
): Promise<Pick<SourceState, 'checkpoint' | 'manifestId'>> {
  const row = await catalog
    .selectFrom('checkpoints')
    .selectAll()
    .where('source_id', '=', sourceId)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('units')
          .select('units.unit_key')
          .whereRef('units.unit_key', '=', 'checkpoints.unit_key')
          .where('units.table_name', '=', table),
      ),
    )
    .orderBy('updated_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return await lastUnitOf(catalog, { table, sourceId });
  const { batch_id: batchId, records, unit_key: unitKey, run_id: runId, updated_at: movedAt } = row;
  return { checkpoint: { batchId, records, unitKey, runId, movedAt }, manifestId: row.manifest_id };
}

/** A source that was held or refused since has that decision as its checkpoint; what it brought the table before still counts. */
async function lastUnitOf(
  catalog: CatalogReader,
  { table, sourceId }: SourceKey,
): Promise<Pick<SourceState, 'checkpoint' | 'manifestId'>> {
  const row = await catalog
    .selectFrom('units')
    .selectAll()
    .where('table_name', '=', table)
    .where('source_id', '=', sourceId)
    .where('state', 'in', ['committed', 'replaced'])
    .orderBy('committed_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return { checkpoint: null, manifestId: null };
  const { batch_id: batchId, unit_key: unitKey, committed_by, committed_at } = row;
  const { read: records } = decodeUnit(row.prepared).tally;
  const checkpoint = { batchId, records, unitKey, runId: committed_by ?? '', movedAt: committed_at ?? '' };
  return { checkpoint, manifestId: row.manifest_id };
}
