import { ERROR_CODES } from '../../errors/codes.ts';
import { ConfigurationError } from '../../errors/tidemark-error.ts';
import type { IcebergType, NestedField, StructType } from './schema.ts';

const DUCK_PRIMITIVES: Readonly<Record<string, string>> = {
  boolean: 'BOOLEAN',
  int: 'INTEGER',
  long: 'BIGINT',
  float: 'FLOAT',
  double: 'DOUBLE',
  date: 'DATE',
  time: 'TIME',
  timestamp: 'TIMESTAMP',
  timestamptz: 'TIMESTAMPTZ',
  string: 'VARCHAR',
  uuid: 'UUID',
  binary: 'BLOB',
};

/** A DuckDB identifier that means exactly this name. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * The DuckDB SQL type in which a column is read and written, such as `STRUCT("a" BIGINT)[]`.
 *
 * @throws ConfigurationError `iceberg_unsupported` for a type of another writer that DuckDB has no exact type for.
 */
export function duckType(type: IcebergType): string {
  if (typeof type === 'string') {
    const decimal = /^decimal\(\s*(\d+)\s*,\s*(\d+)\s*\)$/.exec(type);
    const name = decimal ? `DECIMAL(${decimal[1]}, ${decimal[2]})` : DUCK_PRIMITIVES[type];
    if (name !== undefined) return name;
    throw new ConfigurationError({
      code: ERROR_CODES.iceberg_unsupported,
      message: `A column has the Iceberg type "${type}", which cannot be read or written here.`,
      next: 'Read this table with the engine that added the column.',
    });
  }
  switch (type.type) {
    case 'struct':
      return `STRUCT(${type.fields.map((field) => `${quoteIdentifier(field.name)} ${duckType(field.type)}`).join(', ')})`;
    case 'list':
      return `${duckType(type.element)}[]`;
    case 'map':
      return `MAP(${duckType(type.key)}, ${duckType(type.value)})`;
  }
}

/**
 * The value of COPY's `FIELD_IDS` option: without field ids in the Parquet file, readers find no column in it.
 * All columns of the schema are named, so the query that is copied must select all of them.
 */
export function duckFieldIds(schema: StructType): string {
  return `{${members(schema.fields)}}`;
}

function members(fields: readonly NestedField[]): string {
  return fields.map((field) => `${quoteIdentifier(field.name)}: ${fieldId(field.id, field.type)}`).join(', ');
}

function fieldId(id: number, type: IcebergType): string {
  if (typeof type === 'string') return String(id);
  switch (type.type) {
    case 'struct':
      return `{__duckdb_field_id: ${id}, ${members(type.fields)}}`;
    case 'list':
      return `{__duckdb_field_id: ${id}, element: ${fieldId(type['element-id'], type.element)}}`;
    case 'map':
      return `{__duckdb_field_id: ${id}, key: ${fieldId(type['key-id'], type.key)}, value: ${fieldId(type['value-id'], type.value)}}`;
  }
}
