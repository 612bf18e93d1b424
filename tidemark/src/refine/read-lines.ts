import { cellKindsOf } from './formats/csv/cells.ts';
import { readCsv } from './formats/csv/read-csv.ts';
import { readArray } from './formats/json/read-array.ts';
import type { LineRange } from './line-ranges.ts';
import type { RefineInput } from './refined.ts';
import { type LineBatch, type ReadLine, splitLines } from './split-lines.ts';

/** What a decoded stream holds, record by record, in whatever form they are written. */
export function readLines(
  input: Pick<RefineInput, 'path' | 'contract' | 'limits' | 'signal' | 'records' | 'encoding'> & {
    readonly range: LineRange | null;
  },
): AsyncGenerator<LineBatch<ReadLine>> {
  const { records } = input;
  if (records?.format === 'json') return readArray({ ...input, pointer: records.pointer });
  if (records?.format !== 'csv') return splitLines(input);
  const { dialect } = records;
  return readCsv({ ...input, dialect, kinds: cellKindsOf(input.contract, dialect.columns) });
}

/** Whether a stretch of the stream can be read by itself: a line begins behind every LF. */
export function isCutByLines(records: RefineInput['records']): boolean {
  return records === undefined || records.format === 'jsonl' || records.format === 'parquet';
}
