import { type DataEngine, sqlList, sqlText } from '../bronze/data-engine.ts';
import { liveFilesOf } from '../evidence/live-files.ts';
import { nextCommand } from '../evidence/next-command.ts';
import { duplicateWithoutKeeper } from '../incident/duplicates-without-keeper.ts';
import { throwIfAway } from '../landing/store/away.ts';
import { SKIPS_TABLE, TABLES_BESIDE } from '../model/table-names.ts';
import { livePages } from './live-pages.ts';
import { replay, undoForeign } from './mending.ts';
import type { ReadTable } from './table-files.ts';
import type { Verification } from './verification.ts';

const FILES_AT_ONCE = 500;

/** Records listed with a finding; all are counted. */
const EXAMPLES_MAX = 10;

/**
 * No record twice in a table, and no record left out of it as a duplicate of one that is there no more. Reads the
 * fingerprints of whole tables, so it is left out where single batches are verified.
 */
export async function checkDuplicates(
  verification: Verification,
  tables: readonly ReadTable[],
): Promise<void> {
  const { findings, ledger, openEngine, engine, scope } = verification;
  if (scope.batches !== null) return;
  findings.begin('duplicates');
  for (const { table } of tables) {
    if (TABLES_BESIDE.has(table) || !findings.hasSeen(table)) continue;
    if (ledger.has('SELECT 1 FROM damaged WHERE table_name = ? LIMIT 1', table)) {
      findings.couldNotSee('duplicates', table, 'rows of it cannot be read, or are there twice as it is');
      continue;
    }
    await using duck = await openEngine();
    try {
      await readFingerprints(verification, { duck, table });
      await findDoubled(verification, { duck, table });
      await findOrphans(verification, { duck, table });
    } catch (error) {
      engine.signal.throwIfAborted();
      throwIfAway(error);
      const [why = ''] = (error as Error).message.split('\n');
      findings.couldNotSee('duplicates', table, why);
    }
  }
}

interface OfTable {
  readonly duck: DataEngine;
  readonly table: string;
}

async function readFingerprints(verification: Verification, { duck, table }: OfTable): Promise<void> {
  await duck.run('CREATE TABLE seen (fp VARCHAR, of_records BOOLEAN)');
  for (const paths of livePages(verification, table)) {
    verification.engine.signal.throwIfAborted();
    await duck.run(
      `INSERT INTO seen SELECT record_fingerprint, record_line IS NOT NULL
       FROM read_parquet(${sqlList(paths)}, union_by_name = true) WHERE record_fingerprint IS NOT NULL`,
    );
  }
  const [row] = await duck.rows('SELECT count(*) AS records FROM seen');
  verification.findings.checked('duplicates', Number(row?.records));
}

/** Rows of assets are told by their unit, not by their content: only records are looked at. */
async function findDoubled(verification: Verification, { duck, table }: OfTable): Promise<void> {
  const { ledger, findings } = verification;
  await duck.run(
    'CREATE TABLE doubled AS SELECT fp FROM seen WHERE of_records GROUP BY fp HAVING count(*) > 1',
  );
  const [row] = await duck.rows('SELECT count(*) AS records FROM doubled');
  if (Number(row?.records) === 0) return;
  await duck.run('CREATE TABLE places (fp VARCHAR, unit_key VARCHAR, line BIGINT)');
  for (const paths of livePages(verification, table)) {
    await duck.run(
      `INSERT INTO places SELECT record_fingerprint, coalesce(unit_key, ''), record_line
       FROM read_parquet(${sqlList(paths)}, union_by_name = true) WHERE record_fingerprint IN (FROM doubled)`,
    );
  }
  await duck.run('CREATE TABLE ages (unit_key VARCHAR, age VARCHAR)');
  for (const { unit_key: key } of await duck.rows('SELECT DISTINCT unit_key FROM places')) {
    const unit = ledger.one('SELECT committed_at FROM units WHERE unit_key = ?', String(key));
    // What no unit of the catalog brought came last, whoever brought it.
    const age = unit === null ? '~' : String(unit.committed_at);
    await duck.run(`INSERT INTO ages VALUES (${sqlText(String(key))}, ${sqlText(age)})`);
  }
  const extra = await duck.rows(
    `SELECT unit_key, count(*)::BIGINT AS records, min(fp) AS example FROM (
       SELECT unit_key, fp, row_number() OVER (PARTITION BY fp ORDER BY age, unit_key, line) AS place
       FROM places JOIN ages USING (unit_key))
     WHERE place > 1 GROUP BY unit_key ORDER BY unit_key`,
  );
  for (const { unit_key: key, records, example } of extra)
    findings.found(
      'duplicates',
      doubled(verification, {
        table,
        unitKey: String(key),
        records: Number(records),
        example: String(example),
      }),
    );
}

