import type { Selectable } from 'kysely';
import type { MoveCause, ProgressObject } from '../progress/moves.ts';
import type { CatalogReader, CatalogTransaction } from './catalog.ts';
import type { CatalogTables } from './schema.ts';

export interface ProgressMove {
  readonly object: ProgressObject;
  readonly table: string;
  readonly sourceId: string;
  /** Cursor field or event time; of a checkpoint its batch. */
  readonly field: string;
  /** Null: it had no value yet. */
  readonly before: string | null;
  readonly after: string;
  readonly cause: MoveCause;
  /** Of an operator's move the id of the operation, as in the evidence. */
  readonly runId: string;
  /** Why, where an operator moved it. */
  readonly reason: string | null;
  readonly movedAt: string;
}

/** Inside the transaction that makes the move, so that no value is without its history. */
export async function recordMove(tx: CatalogTransaction, move: ProgressMove): Promise<void> {
  await tx
    .insertInto('progress_moves')
    .values({
      object: move.object,
      table_name: move.table,
      source_id: move.sourceId,
      field: move.field,
      before: move.before,
      after: move.after,
      cause: move.cause,
      run_id: move.runId,
      reason: move.reason,
      moved_at: move.movedAt,
    })
    .execute();
}

export type NumberedMove = ProgressMove & { readonly seq: number };

/** Newest first, of a source or a table, or of all. */
export async function listMoves(
  catalog: CatalogReader,
  { target, limit }: { target?: string; limit: number },
): Promise<NumberedMove[]> {
  let query = catalog.selectFrom('progress_moves').selectAll();
  if (target !== undefined)
    query = query.where((eb) => eb.or([eb('source_id', '=', target), eb('table_name', '=', target)]));
  return (await query.orderBy('seq', 'desc').limit(limit).execute()).map(asMove);
}

/** Of the last move of a source; 0 for none. Whoever plans by it sees any move that came between. */
export async function lastMoveOf(
  catalog: CatalogReader,
  { table, sourceId }: { table: string; sourceId: string },
): Promise<number> {
  const row = await catalog
    .selectFrom('progress_moves')
    .select((eb) => eb.fn.max('seq').as('seq'))
    .where('table_name', '=', table)
    .where('source_id', '=', sourceId)
    .executeTakeFirst();
  return Number(row?.seq ?? 0);
}

function asMove(row: Selectable<CatalogTables['progress_moves']>): NumberedMove {
  return {
    seq: row.seq,
    object: row.object,
    table: row.table_name,
    sourceId: row.source_id,
    field: row.field,
    before: row.before,
    after: row.after,
    cause: row.cause,
    runId: row.run_id ?? '',
    reason: row.reason,
    movedAt: row.moved_at,
  };
}
