import { sqlName } from './data-engine.ts';
import { duckType } from './iceberg/duck-columns.ts';
import { partitionColumns } from './iceberg/partition-spec.ts';
import { sortSql } from './iceberg/sort-order.ts';
import type { OpenTable } from './open-table.ts';

/** SQL of the columns that have one value in every row, by name. */
export type ConstantColumns = Readonly<Record<string, string>>;

/**
 * The query of the rows of a table's data files: all its columns, its partition columns after them, in its order.
 * `select` gives the columns that are not constant. Constants come in after the sort: going through it they made rows a
 * quarter wider, and what does not fit in memory is spilled several times over.
 */
export function sortedRows({
  table,
  select,
  constants: given,
}: {
  table: OpenTable;
  select: string;
  constants: ConstantColumns;
}): string {
  const constants = { ...given, ...columnsWithoutContract(table) };
  const partitions = partitionColumns(table.spec, table.schema);
  const rows = needsConstants(table, constants)
    ? sorted(table, withConstants(select, constants))
    : withConstants(sorted(table, select), constants);
  const columns = table.schema.fields.map((field) => sqlName(field.name));
  return `SELECT ${[...columns, ...partitions.map(({ name }) => name)].join(', ')} FROM (${rows})`;
}

/** A column that the contract no longer has stays in the table and is null in new rows. */
function columnsWithoutContract({ definition, schema }: OpenTable): ConstantColumns {
  const wanted = new Set(definition.columns.map((column) => column.name));
  const left = schema.fields.filter((field) => !wanted.has(field.name));
  return Object.fromEntries(left.map((field) => [field.name, `NULL::${duckType(field.type)}`]));
}

/** Whether a row's place is decided by a constant column; taken for granted of partitions. */
function needsConstants(table: OpenTable, constants: ConstantColumns): boolean {
  const sortedBy = new Set(table.sortOrder.fields.map((term) => term['source-id']));
  return (
    table.spec.fields.length > 0 ||
    table.schema.fields.some((field) => sortedBy.has(field.id) && field.name in constants)
  );
}

function withConstants(rows: string, constants: ConstantColumns): string {
  const added = Object.entries(constants).map(([name, sql]) => `, ${sql} AS ${sqlName(name)}`);
  return `SELECT *${added.join('')} FROM (${rows})`;
}

function sorted(table: OpenTable, rows: string): string {
  const partitions = partitionColumns(table.spec, table.schema);
  const added = partitions.map(({ name, sql }) => `, ${sql} AS ${name}`);
  const terms = [...partitions.map(({ name }) => name), ...sortTerms(table)].join(', ');
  return `SELECT *${added.join('')} FROM (${rows}) ${terms && `ORDER BY ${terms}`}`;
}

/** The table's order, then the place in the source, so that equal input gives equal files. */
function sortTerms(table: OpenTable): string[] {
  const declared = sortSql(table.sortOrder, table.schema);
  const hasLines = table.schema.fields.some((field) => field.name === 'record_line');
  return [...(declared === null ? [] : [declared]), ...(hasLines ? ['record_line'] : [])];
}