function doubled(
  verification: Verification,
  of: { table: string; unitKey: string; records: number; example: string },
) {
  const { table, unitKey, records, example } = of;
  const unit = verification.ledger.one('SELECT * FROM units WHERE unit_key = ?', unitKey);
  const text = (name: string) => (unit === null ? null : String(unit[name]));
  const [manifestId, batchId] = [text('manifest_id'), text('batch_id')];
  const what = records === 1 ? 'A record' : `${records} records`;
  const whose =
    unit === null ? 'that no unit of the catalog brought' : `of ${text('source_id')} in batch ${batchId}`;
  return {
    kind: 'rows_doubled' as const,
    manifestId,
    batchId,
    sourceId: text('source_id'),
    table,
    runId: text('prepared_by'),
    distinction: `records of unit ${unitKey.slice(0, 16)}`,
    message: `${what} ${whose} ${records === 1 ? 'is' : 'are'} in bronze.${table} already, from before.`,
    facts: { records, examples: [example].slice(0, EXAMPLES_MAX), units: unit === null ? [] : [unitKey] },
    query: `SELECT record_fingerprint, count(*) FROM bronze.${table} GROUP BY 1 HAVING count(*) > 1`,
    suggestion:
      manifestId !== null && batchId !== null
        ? replay({ manifestId, batchId })
        : (undoForeign(verification, table) ?? nextCommand('show', `bronze.${table}`)),
  };
}

async function findOrphans(
  { catalog, findings, engine }: Verification,
  { duck, table }: OfTable,
): Promise<void> {
  const skips = (await liveFilesOf(catalog, SKIPS_TABLE)).map(({ path }) => path);
  await duck.run(
    'CREATE TABLE orphans (manifest_id VARCHAR, batch_id VARCHAR, source_id VARCHAR, unit_key VARCHAR, fp VARCHAR)',
  );
  for (let at = 0; at < skips.length; at += FILES_AT_ONCE) {
    engine.signal.throwIfAborted();
    await duck.run(
      `INSERT INTO orphans SELECT manifest_id, batch_id, source_id, unit_key, record_fingerprint
       FROM read_parquet(${sqlList(skips.slice(at, at + FILES_AT_ONCE))}, union_by_name = true)
       WHERE outcome = 'duplicate' AND table_name = ${sqlText(table)}
         AND record_fingerprint NOT IN (SELECT fp FROM seen)`,
    );
  }
  const found = await duck.rows(
    `SELECT manifest_id, batch_id, source_id, unit_key, count(DISTINCT fp)::BIGINT AS records
     FROM orphans GROUP BY ALL ORDER BY ALL`,
  );
  for (const row of found) {
    const orphan = {
      manifestId: String(row.manifest_id),
      batchId: String(row.batch_id),
      sourceId: String(row.source_id),
      unitKey: String(row.unit_key),
      records: Number(row.records),
    };
    findings.found('duplicates', duplicateWithoutKeeper({ table, found: orphan, runId: null }));
  }
}
