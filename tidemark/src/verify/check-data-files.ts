import { basename, join, relative } from 'node:path';
import type { CatalogReader } from '../catalog/catalog.ts';
import { holdsLease } from '../catalog/leases.ts';
import type { Symptom, SymptomKind } from '../incident/symptom.ts';
import { listFiles, sizeOf } from '../landing/store/stored-files.ts';
import { knowsEveryClaim } from './claimed-files.ts';
import type { LedgerRow } from './ledger.ts';
import { lookAt, removeFile, replay, restoreFile, undoForeign } from './mending.ts';
import type { ReadTable } from './table-files.ts';
import type { Verification } from './verification.ts';

/** Every data file that a table's head lists: there, and of the size that was committed. */
export async function checkDataFiles(verification: Verification): Promise<void> {
  const { ledger, findings, engine } = verification;
  findings.begin('data files');
  const claimed = `
    SELECT f.*, c.unit_key, u.manifest_id, u.batch_id, u.source_id, u.prepared_by
    FROM files f JOIN claims c USING (table_name, name)
    JOIN units u ON u.unit_key = c.unit_key AND u.prepared_by = c.prepared_by WHERE f.listed > 0`;
  const unclaimed = `
    SELECT f.*, NULL AS unit_key FROM files f WHERE f.listed > 0
    AND NOT EXISTS (SELECT 1 FROM claims c WHERE c.table_name = f.table_name AND c.name = f.name)`;
  for (const sql of knowsEveryClaim(verification) ? [claimed, unclaimed] : [claimed]) {
    for (const file of ledger.rows(sql)) {
      engine.signal.throwIfAborted();
      findings.checked('data files');
      const found = await sizeOf(String(file.path));
      if (found === Number(file.size)) continue;
      const kind = found === null ? 'data_file_missing' : 'data_file_altered';
      const why = found === null ? 'is not there' : `has ${found} bytes`;
      reportFile(verification, { file, kind, why });
    }
  }
}

/** A file that is not as it was committed: its rows are lost or false until its batch is replayed. */
export function reportFile(
  verification: Verification,
  { file, kind, why }: { file: LedgerRow; kind: SymptomKind; why: string },
): void {
  const { ledger, findings, engine } = verification;
  const table = String(file.table_name);
  const unitKey = file.unit_key === null ? null : String(file.unit_key);
  if (unitKey !== null)
    ledger.run('INSERT INTO damaged VALUES (?, ?) ON CONFLICT DO NOTHING', unitKey, table);
  findings.found('data files', {
    kind,
    ...aboutFile(file),
    distinction: String(file.name),
    message: `Data file ${file.name} of bronze.${table} (${file.records} rows, ${file.size} bytes) ${why}.`,
    facts: {
      path: relative(engine.home.storeDir, String(file.path)),
      records: file.records,
      sizeBytes: file.size,
      units: unitKey === null ? [] : [unitKey],
    },
    query: lookAt(String(file.path)),
    suggestion: mendingOf(file, verification),
  });
}

export function aboutFile(
  file: LedgerRow,
): Pick<Symptom, 'manifestId' | 'batchId' | 'sourceId' | 'table' | 'runId'> {
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  return {
    manifestId: text(file.manifest_id),
    batchId: text(file.batch_id),
    sourceId: text(file.source_id),
    table: text(file.table_name),
    runId: text(file.prepared_by),
  };
}

/** Of a file of another engine's snapshot the table is better off without; any other is made again from raw bytes. */
function mendingOf(file: LedgerRow, verification: Verification): string {
  const { manifestId, batchId, table } = aboutFile(file);
  if (manifestId !== null && batchId !== null) return replay({ manifestId, batchId });
  return (table === null ? null : undoForeign(verification, table)) ?? restoreFile(String(file.path));
}

/** Files in the tables' folders that no snapshot lists and no unit claims. */
export async function checkStrayFiles(
  verification: Verification,
  tables: readonly ReadTable[],
): Promise<void> {
  const { engine, ledger, findings, scope } = verification;
  if (scope.batches !== null) return;
  for (const { table } of tables) {
    for await (const { path, name } of listFiles(join(engine.home.tableDir(table), 'data'))) {
      engine.signal.throwIfAborted();
      findings.checked('stored files');
      const known = (where: 'files' | 'claims') =>
        ledger.has(`SELECT 1 FROM ${where} WHERE table_name = ? AND name = ?`, table, name);
      if (known('files') || known('claims') || (await isOfRun(verification, name))) continue;
      if (await isExpired(engine.catalog, { table, name })) continue;
      const below = relative(engine.home.storeDir, path);
      findings.found('stored files', {
        kind: 'orphan_data_file',
        manifestId: null,
        batchId: null,
        sourceId: null,
        table,
        runId: null,
        distinction: relative(engine.home.tableDir(table), path),
        message: `${below} belongs to no snapshot of bronze.${table} and to no unit of the catalog.`,
        facts: { path: below },
        query: lookAt(path),
        suggestion: removeFile(path),
      });
    }
  }
}

/** Maintenance has let go of it and removes it. */
async function isExpired(
  catalog: CatalogReader,
  { table, name }: { table: string; name: string },
): Promise<boolean> {
  const row = await catalog
    .selectFrom('expired_files')
    .select('uri')
    .where('table_name', '=', table)
    .where('uri', 'like', `%/${name}`)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * Asked of the present: files of a run or a maintenance that goes on or that died are its own or its successor's to remove,
 * and those of a unit that was recorded since the verification began are known by now.
 */
async function isOfRun({ engine }: Verification, name: string): Promise<boolean> {
  const runId = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?=-)/.exec(
    basename(name),
  )?.[0];
  if (runId === undefined) return false;
  const { catalog } = engine;
  const run = await catalog.selectFrom('runs').select('state').where('run_id', '=', runId).executeTakeFirst();
  if (run?.state === 'running' || (await holdsLease(catalog, runId))) return true;
  const unit = await catalog
    .selectFrom('units')
    .select('unit_key')
    .where('prepared_by', '=', runId)
    .where('state', '<>', 'discarded')
    .where('prepared', 'like', `%${name}%`)
    .limit(1)
    .executeTakeFirst();
  return unit !== undefined;
}
