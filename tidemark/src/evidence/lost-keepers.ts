import { basename } from 'node:path';
import type { DataFile } from '../bronze/iceberg/data-file.ts';
import { decodeUnit, type PreparedUnit } from '../bronze/prepared-unit.ts';
import { pathOf } from '../bronze/table-io.ts';
import { filesInTable } from '../bronze/unit-rows.ts';
import type { CatalogReader } from '../catalog/catalog.ts';
import type { CatalogTables } from '../catalog/schema.ts';
import { committedUnitOf, replacedPreparations } from '../catalog/units.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { InvariantError } from '../errors/tidemark-error.ts';
import { hasObject } from '../landing/store-object.ts';
import { nextCommand } from './next-command.ts';

/**
 * What stands for a data file that records are to be compared with and that is not there: the files of the same unit
 * where it was made again since, also where that went out, too; none where it came in after the unit `of`, whose records it was compared with itself.
 * @throws InvariantError table_file_unreadable, with the replay that has to come first
 */
export function lostKeepers(
  catalog: CatalogReader,
  { of }: { of: string | null },
): (file: { readonly path: string; readonly table: string }) => Promise<string[]> {
  return async ({ path, table }) => {
    const [, run = '', unit = ''] = /^([0-9a-f-]{36})-([0-9a-f]{12})-/.exec(basename(path)) ?? [];
    const row = await catalog
      .selectFrom('units')
      .selectAll()
      .where('prepared_by', '=', run)
      .where('unit_key', '>=', unit)
      .where('unit_key', '<', `${unit}g`)
      .executeTakeFirst();
    if (row === undefined) throw lost(path, nextCommand('verify'));
    const replay = nextCommand('replay', '--manifest', row.manifest_id, '--batch-id', row.batch_id);
    if (row.state === 'replaced') {
      const again = (await committedUnitOf(catalog, row.unit_key)) ?? (await successorOf(catalog, row));
      if (again === null) {
        const { unit_key: unitKey, prepared_by: preparedBy } = row;
        const former = await formerForm(catalog, { table, unit: { unitKey, preparedBy } });
        return former === null || former.shared ? [] : former.files.map(({ uri }) => pathOf(uri));
      }
      const moved = filesInTable(decodeUnit(again), table);
      // A compacted file holds rows of others too: only the ledger knows which of them are meant.
      if (moved?.shared === true) throw lost(path, replay);
      const files = moved?.files ?? [];
      const missing = await firstMissing(files);
      if (missing !== null) throw lost(pathOf(missing.uri), replay);
      return files.map(({ uri }) => pathOf(uri));
    }
    const own = of === null ? null : await committedAt(catalog, of);
    if (own !== null && row.committed_at !== null && row.committed_at > own) return [];
    throw lost(path, replay);
  };
}

/**
 * Files of a replaced unit in another form that it once had, the newest that is there: what was made again for a lost file
 * and went out since still tells which rows those were.
 */
export async function formerForm(
  catalog: CatalogReader,
  { table, unit }: { table: string; unit: Pick<PreparedUnit, 'unitKey' | 'preparedBy'> },
): Promise<{
  readonly unit: PreparedUnit;
  readonly files: readonly DataFile[];
  readonly shared: boolean;
} | null> {
  const forms = (await replacedPreparations(catalog, unit.unitKey)).map(decodeUnit).reverse();
  for (const form of forms) {
    if (form.preparedBy === unit.preparedBy) continue;
    const { files = [], shared = false } = filesInTable(form, table) ?? {};
    // All of it was a duplicate of others by then: it tells nothing of the rows.
    if (files.length === 0) continue;
    if ((await firstMissing(files)) === null) return { unit: form, files, shared };
  }
  return null;
}

export async function firstMissing(files: readonly DataFile[]): Promise<DataFile | null> {
  for (const file of files)
    if (!(await hasObject({ path: pathOf(file.uri), sizeBytes: file.sizeBytes }))) return file;
  return null;
}

/** The same content, as the run that took the unit out judged it under another contract. */
export async function successorOf(
  catalog: CatalogReader,
  unit: Pick<CatalogTables['units'], 'replaced_by' | 'source_id' | 'source_fingerprint' | 'window'>,
): Promise<string | null> {
  if (unit.replaced_by === null) return null;
  const row = await catalog
    .selectFrom('units')
    .select('prepared')
    .where('committed_by', '=', unit.replaced_by)
    .where('source_id', '=', unit.source_id)
    .where('source_fingerprint', '=', unit.source_fingerprint)
    .where('window', '=', unit.window)
    .where('state', '=', 'committed')
    .executeTakeFirst();
  return row?.prepared ?? null;
}

async function committedAt(catalog: CatalogReader, unitKey: string): Promise<string | null> {
  const row = await catalog
    .selectFrom('units')
    .select('committed_at')
    .where('unit_key', '=', unitKey)
    .where('state', '=', 'committed')
    .executeTakeFirst();
  return row?.committed_at ?? null;
}

function lost(path: string, next: string): InvariantError {
  return new InvariantError({
    code: ERROR_CODES.table_file_unreadable,
    message: `${path}, with which records have to be compared, is missing or cut: whether they are there already cannot be told.`,
    next,
    facts: { file: path },
  });
}
