import type { Selectable } from 'kysely';
import { covers, verifiedThrough, type WindowResult } from '../progress/verified.ts';
import type { CatalogReader, CatalogTransaction } from './catalog.ts';
import { recordMove } from './progress-moves.ts';
import type { CatalogTables } from './schema.ts';

/** What of a source is held against what is stored: a half-open window of one field. */
export interface SourceWindow {
  readonly table: string;
  readonly sourceId: string;
  readonly field: string;
  /** Null: from the beginning. */
  readonly startAt: string | null;
  readonly endBefore: string;
}

export type Verification = SourceWindow &
  Pick<WindowResult, 'verdict'> & { readonly runId: string; readonly now: string };

type VerificationRow = Selectable<CatalogTables['verifications']>;

/**
 * Keeps one result for good, links what it mends, and moves verified-through to what all results together prove. The same
 * result of the same run is kept once: looking again without a change adds nothing.
 */
export async function recordVerification(tx: CatalogTransaction, found: Verification): Promise<void> {
  const { table, sourceId, field, startAt, endBefore, verdict, runId, now } = found;
  const before = await resultsOf(tx, found);
  if (before.findLast((row) => isSameWindow(row, found) && row.run_id === runId)?.verdict === verdict) return;
  const row = { table_name: table, source_id: sourceId, field, start_at: startAt, end_before: endBefore };
  await tx
    .insertInto('verifications')
    .values({ ...row, verdict, run_id: runId, mended_by: null, at: now })
    .execute();
  if (verdict === 'pass') await linkMended(tx, found);
  await moveVerified(tx, found);
}

/**
 * A window that failed is mended by the same run, when what it committed is whole again, or by others once nothing of the
 * run that failed stands in the table any more.
 */
async function linkMended(tx: CatalogTransaction, { runId, ...source }: Verification): Promise<void> {
  const results = await resultsOf(tx, source);
  for (const [at, failed] of results.entries()) {
    if (failed.verdict !== 'fail' || failed.mended_by !== null) continue;
    if (failed.run_id !== runId && (await stillStands(tx, { ...source, runId: failed.run_id }))) continue;
    const later = results
      .slice(at + 1)
      .filter((row) => row.verdict === 'pass' && (failed.run_id !== runId || row.run_id === runId));
    if (!covers(later.map(asResult), asResult(failed))) continue;
    await tx.updateTable('verifications').set({ mended_by: runId }).where('seq', '=', failed.seq).execute();
  }
}

async function stillStands(
  tx: CatalogTransaction,
  { table, sourceId, runId }: { table: string; sourceId: string; runId: string },
): Promise<boolean> {
  const row = await tx
    .selectFrom('units')
    .select('unit_key')
    .where('committed_by', '=', runId)
    .where('source_id', '=', sourceId)
    .where('table_name', '=', table)
    .where('state', '=', 'committed')
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

async function moveVerified(tx: CatalogTransaction, found: Verification): Promise<void> {
  const { table, sourceId, field, runId, now } = found;
  const current = await findVerified(tx, found);
  const proven = verifiedThrough((await resultsOf(tx, found)).map(asResult));
  const before = current?.field === field ? current.through : null;
  if (before === proven.through) return;
  const source = { table_name: table, source_id: sourceId };
  if (proven.through === null) {
    await tx
      .deleteFrom('verified')
      .where('table_name', '=', table)
      .where('source_id', '=', sourceId)
      .execute();
  } else {
    const { startAt: start_at, through } = proven;
    const values = { field, start_at, through, run_id: runId, updated_at: now };
    await tx
      .insertInto('verified')
      .values({ ...source, ...values })
      .onConflict((conflict) => conflict.columns(['table_name', 'source_id']).doUpdateSet(values))
      .execute();
  }
  await recordMove(tx, {
    object: 'verified',
    table,
    sourceId,
    field,
    before,
    after: proven.through ?? NOTHING_PROVEN,
    cause: 'verification',
    runId,
    reason: null,
    movedAt: now,
  });
}

/** In the history of moves, where verified-through went back to before its start. */
export const NOTHING_PROVEN = 'nothing';

export async function findVerified(
  catalog: CatalogReader,
  { table, sourceId }: { table: string; sourceId: string },
): Promise<Selectable<CatalogTables['verified']> | null> {
  const row = await catalog
    .selectFrom('verified')
    .selectAll()
    .where('table_name', '=', table)
    .where('source_id', '=', sourceId)
    .executeTakeFirst();
  return row ?? null;
}

/** In the order in which they were found. */
async function resultsOf(
  catalog: CatalogReader,
  { table, sourceId, field }: Pick<SourceWindow, 'table' | 'sourceId' | 'field'>,
): Promise<VerificationRow[]> {
  return await catalog
    .selectFrom('verifications')
    .selectAll()
    .where('table_name', '=', table)
    .where('source_id', '=', sourceId)
    .where('field', '=', field)
    .orderBy('seq')
    .execute();
}

function isSameWindow(row: VerificationRow, { startAt, endBefore }: SourceWindow): boolean {
  return row.start_at === startAt && row.end_before === endBefore;
}

function asResult(row: VerificationRow): WindowResult {
  const { start_at: startAt, end_before: endBefore, verdict, mended_by } = row;
  return { startAt, endBefore: endBefore ?? '', verdict, mended: mended_by !== null };
}
