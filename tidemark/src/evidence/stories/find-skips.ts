import { type DataEngine, type Row, sqlList } from '../../bronze/data-engine.ts';
import { streamFiles } from '../reading-engine.ts';

/** A record that was valid and did not enter. */
export interface FoundSkip {
  readonly outcome: string;
  readonly fingerprint: string;
  readonly manifestId: string;
  readonly batchId: string;
  readonly runId: string;
  readonly traceId: string;
  readonly sourceId: string;
  readonly sourceFingerprint: string;
  readonly unitKey: string;
  readonly table: string;
  readonly line: number;
  readonly offset: number;
  /** Of the record that was kept; null for one outside the window. */
  readonly keeper: {
    readonly batchId: string;
    readonly runId: string;
    readonly sourceId: string;
    readonly line: number;
  } | null;
  readonly cursorValue: string | null;
}

/** Skips that a condition holds for, in the order in which they came in. */
export async function* findSkips(
  engine: DataEngine,
  { paths, where }: { paths: readonly string[]; where: string },
): AsyncGenerator<FoundSkip> {
  if (paths.length === 0) return;
  const sql = `SELECT * EXCLUDE (ingested_at) FROM read_parquet(${sqlList(paths)}, union_by_name = true)
    WHERE ${where} ORDER BY ingested_at, source_id, record_line`;
  for await (const row of streamFiles(engine, { sql, paths })) yield asSkip(row);
}

function asSkip(row: Row): FoundSkip {
  const text = (name: string) => String(row[name] ?? '');
  return {
    outcome: text('outcome'),
    fingerprint: text('record_fingerprint'),
    manifestId: text('manifest_id'),
    batchId: text('batch_id'),
    runId: text('run_id'),
    traceId: text('trace_id'),
    sourceId: text('source_id'),
    sourceFingerprint: text('source_fingerprint'),
    unitKey: text('unit_key'),
    table: text('table_name'),
    line: Number(row.record_line),
    offset: Number(row.record_offset),
    keeper:
      row.keeper_unit_key === null
        ? null
        : {
            batchId: text('keeper_batch_id'),
            runId: text('keeper_run_id'),
            sourceId: text('keeper_source_id'),
            line: Number(row.keeper_line),
          },
    cursorValue: row.cursor_value === null ? null : text('cursor_value'),
  };
}
