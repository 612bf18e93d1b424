import { type Selectable, sql } from 'kysely';
import { QUARANTINE_TABLE } from '../model/table-names.ts';
import { decodeTagged } from '../model/tagged-json.ts';
import { type CoveringUnit, coverageOf } from '../progress/unit-coverage.ts';
import type { CatalogReader, CatalogTransaction } from './catalog.ts';
import type { CatalogTables } from './schema.ts';

export interface UnitRow {
  readonly unitKey: string;
  readonly manifestId: string;
  readonly batchId: string;
  readonly tableName: string;
  readonly sourceId: string;
  readonly split?: string;
  readonly sourceFingerprint: string;
  readonly window: string;
  readonly contractHash: string;
  readonly preparedBy: string;
  readonly preparedAt: string;
  /** Encoded prepared unit. */
  readonly prepared: string;
}

export interface CommittedUnit {
  readonly unitKey: string;
  readonly manifestId: string;
  readonly batchId: string;
  readonly contractHash: string;
  readonly committedBy: string;
  readonly committedAt: string;
}

/** The unit of this key if it is committed, whoever brought it. */
export async function findCommittedUnit(
  catalog: CatalogReader,
  unitKey: string,
): Promise<CommittedUnit | null> {
  return asCommitted(
    await catalog
      .selectFrom('units')
      .selectAll()
      .where('unit_key', '=', unitKey)
      .where('state', '=', 'committed')
      .executeTakeFirst(),
  );
}

/** A committed unit of the same content and window, whatever contract judged it. */
export async function findCommittedContent(
  catalog: CatalogReader,
  unit: { tableName: string; sourceId: string; split: string; sourceFingerprint: string; window: string },
): Promise<CommittedUnit | null> {
  return asCommitted(
    await catalog
      .selectFrom('units')
      .selectAll()
      .where('table_name', '=', unit.tableName)
      .where('source_id', '=', unit.sourceId)
      .where('split', '=', unit.split)
      .where('source_fingerprint', '=', unit.sourceFingerprint)
      .where('window', '=', unit.window)
      .where('state', '=', 'committed')
      .orderBy('committed_at', 'desc')
      .executeTakeFirst(),
  );
}

/** What holds the content of a unit now: itself, or what it came to under a later contract; null when nothing does. */
export async function committedInPlaceOf(
  catalog: CatalogReader,
  unitKey: string,
): Promise<CommittedUnit | null> {
  const itself = await findCommittedUnit(catalog, unitKey);
  if (itself !== null) return itself;
  const unit = await catalog
    .selectFrom('units')
    .selectAll()
    .where('unit_key', '=', unitKey)
    .limit(1)
    .executeTakeFirst();
  if (unit === undefined) return null;
  const { table_name: tableName, source_id: sourceId, source_fingerprint: sourceFingerprint } = unit;
  const { split, window } = unit;
  return await findCommittedContent(catalog, { tableName, sourceId, split, sourceFingerprint, window });
}

/** The latest unit with rows that a source of a manifest has brought and that is committed still. */
export async function committedOfSource(
  catalog: CatalogReader,
  { manifestId, sourceId }: { manifestId: string; sourceId: string },
): Promise<CommittedUnit | null> {
  return asCommitted(
    await catalog
      .selectFrom('units')
      .selectAll()
      .where('source_id', '=', sourceId)
      .where('manifest_id', '=', manifestId)
      .where('state', '=', 'committed')
      .where('table_name', '<>', QUARANTINE_TABLE)
      .orderBy('committed_at', 'desc')
      .limit(1)
      .executeTakeFirst(),
  );
}

/** The encoded unit of this key as it was committed. */
export async function committedUnitOf(catalog: CatalogReader, unitKey: string): Promise<string | null> {
  const row = await catalog
    .selectFrom('units')
    .select('prepared')
    .where('unit_key', '=', unitKey)
    .where('state', '=', 'committed')
    .executeTakeFirst();
  return row?.prepared ?? null;
}

