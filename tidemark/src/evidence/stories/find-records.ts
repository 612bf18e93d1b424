import { type DataEngine, type Row, sqlList, sqlName, sqlText } from '../../bronze/data-engine.ts';
import { streamFiles } from '../reading-engine.ts';
import type { RecordTable } from './record-tables.ts';

/** What is looked for among the records. */
export type RecordQuery =
  /** Whole or its beginning, lower hex. */
  | { readonly kind: 'fingerprint'; readonly text: string }
  /** A record's own id; `whole` false: its beginning. */
  | { readonly kind: 'id'; readonly text: string; readonly whole: boolean };

/** One row of a Bronze table. */
export interface FoundRecord {
  readonly table: RecordTable;
  readonly row: Row;
  /** Its own ids, by column. */
  readonly ids: Readonly<Record<string, string>>;
  readonly fingerprint: string;
  /** Path of the data file that holds it. */
  readonly path: string;
}

/** Rows read for one answer; more are counted, not told. */
export const RECORDS_MAX = 200;

const PLACE = [
  'manifest_id',
  'batch_id',
  'run_id',
  'source_fingerprint',
  'trace_id',
  'source_id',
  'record_line',
  'record_offset',
  'record_fingerprint',
  'unit_key',
];

/** Rows that answer, the newest version of each id first. Only the columns that are told are read. */
export async function findRecords(
  engine: DataEngine,
  { table, query }: { table: RecordTable; query: RecordQuery },
): Promise<FoundRecord[]> {
  const { idColumns, versionColumns, eventTimeColumn, deletion } = table;
  const condition = conditionOf({ idColumns, query });
  if (condition === null) return [];
  const paths = table.files.map(({ path }) => path);
  const told = [...idColumns, eventTimeColumn, deletion?.column].filter((name) => name != null);
  const texts = [...new Set(told)].filter((name) => !PLACE.includes(name));
  const columns = [
    ...PLACE.map(sqlName),
    'ingested_at::VARCHAR AS ingested_at',
    ...texts.map((name) => `${sqlName(name)}::VARCHAR AS ${sqlName(name)}`),
    'filename',
  ];
  const order = [
    ...idColumns.slice(0, 1).map(sqlName),
    ...versionColumns.map((name) => `${sqlName(name)} DESC NULLS LAST`),
    ...(eventTimeColumn === null ? [] : [`${sqlName(eventTimeColumn)} DESC NULLS LAST`]),
    'ingested_at DESC',
    'record_line DESC',
  ];
  const sql = `SELECT ${columns.join(', ')}
    FROM read_parquet(${sqlList(paths)}, union_by_name = true, filename = true)
    WHERE ${condition} ORDER BY ${order.join(', ')} LIMIT ${RECORDS_MAX + 1}`;
  const rows = await Array.fromAsync(streamFiles(engine, { sql, paths }));
  return rows.map((row) => ({
    table,
    row,
    ids: Object.fromEntries(idColumns.map((name) => [name, String(row[name] ?? '')])),
    fingerprint: String(row.record_fingerprint),
    path: String(row.filename),
  }));
}

function conditionOf({
  idColumns,
  query,
}: {
  idColumns: readonly string[];
  query: RecordQuery;
}): string | null {
  if (query.kind === 'fingerprint') return fingerprintCondition(query.text);
  if (idColumns.length === 0) return null;
  const text = sqlText(query.text);
  return idColumns
    .map((name) => (query.whole ? `${sqlName(name)} = ${text}` : `starts_with(${sqlName(name)}, ${text})`))
    .join(' OR ');
}

/** A range can be held against the bounds of row groups, starts_with cannot. */
export function fingerprintCondition(text: string): string {
  if (text.length === 32) return `record_fingerprint = ${sqlText(text)}`;
  return `record_fingerprint >= ${sqlText(text)} AND record_fingerprint < ${sqlText(`${text}g`)}`;
}
