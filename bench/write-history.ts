import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDataEngine, sqlText } from '../tidemark/src/bronze/data-engine.ts';
import type { DataFile } from '../tidemark/src/bronze/iceberg/data-file.ts';
import { duckType } from '../tidemark/src/bronze/iceberg/duck-columns.ts';
import { planMetadataFile } from '../tidemark/src/bronze/iceberg/metadata-file.ts';
import type { TableSchema } from '../tidemark/src/bronze/iceberg/schema.ts';
import { stageSnapshot } from '../tidemark/src/bronze/iceberg/stage-snapshot.ts';
import { openTable } from '../tidemark/src/bronze/open-table.ts';
import { contractTable } from '../tidemark/src/bronze/table-definitions.ts';
import { tableIo } from '../tidemark/src/bronze/table-io.ts';
import { writeDataFiles } from '../tidemark/src/bronze/write-data-files.ts';
import { swapTable } from '../tidemark/src/catalog/iceberg-tables.ts';
import { openSqliteCatalog } from '../tidemark/src/catalog/open-sqlite.ts';
import { loadContracts } from '../tidemark/src/contract/load-contracts.ts';
import { homeAt } from '../tidemark/src/landing/home.ts';
import { anchorValues } from '../tidemark/src/model/anchors.ts';
import { DEFAULT_LIMITS } from '../tidemark/src/model/limits.ts';
import { SYSTEM_CLOCK } from '../tidemark/src/run/clock.ts';

/** The first day of the history; each of its files holds the tickets of one day. */
export const FIRST_DAY = Date.parse('2025-01-01T00:00:00Z');

/** A project whose ticket table holds so many records, a file a day, in one snapshot. */
export async function writeHistory({
  root,
  records,
  files: fileCount,
}: {
  root: string;
  records: number;
  files: number;
}): Promise<void> {
  await cp(join(import.meta.dirname, '../contracts/data'), join(root, 'contracts/data'), { recursive: true });
  for (const folder of ['data/seed_manifests', '.tidemark'])
    await mkdir(join(root, folder), { recursive: true });
  // No run of the catalog made the history.
  await writeFile(join(root, 'tidemark.yaml'), 'foreign_snapshots: adopt\n');
  const home = homeAt(join(root, '.tidemark'));
  const catalog = openSqliteCatalog({ path: home.catalogPath, readOnly: false });
  const contracts = await loadContracts({ dir: join(root, 'contracts/data'), limits: DEFAULT_LIMITS });
  const reading = contracts.get('omni://contracts/data/ticket/v1');
  if (reading.kind !== 'contract') throw new Error('no ticket contract');
  const definition = contractTable(reading.contract);
  const now = new Date();
  const table = await openTable({ catalog, home, definition, partitionBy: [], now });
  const runId = SYSTEM_CLOCK.newRunId();
  const anchors = {
    manifestId: 'manifest-history-20250101-001',
    batchId: 'history',
    runId,
    sourceFingerprint: 'a'.repeat(64),
    traceId: 'f'.repeat(32),
  };
  const rows = Math.ceil(records / fileCount);
  const files: DataFile[] = [];
  for (let day = 0; day < fileCount; day += 1) {
    await using duck = await openDataEngine({ spillDir: join(root, 'spill'), limits: DEFAULT_LIMITS });
    const unitKey = String(day).padStart(12, '0').padEnd(64, '0');
    const own = { ...anchorValues(anchors), unit_key: unitKey, source_id: `desk-${day}` };
    const constants = Object.fromEntries(Object.entries(own).map(([name, text]) => [name, sqlText(text)]));
    files.push(
      ...(await writeDataFiles(duck, {
        table,
        select: selectOf({ columns: table.schema.fields, own: new Set(Object.keys(own)), day, rows }),
        constants,
        anchors,
        unitKey,
        part: 0,
        scratchDir: join(root, 'scratch'),
      })),
    );
  }
  const staged = await stageSnapshot({
    io: tableIo,
    metadata: table.metadata,
    operation: 'append',
    addFiles: files,
    summary: {},
    snapshotId: 1n,
    commitUuid: runId,
    nowMs: now.getTime(),
  });
  const file = planMetadataFile({ base: null, metadata: staged.metadata, uuid: runId, nowMs: now.getTime() });
  await tableIo.write(file.location, file.bytes);
  await catalog
    .transaction()
    .execute((tx) => swapTable(tx, { table: definition.name, expected: null, next: file.location }));
  await catalog.destroy();
}

/** Rows of one day; what is not named here is null. */
function selectOf({
  columns,
  own,
  day,
  rows,
}: {
  columns: TableSchema['fields'];
  own: ReadonlySet<string>;
  day: number;
  rows: number;
}): string {
  const values: Record<string, string> = {
    record_fingerprint: `md5(${day} || '-' || i)`,
    record_line: 'i + 1',
    record_offset: 'i * 400',
    ingested_at: `TIMESTAMPTZ '2025-01-01 00:00:00+00' + INTERVAL ${day} DAY`,
    ticket_id: `'TKT-20250101-' || lpad((i % 1000000)::VARCHAR, 6, '0')`,
    customer_id: `'customer-' || (i % 5000)`,
    status: `'open'`,
    subject: `'Ticket ' || i || ' of day ${day}, ' || md5(i::VARCHAR)`,
    created_at: `TIMESTAMPTZ '2025-01-01 00:00:00+00' + INTERVAL ${day} DAY + to_milliseconds(i * 86400000 // ${rows})`,
  };
  const list = columns.flatMap(({ name, type }) =>
    own.has(name) ? [] : [`(${values[name] ?? 'NULL'})::${duckType(type)} AS "${name}"`],
  );
  return `SELECT ${list.join(', ')} FROM range(${rows}) AS r(i)`;
}