/** Prepared, not yet committed, for this very batch: left by a run that stopped before its commit. */
export async function findPreparedUnit(
  catalog: CatalogReader,
  { unitKey, manifestId, batchId }: { unitKey: string; manifestId: string; batchId: string },
): Promise<string | null> {
  const row = await catalog
    .selectFrom('units')
    .select('prepared')
    .where('unit_key', '=', unitKey)
    .where('manifest_id', '=', manifestId)
    .where('batch_id', '=', batchId)
    .where('state', '=', 'prepared')
    .orderBy('prepared_at', 'desc')
    .executeTakeFirst();
  return row?.prepared ?? null;
}

/** A unit that is committed stays as it was committed. */
export async function recordPreparedUnit(catalog: CatalogReader, unit: UnitRow): Promise<void> {
  const covers = coverageOf(decodeTagged(unit.prepared) as CoveringUnit);
  const values = {
    unit_key: unit.unitKey,
    manifest_id: unit.manifestId,
    batch_id: unit.batchId,
    table_name: unit.tableName,
    source_id: unit.sourceId,
    split: unit.split ?? '',
    source_fingerprint: unit.sourceFingerprint,
    window: unit.window,
    contract_hash: unit.contractHash,
    state: 'prepared' as const,
    prepared_by: unit.preparedBy,
    prepared_at: unit.preparedAt,
    committed_by: null,
    committed_at: null,
    prepared: unit.prepared,
    covers_field: covers?.field ?? null,
    covers_from: covers?.fromMs ?? null,
    covers_to: covers?.toMs ?? null,
  };
  await catalog
    .insertInto('units')
    .values(values)
    .onConflict((conflict) =>
      conflict
        .columns(['unit_key', 'prepared_by'])
        .doUpdateSet(values)
        .where('units.state', 'not in', ['committed', 'replaced']),
    )
    .execute();
}

