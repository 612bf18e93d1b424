import type { ColumnType, Contract } from '../contract/contract.ts';
import { SYSTEM_COLUMN_NAMES, SYSTEM_COLUMNS } from '../contract/system-columns.ts';
import { QUARANTINE_TABLE, REJECTS_TABLE, SKIPS_TABLE } from '../model/table-names.ts';
import type { Uniqueness } from '../model/uniqueness.ts';
import type { VersionRule } from './current/version-rule.ts';
import type { TableColumn } from './iceberg/schema.ts';

/** A Bronze table as wanted: its columns, and the column that sorts and bounds its files. */
export interface TableDefinition {
  readonly name: string;
  readonly columns: readonly TableColumn[];
  readonly sortBy: string | null;
  /** By which rows are versions of one thing; absent where they are not. */
  readonly versions?: VersionRule;
}

const text = (name: string, doc: string): TableColumn => ({
  name,
  type: { kind: 'string' },
  required: false,
  doc,
});
const long = (name: string, doc: string): TableColumn => ({
  name,
  type: { kind: 'long' },
  required: false,
  doc,
});

export function contractTable(contract: Contract): TableDefinition {
  const { businessKey, eventTime, versionOrder, deletion } = contract.traits;
  const column = (property: string | null) => contract.columns.find((own) => own.property === property);
  const event = column(eventTime);
  const order = [...versionOrder, eventTime].flatMap((property) => column(property)?.name ?? []);
  // A property that equals an anchor has no column of its own.
  const key = column(businessKey)?.name ?? SYSTEM_COLUMN_NAMES.find((name) => name === businessKey);
  return {
    name: contract.traits.table,
    columns: [...SYSTEM_COLUMNS, ...contract.columns.map((column) => ({ ...column, required: false }))],
    sortBy: event?.type.kind === 'timestamptz' || event?.type.kind === 'date' ? event.name : null,
    ...(key !== undefined && {
      versions: {
        key,
        order: [...new Set(order)],
        ...(deletion !== null && {
          deletion: { column: column(deletion.property)!.name, values: deletion.values },
        }),
      },
    }),
  };
}

/** The columns that tell a record of the table from any other; null where nothing is declared unique. */
export function uniqueColumns(contract: Contract, unique: Uniqueness | undefined): VersionRule | null {
  const { versions } = contractTable(contract);
  if (unique === undefined || versions === undefined) return null;
  return unique === 'version' ? versions : { key: versions.key, order: [] };
}

const VIOLATIONS: ColumnType = {
  kind: 'list',
  element: {
    kind: 'struct',
    fields: ['rule', 'pointer', 'expected', 'received'].map((name) => ({
      name,
      type: { kind: 'string' } as const,
    })),
  },
};

/** Every record or line that broke its contract: never capped, never sampled. */
export const REJECTS: TableDefinition = {
  name: REJECTS_TABLE,
  columns: [
    ...SYSTEM_COLUMNS,
    text('table_name', 'the table it would have entered'),
    text('contract_ref', 'the contract that judged it'),
    text('contract_hash', 'identity of that contract'),
    long('record_length', 'bytes of the payload at record_offset of the raw object'),
    text('payload_ref', 'raw object that holds the payload'),
    text('rule', 'rule of the first violation'),
    text('pointer', 'JSON pointer of the first violation'),
    text('expected', 'what the first violation expected'),
    text('received', 'what stood there'),
    { name: 'violations', type: VIOLATIONS, required: false, doc: 'every violation' },
  ],
  sortBy: null,
};

/** Every record that was valid and did not enter: duplicates with their keeper, records outside the window. */
export const SKIPS: TableDefinition = {
  name: SKIPS_TABLE,
  columns: [
    ...SYSTEM_COLUMNS,
    text('table_name', 'the table it would have entered'),
    text('outcome', 'duplicate or out_of_window'),
    long('occurrence', 'which occurrence of its content within the unit, from 1'),
    text('keeper_unit_key', 'unit of the record that was kept'),
    text('keeper_run_id', 'run that produced the record that was kept'),
    text('keeper_batch_id', 'batch of the record that was kept'),
    text('keeper_source_id', 'source of the record that was kept'),
    long('keeper_line', 'line of the record that was kept'),
    text('cursor_value', 'value that lies outside the window'),
  ],
  sortBy: null,
};

/** Every asset that was held back or refused, with what was found and where its bytes are kept. */
export const QUARANTINE: TableDefinition = {
  name: QUARANTINE_TABLE,
  columns: [
    ...SYSTEM_COLUMNS.filter((column) => !column.name.startsWith('record_')),
    text('table_name', 'the table it would have entered'),
    text('contract_ref', 'the contract it names'),
    text('disposition', 'held (by the gate) or refused (by the gate or by verification)'),
    text('judgement', 'judgement of the gate'),
    {
      name: 'reasons',
      type: {
        kind: 'list',
        element: {
          kind: 'struct',
          fields: ['rule', 'message', 'expected', 'received'].map((name) => ({
            name,
            type: { kind: 'string' } as const,
          })),
        },
      },
      required: false,
      doc: 'every reason',
    },
    text('declared_path', 'where the manifest says it is'),
    text('payload_ref', 'object that holds its bytes; null when they could not be read'),
    long('size_bytes', 'bytes received; null when they could not be read'),
    text('media_type', 'type found in the bytes'),
  ],
  sortBy: null,
};
