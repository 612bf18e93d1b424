import { BRONZE_NAMESPACE, CURRENT_NAMESPACE, currentOf, placeOf } from '../model/table-names.ts';
import type { CatalogReader, CatalogTransaction } from './catalog.ts';

/** The name under which other engines open this catalog (PyIceberg: `SqlCatalog('tidemark', …)`). */
export const ICEBERG_CATALOG_NAME = 'tidemark';

export interface TablePointer {
  readonly table: string;
  readonly metadataLocation: string;
}

export async function findTable(catalog: CatalogReader, table: string): Promise<TablePointer | null> {
  const { namespace, name } = placeOf(table);
  const row = await catalog
    .selectFrom('iceberg_tables')
    .select('metadata_location')
    .where('catalog_name', '=', ICEBERG_CATALOG_NAME)
    .where('table_namespace', '=', namespace)
    .where('table_name', '=', name)
    .executeTakeFirst();
  return row?.metadata_location ? { table, metadataLocation: row.metadata_location } : null;
}

/** The tables of Bronze. */
export async function listTables(catalog: CatalogReader): Promise<TablePointer[]> {
  return await tablesIn(catalog, BRONZE_NAMESPACE);
}

/** The tables that are folded from those of Bronze, by their whole names. */
export async function listCurrent(catalog: CatalogReader): Promise<TablePointer[]> {
  const found = await tablesIn(catalog, CURRENT_NAMESPACE);
  return found.map((pointer) => ({ ...pointer, table: currentOf(pointer.table) }));
}

/** Every table, those of newest versions last. */
export async function listAllTables(catalog: CatalogReader): Promise<TablePointer[]> {
  return [...(await listTables(catalog)), ...(await listCurrent(catalog))];
}

async function tablesIn(catalog: CatalogReader, namespace: string): Promise<TablePointer[]> {
  const rows = await catalog
    .selectFrom('iceberg_tables')
    .select(['table_name', 'metadata_location'])
    .where('catalog_name', '=', ICEBERG_CATALOG_NAME)
    .where('table_namespace', '=', namespace)
    .orderBy('table_name')
    .execute();
  return rows.flatMap((row) =>
    row.metadata_location === null
      ? []
      : [{ table: row.table_name, metadataLocation: row.metadata_location }],
  );
}

/**
 * Compare-and-swap of a table's metadata pointer; `expected` null means the table must not exist yet.
 * @returns false when another writer was first.
 */
export async function swapTable(
  tx: CatalogTransaction,
  { table, expected, next }: { table: string; expected: string | null; next: string },
): Promise<boolean> {
  const { namespace, name } = placeOf(table);
  if (expected === null) {
    await tx
      .insertInto('iceberg_namespace_properties')
      .values({
        catalog_name: ICEBERG_CATALOG_NAME,
        namespace,
        property_key: 'exists',
        property_value: 'true',
      })
      .onConflict((conflict) => conflict.columns(['catalog_name', 'namespace', 'property_key']).doNothing())
      .execute();
    const inserted = await tx
      .insertInto('iceberg_tables')
      .values({
        catalog_name: ICEBERG_CATALOG_NAME,
        table_namespace: namespace,
        table_name: name,
        metadata_location: next,
        previous_metadata_location: null,
        iceberg_type: 'TABLE',
      })
      .onConflict((conflict) =>
        conflict.columns(['catalog_name', 'table_namespace', 'table_name']).doNothing(),
      )
      .executeTakeFirst();
    return inserted.numInsertedOrUpdatedRows === 1n;
  }
  const change = { metadata_location: next, previous_metadata_location: expected };
  return await changePointer(tx, { table, expected, change });
}

/**
 * Keeps a table where it is until the transaction ends.
 * @returns false when another writer was first.
 */
export async function holdTable(
  tx: CatalogTransaction,
  { table, expected }: { table: string; expected: string },
): Promise<boolean> {
  return await changePointer(tx, { table, expected, change: { metadata_location: expected } });
}

async function changePointer(
  tx: CatalogTransaction,
  {
    table,
    expected,
    change,
  }: {
    table: string;
    expected: string;
    change: { readonly metadata_location: string; readonly previous_metadata_location?: string };
  },
): Promise<boolean> {
  const { namespace, name } = placeOf(table);
  const updated = await tx
    .updateTable('iceberg_tables')
    .set(change)
    .where('catalog_name', '=', ICEBERG_CATALOG_NAME)
    .where('table_namespace', '=', namespace)
    .where('table_name', '=', name)
    .where('metadata_location', '=', expected)
    .executeTakeFirst();
  return updated.numUpdatedRows === 1n;
}