/** @returns false when another run has committed the unit meanwhile, or its preparation is gone. */
export async function markUnitCommitted(
  tx: CatalogTransaction,
  { unitKey, preparedBy, runId, now }: { unitKey: string; preparedBy: string; runId: string; now: string },
): Promise<boolean> {
  if ((await findCommittedUnit(tx, unitKey)) !== null) return false;
  const { numUpdatedRows } = await tx
    .updateTable('units')
    .set({ state: 'committed', committed_by: runId, committed_at: now })
    .where('unit_key', '=', unitKey)
    .where('prepared_by', '=', preparedBy)
    .where('state', '=', 'prepared')
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** @returns false when it is committed no more: another run has replaced it. */
export async function markUnitReplaced(
  tx: CatalogTransaction,
  { unitKey, runId }: { unitKey: string; runId: string },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('units')
    .set({ state: 'replaced', replaced_by: runId })
    .where('unit_key', '=', unitKey)
    .where('state', '=', 'committed')
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Committed units of a batch, encoded, in the order in which they came in. */
export async function unitsOfBatch(
  catalog: CatalogReader,
  { manifestId, batchId }: { manifestId: string; batchId: string },
): Promise<{ prepared: string; committedBy: string; committedAt: string }[]> {
  const rows = await catalog
    .selectFrom('units')
    .select(['prepared', 'committed_by', 'committed_at'])
    .where('manifest_id', '=', manifestId)
    .where('batch_id', '=', batchId)
    .where('state', '=', 'committed')
    .orderBy('committed_at')
    .orderBy('prepared_at')
    .execute();
  return rows.map((row) => ({
    prepared: row.prepared,
    committedBy: row.committed_by ?? '',
    committedAt: row.committed_at ?? '',
  }));
}

/** Every preparation of a unit that was committed and then replaced, the first first, encoded. */
export async function replacedPreparations(catalog: CatalogReader, unitKey: string): Promise<string[]> {
  const rows = await catalog
    .selectFrom('units')
    .select('prepared')
    .where('unit_key', '=', unitKey)
    .where('state', '=', 'replaced')
    .orderBy('committed_at')
    .orderBy('committed_by')
    .execute();
  return rows.map((row) => row.prepared);
}

/** One preparation of a unit, encoded, whatever became of it. */
export async function findPreparation(
  catalog: CatalogReader,
  { unitKey, preparedBy }: { unitKey: string; preparedBy: string },
): Promise<string | null> {
  const row = await catalog
    .selectFrom('units')
    .select('prepared')
    .where('unit_key', '=', unitKey)
    .where('prepared_by', '=', preparedBy)
    .executeTakeFirst();
  return row?.prepared ?? null;
}

/** @returns false when it is no longer prepared: nobody may take its files away then. */
export async function discardUnit(
  catalog: CatalogReader,
  { unitKey, preparedBy }: { unitKey: string; preparedBy: string },
): Promise<boolean> {
  const { numUpdatedRows } = await catalog
    .updateTable('units')
    .set({ state: 'discarded' })
    .where('unit_key', '=', unitKey)
    .where('prepared_by', '=', preparedBy)
    .where('state', '=', 'prepared')
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Prepared units that a run left behind, and may still be used. */
export async function unitsPreparedBy(catalog: CatalogReader, runId: string): Promise<string[]> {
  const rows = await catalog
    .selectFrom('units')
    .select('prepared')
    .where('prepared_by', '=', runId)
    .where(sql<boolean>`state <> 'discarded'`)
    .execute();
  return rows.map((row) => row.prepared);
}

/** Prepared units of a manifest whose key is committed by now through another preparation. */
export async function supersededUnits(catalog: CatalogReader, manifestId: string): Promise<string[]> {
  const rows = await catalog
    .selectFrom('units')
    .select('prepared')
    .where('manifest_id', '=', manifestId)
    .where('state', '=', 'prepared')
    .where('unit_key', 'in', (eb) =>
      eb.selectFrom('units').select('unit_key').where('state', '=', 'committed'),
    )
    .execute();
  return rows.map((row) => row.prepared);
}

/** Preparations that a run took out of the tables. */
export async function unitsReplacedBy(catalog: CatalogReader, runId: string): Promise<string[]> {
  const rows = await catalog
    .selectFrom('units')
    .select('prepared')
    .where('state', '=', 'replaced')
    .where('replaced_by', '=', runId)
    .orderBy('unit_key')
    .execute();
  return rows.map((row) => row.prepared);
}

export async function unitsCommittedBy(catalog: CatalogReader, runId: string): Promise<string[]> {
  const rows = await catalog
    .selectFrom('units')
    .select('prepared')
    .where('committed_by', '=', runId)
    .where('state', '=', 'committed')
    .orderBy('source_id')
    .execute();
  return rows.map((row) => row.prepared);
}

function asCommitted(row: Selectable<CatalogTables['units']> | undefined): CommittedUnit | null {
  if (row === undefined) return null;
  return {
    unitKey: row.unit_key,
    manifestId: row.manifest_id,
    batchId: row.batch_id,
    contractHash: row.contract_hash,
    committedBy: row.committed_by ?? '',
    committedAt: row.committed_at ?? '',
  };
}

/** Splits of a source whose content is in a table, by name; those of another manifest are not its own. */
export async function committedSplits(
  catalog: CatalogReader,
  { manifestId, sourceId }: { manifestId: string; sourceId: string },
): Promise<string[]> {
  const rows = await catalog
    .selectFrom('units')
    .select('split')
    .distinct()
    .where('source_id', '=', sourceId)
    .where('manifest_id', '=', manifestId)
    .where('state', '=', 'committed')
    .where('split', '<>', '')
    .orderBy('split')
    .execute();
  return rows.map(({ split }) => split);
}

/** The latest committed units of a source, encoded; whichever batch brought them. */
export async function latestUnitsOf(
  catalog: CatalogReader,
  { table, sourceId, limit, since = '' }: { table: string; sourceId: string; limit: number; since?: string },
): Promise<string[]> {
  const rows = await catalog
    .selectFrom('units')
    .select('prepared')
    .where('source_id', '=', sourceId)
    .where('table_name', '=', table)
    .where('state', '=', 'committed')
    .where('committed_at', '>=', since)
    .orderBy('committed_at', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ prepared }) => prepared);
}
