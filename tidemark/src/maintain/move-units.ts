import type { DataFile } from '../bronze/iceberg/data-file.ts';
import { decodeUnit, encodeUnit, type PreparedUnit } from '../bronze/prepared-unit.ts';
import type { CatalogReader, CatalogTransaction } from '../catalog/catalog.ts';
import type { Rewritten } from './rewrite-files.ts';

/**
 * The homes of rows are a unit's own account of its files, and nobody else's: whether every unit that was found in the
 * rows is committed and says of these very files that they are its own.
 * @returns what is not so, or null
 */
export async function strangerIn(
  catalog: CatalogReader,
  { table, homes }: { table: string; homes: Rewritten['homes'] },
): Promise<string | null> {
  for (const { unitKey, preparedBy, from } of homes.values()) {
    const unit = await committedUnit(catalog, { unitKey, preparedBy });
    const own = new Set(unit?.files.find((entry) => entry.table === table)?.files.map(({ uri }) => uri));
    if (![...from].every((uri) => own.has(uri)))
      return `rows of unit ${unitKey.slice(0, 16)} are in files that it does not know (tidemark verify tells of it)`;
  }
  return null;
}

/** Says of every unit where its rows are now. In the transaction that makes it so. */
export async function moveUnits(
  tx: CatalogTransaction,
  { table, homes, operationId }: { table: string; homes: Rewritten['homes']; operationId: string },
): Promise<void> {
  for (const { unitKey, preparedBy, from, to } of homes.values()) {
    const unit = await committedUnit(tx, { unitKey, preparedBy });
    if (unit === null) throw new RangeError(`unit ${unitKey} was replaced while its rows were moved`);
    const files = unit.files.map((entry) =>
      entry.table === table
        ? {
            ...entry,
            files: [...entry.files.filter(({ uri }) => !from.has(uri)), ...to.map(withoutBounds)],
            shared: true as const,
          }
        : entry,
    );
    await tx
      .updateTable('units')
      .set({ prepared: encodeUnit({ ...unit, files }), moved_by: operationId })
      .where('unit_key', '=', unitKey)
      .where('prepared_by', '=', preparedBy)
      .execute();
  }
}

/** Thousands of units may share a file: each keeps of it what it needs to find it. */
function withoutBounds(file: DataFile): DataFile {
  const none = new Map<number, never>();
  return {
    ...file,
    columnSizes: none,
    valueCounts: none,
    nullValueCounts: none,
    nanValueCounts: none,
    lowerBounds: none,
    upperBounds: none,
  };
}

async function committedUnit(
  catalog: CatalogReader,
  { unitKey, preparedBy }: { unitKey: string; preparedBy: string },
): Promise<PreparedUnit | null> {
  const row = await catalog
    .selectFrom('units')
    .select('prepared')
    .where('unit_key', '=', unitKey)
    .where('prepared_by', '=', preparedBy)
    .where('state', '=', 'committed')
    .executeTakeFirst();
  return row === undefined ? null : decodeUnit(row.prepared);
}
