import type { Selectable } from 'kysely';
import type { CatalogReader, CatalogTransaction } from './catalog.ts';
import type { CatalogTables } from './schema.ts';

export type IncidentRow = Selectable<CatalogTables['incidents']>;

export async function findIncident(catalog: CatalogReader, key: string): Promise<IncidentRow | null> {
  const row = await catalog
    .selectFrom('incidents')
    .selectAll()
    .where('incident_key', '=', key)
    .executeTakeFirst();
  return row ?? null;
}

/** Whether one of a kind is not resolved for a batch. */
export async function isIncidentOpen(
  catalog: CatalogReader,
  { kind, manifestId, batchId }: { kind: string; manifestId: string; batchId: string },
): Promise<boolean> {
  const row = await catalog
    .selectFrom('incidents')
    .select('incident_key')
    .where('manifest_id', '=', manifestId)
    .where('batch_id', '=', batchId)
    .where('kind', '=', kind)
    .where('state', '<>', 'resolved')
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export async function putIncident(tx: CatalogTransaction, row: IncidentRow): Promise<void> {
  const { incident_key: _, first_seen_at: __, ...values } = row;
  await tx
    .insertInto('incidents')
    .values(row)
    .onConflict((conflict) => conflict.column('incident_key').doUpdateSet(values))
    .execute();
}

export async function addIncidentEvent(
  tx: CatalogTransaction,
  event: { key: string; kind: string; at: string; detail: unknown },
): Promise<void> {
  const last = await tx
    .selectFrom('incident_events')
    .select((eb) => eb.fn.max('seq').as('seq'))
    .where('incident_key', '=', event.key)
    .executeTakeFirst();
  await tx
    .insertInto('incident_events')
    .values({
      incident_key: event.key,
      seq: Number(last?.seq ?? 0) + 1,
      kind: event.kind,
      at: event.at,
      detail: JSON.stringify(event.detail),
    })
    .execute();
}
