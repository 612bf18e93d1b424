import { sql } from 'kysely';
import type { CatalogReader } from '../catalog/catalog.ts';
import type { StoredObject } from '../catalog/objects.ts';
import { QUARANTINE_TABLE } from '../model/table-names.ts';
import type { BatchName } from './scope.ts';
import type { Verification } from './verification.ts';

/** Rows that are read at once. */
const PAGE = 500;

/** Every stored object that a delivery to the scope's batches brought, with how many receipts tell of it. */
export async function* objectsOf({
  catalog,
  scope: { batches },
}: Verification): AsyncGenerator<StoredObject & { readonly receipts: number }> {
  for (const batch of batches ?? [null]) {
    let after = '';
    for (;;) {
      let query = catalog
        .selectFrom('objects')
        .select((eb) => [
          'objects.sha256',
          'size_bytes',
          'zone',
          'media_type',
          eb
            .selectFrom('receipts')
            .select(({ fn }) => fn.countAll<number>().as('count'))
            .whereRef('receipts.sha256', '=', 'objects.sha256')
            .as('receipts'),
        ])
        .where('objects.sha256', '>', after);
      if (batch !== null) query = query.where('objects.sha256', 'in', deliveredTo(catalog, batch));
      const rows = await query.orderBy('objects.sha256').limit(PAGE).execute();
      for (const row of rows) {
        yield {
          sha256: row.sha256,
          sizeBytes: row.size_bytes,
          zone: row.zone,
          mediaType: row.media_type,
          receipts: Number(row.receipts),
        };
      }
      after = rows.at(-1)?.sha256 ?? '';
      if (rows.length < PAGE) break;
    }
  }
}

/** By a receipt, and by a unit, so that one whose receipt is gone is looked at too. */
function deliveredTo(catalog: CatalogReader, { manifestId, batchId }: BatchName) {
  const units = catalog
    .selectFrom('units')
    .select('source_fingerprint as sha256')
    .where('units.manifest_id', '=', manifestId)
    .where('units.batch_id', '=', batchId);
  return catalog
    .selectFrom('receipts')
    .innerJoin('runs', 'runs.run_id', 'receipts.run_id')
    .select('receipts.sha256')
    .where('runs.manifest_id', '=', manifestId)
    .where('runs.batch_id', '=', batchId)
    .union(units);
}

/** Content that receipts or committed units name and the catalog has no object of. */
export async function* unitsWithoutObject({
  catalog,
  scope: { batches },
}: Verification): AsyncGenerator<{ readonly sha256: string; readonly sizeBytes: number }> {
  for (const batch of batches ?? [null]) {
    const known = catalog.selectFrom('objects').select('objects.sha256');
    let received = catalog
      .selectFrom('receipts')
      .select(['sha256', 'size_bytes'])
      .where('sha256', 'not in', known);
    if (batch !== null) received = received.where('sha256', 'in', deliveredTo(catalog, batch));
    // A held source that could not be read has a unit, and no bytes.
    let units = catalog
      .selectFrom('units')
      .select(['source_fingerprint as sha256', sql<number>`0`.as('size_bytes')])
      .where('state', '=', 'committed')
      .where('table_name', '<>', QUARANTINE_TABLE)
      .where('source_fingerprint', 'not in', known);
    if (batch !== null)
      units = units.where('manifest_id', '=', batch.manifestId).where('batch_id', '=', batch.batchId);
    for (const row of await received.union(units).execute())
      yield { sha256: row.sha256, sizeBytes: Number(row.size_bytes) };
  }
}

/** Whose bytes an object is. `current`: they are what its batch is made of now. */
export interface ObjectOwner extends BatchName {
  readonly sourceId: string;
  readonly role: string;
  readonly runId: string;
  readonly current: boolean;
}

/**
 * Of the same bytes there is one object, whoever delivered them: all whose batches are made of it now, the latest commit
 * first, since not each of their sources need still deliver it. Where there is none, whoever received it last.
 */
export async function ownersOf(catalog: CatalogReader, sha256: string): Promise<ObjectOwner[]> {
  const units = await catalog
    .selectFrom('units')
    .select(['manifest_id', 'batch_id', 'source_id', ({ fn }) => fn.max('prepared_by').as('run_id')])
    .where('source_fingerprint', '=', sha256)
    .where('state', '=', 'committed')
    .groupBy(['manifest_id', 'batch_id', 'source_id'])
    .orderBy(({ fn }) => fn.max('committed_at'), 'desc')
    .orderBy('source_id')
    .execute();
  if (units.length > 0) return units.map((unit) => ownerFrom({ ...unit, role: 'asset', current: true }));
  const received = await catalog
    .selectFrom('receipts')
    .innerJoin('runs', 'runs.run_id', 'receipts.run_id')
    .leftJoin('units', (join) =>
      join
        .onRef('units.prepared_by', '=', 'receipts.run_id')
        .onRef('units.source_id', '=', 'receipts.source_id')
        .on('units.state', '=', 'committed'),
    )
    .select([
      'receipts.run_id',
      'receipts.source_id',
      'receipts.role',
      'runs.manifest_id',
      'runs.batch_id',
      ({ fn }) => fn.max('units.unit_key').as('unit_key'),
    ])
    .where('receipts.sha256', '=', sha256)
    .groupBy(['receipts.run_id', 'receipts.source_id', 'receipts.role', 'runs.manifest_id', 'runs.batch_id'])
    .orderBy('receipts.run_id', 'desc')
    .execute();
  // The bytes of an asset would have been found as those of its unit.
  const sidecars = received.filter(({ unit_key, role }) => unit_key !== null && role !== 'asset');
  if (sidecars.length > 0) return sidecars.map((row) => ownerFrom({ ...row, current: true }));
  return received.slice(0, 1).map((row) => ownerFrom({ ...row, current: false }));
}

function ownerFrom(row: {
  manifest_id: string;
  batch_id: string;
  source_id: string;
  run_id: string;
  role: string;
  current: boolean;
}): ObjectOwner {
  const { manifest_id: manifestId, batch_id: batchId, source_id: sourceId, run_id: runId } = row;
  return { manifestId, batchId, sourceId, runId, role: row.role, current: row.current };
}
