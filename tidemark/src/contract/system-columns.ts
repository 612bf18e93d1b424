import type { ColumnType } from './contract.ts';

export interface SystemColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly required: boolean;
  readonly doc: string;
}

const STRING: ColumnType = { kind: 'string' };
const LONG: ColumnType = { kind: 'long' };

/** The columns that every Bronze row has before those of its contract: the five anchors, then where it came from. */
export const SYSTEM_COLUMNS: readonly SystemColumn[] = [
  { name: 'manifest_id', type: STRING, required: true, doc: 'declaration by which the row came in' },
  { name: 'batch_id', type: STRING, required: true, doc: 'batch or input window' },
  { name: 'run_id', type: STRING, required: true, doc: 'execution that produced the row (UUIDv7)' },
  {
    name: 'source_fingerprint',
    type: STRING,
    required: true,
    doc: 'SHA-256 of the exact bytes of the source, 64 hex',
  },
  { name: 'trace_id', type: STRING, required: true, doc: 'W3C trace id of the invocation, 32 hex' },
  { name: 'source_id', type: STRING, required: true, doc: 'asset as the manifest declares it' },
  {
    name: 'record_line',
    type: LONG,
    required: false,
    doc: '1-based line in the source; null for a one-row asset',
  },
  {
    name: 'record_offset',
    type: LONG,
    required: false,
    doc: 'byte offset of the record in the raw object; null for a one-row asset',
  },
  {
    name: 'record_fingerprint',
    type: STRING,
    required: true,
    doc: 'first 16 bytes of the SHA-256 of the canonical record, 32 hex',
  },
  { name: 'unit_key', type: STRING, required: true, doc: 'unit of work that produced the row' },
  {
    name: 'ingested_at',
    type: { kind: 'timestamptz' },
    required: true,
    doc: 'time of the run that produced the row',
  },
];

export const SYSTEM_COLUMN_NAMES: readonly string[] = SYSTEM_COLUMNS.map((column) => column.name);
