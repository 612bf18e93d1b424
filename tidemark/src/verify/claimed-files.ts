import { basename } from 'node:path';
import { decodeUnit } from '../bronze/prepared-unit.ts';
import { pathOf } from '../bronze/table-io.ts';
import { isWhole } from './scope.ts';
import type { Verification } from './verification.ts';

/** Units that are read at once: an encoded one tells of all its files. */
const PAGE = 100;

/** Enters what the catalog's units say of data files into the ledger. Of a verified batch, its own units alone. */
export async function enterUnits({ catalog, ledger, scope, engine }: Verification): Promise<void> {
  for (const batch of scope.batches ?? [null]) {
    let after = { unit_key: '', prepared_by: '' };
    for (;;) {
      engine.signal.throwIfAborted();
      let query = catalog
        .selectFrom('units')
        .selectAll()
        .where('state', '<>', 'discarded')
        .where((eb) =>
          eb.or([
            eb('unit_key', '>', after.unit_key),
            eb.and([eb('unit_key', '=', after.unit_key), eb('prepared_by', '>', after.prepared_by)]),
          ]),
        );
      if (batch !== null)
        query = query.where('manifest_id', '=', batch.manifestId).where('batch_id', '=', batch.batchId);
      const rows = await query.orderBy('unit_key').orderBy('prepared_by').limit(PAGE).execute();
      for (const row of rows) {
        const unit = decodeUnit(row.prepared);
        if (row.state === 'committed') {
          ledger.run(
            'INSERT INTO units VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
            row.unit_key,
            row.prepared_by,
            row.manifest_id,
            row.batch_id,
            row.source_id,
            row.table_name,
            row.committed_at,
            unit.deduplicates ? 1 : 0,
          );
        }
        for (const { table, files } of unit.files) {
          if (scope.table !== null && scope.table !== table) continue;
          for (const { uri, sizeBytes, recordCount } of files) {
            const path = pathOf(uri);
            ledger.run(
              'INSERT INTO claims VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
              table,
              basename(path),
              path,
              sizeBytes,
              recordCount,
              row.unit_key,
              row.prepared_by,
              row.state,
            );
          }
        }
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < PAGE) break;
      after = last;
    }
  }
}

/** Whether all units are in the ledger, so that a file which none of them claims is claimed by none. */
export function knowsEveryClaim({ scope }: Verification): boolean {
  return isWhole(scope) || scope.batches === null;
}
