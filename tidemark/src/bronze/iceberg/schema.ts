import type { ColumnType } from '../../contract/contract.ts';
import { ERROR_CODES } from '../../errors/codes.ts';
import { ConfigurationError } from '../../errors/tidemark-error.ts';

/**
 * Iceberg's types in the JSON form of the specification ("Schemas", appendix C), so that a schema another engine wrote
 * passes through unchanged. A primitive is its name: `string`, `long`, `timestamptz`, `decimal(9,2)`, `fixed[16]`, …
 */
export type IcebergType = string | StructType | ListType | MapType;

export interface NestedField {
  readonly id: number;
  readonly name: string;
  readonly required: boolean;
  readonly type: IcebergType;
  readonly doc?: string;
}

export interface StructType {
  readonly type: 'struct';
  readonly fields: readonly NestedField[];
}

export interface ListType {
  readonly type: 'list';
  readonly 'element-id': number;
  readonly element: IcebergType;
  readonly 'element-required': boolean;
}

export interface MapType {
  readonly type: 'map';
  readonly 'key-id': number;
  readonly key: IcebergType;
  readonly 'value-id': number;
  readonly value: IcebergType;
  readonly 'value-required': boolean;
}

export interface TableSchema extends StructType {
  readonly 'schema-id': number;
  readonly 'identifier-field-ids'?: readonly number[];
}

/** A column as the engine wants it, before it has an id. */
export interface TableColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly required: boolean;
  readonly doc?: string;
}

/**
 * A first schema for these columns, with `schema-id` 0. Ids count from 1: all columns of a level in order, then what is
 * nested in each, which is the order in which Iceberg's own libraries hand them out.
 *
 * @throws ConfigurationError `table_columns_refused` for columns that no table can hold: see `columnProblems`.
 */
export function icebergSchema(columns: readonly TableColumn[]): TableSchema {
  const problems = columnProblems(columns);
  if (problems.length > 0) {
    throw new ConfigurationError({
      code: ERROR_CODES.table_columns_refused,
      message: `The columns cannot be made into a table: ${problems.join('; ')}.`,
      next: 'Rename the properties in the contract, then run `tidemark check`.',
      facts: { problems },
    });
  }
  let lastId = 0;
  return { type: 'struct', 'schema-id': 0, fields: freshFields(columns, () => ++lastId) };
}

/** Fields with fresh ids for these columns, in the order that `icebergSchema` states. */
export function freshFields(columns: readonly TableColumn[], nextId: () => number): readonly NestedField[] {
  const ids = columns.map(nextId);
  return columns.map(({ name, type, required, doc }, index) => ({
    id: ids[index]!,
    name,
    required,
    type: freshType(type, nextId),
    ...(doc === undefined ? {} : { doc }),
  }));
}

/** The Iceberg type of a column; what is nested in it gets fresh ids. Members and elements are optional. */
function freshType(type: ColumnType, nextId: () => number): IcebergType {
  switch (type.kind) {
    case 'list': {
      const id = nextId();
      return {
        type: 'list',
        'element-id': id,
        element: freshType(type.element, nextId),
        'element-required': false,
      };
    }
    case 'struct':
      return { type: 'struct', fields: freshFields(asColumns(type.fields), nextId) };
    case 'json':
      return 'string';
    default:
      return type.kind;
  }
}

export function asColumns(members: readonly { name: string; type: ColumnType }[]): readonly TableColumn[] {
  return members.map(({ name, type }) => ({ name, type, required: false }));
}

/**
 * What keeps these columns from being a table. DuckDB, which writes the files, and most engines that read them compare
 * names without case, and Iceberg looks columns up by dotted path, so both must be unique.
 */
export function columnProblems(columns: readonly TableColumn[]): readonly string[] {
  const problems: string[] = columns.length === 0 ? ['there is no column'] : [];
  const seen = new Map<string, string>();
  const visit = (path: string, type: ColumnType): void => {
    const earlier = seen.get(path.toLowerCase());
    if (earlier !== undefined)
      problems.push(`"${path}" and "${earlier}" are the same name to a reader that ignores case`);
    seen.set(path.toLowerCase(), path);
    if (type.kind === 'list') visit(`${path}.element`, type.element);
    if (type.kind !== 'struct') return;
    if (type.fields.length === 0) problems.push(`"${path}" is an object without properties`);
    for (const member of type.fields) visitNamed(`${path}.`, member.name, member.type);
  };
  const visitNamed = (parent: string, name: string, type: ColumnType): void => {
    if (name === '')
      problems.push(`a column${parent === '' ? '' : ` of "${parent.slice(0, -1)}"`} has an empty name`);
    if (name.toLowerCase() === '__duckdb_field_id') problems.push(`"${parent}${name}" is a reserved name`);
    visit(parent + name, type);
  };
  for (const column of columns) visitNamed('', column.name, column.type);
  return problems;
}

/** Every field at every depth with its path of names; list elements are called `element`, as in Parquet. */
export function* allFields(
  fields: readonly NestedField[],
  parent: FieldPlace = { path: [], repeated: false },
): Generator<PlacedField> {
  for (const field of fields) {
    const place = { path: [...parent.path, field.name], repeated: parent.repeated };
    yield { ...place, field };
    yield* nestedFields(field.type, place);
  }
}

function nestedFields(type: IcebergType, place: FieldPlace): Iterable<PlacedField> {
  if (typeof type === 'string') return [];
  const inside = { path: place.path, repeated: true };
  switch (type.type) {
    case 'struct':
      return allFields(type.fields, place);
    case 'list':
      return allFields(
        [{ id: type['element-id'], name: 'element', required: type['element-required'], type: type.element }],
        inside,
      );
    case 'map':
      return allFields(
        [
          { id: type['key-id'], name: 'key', required: true, type: type.key },
          { id: type['value-id'], name: 'value', required: type['value-required'], type: type.value },
        ],
        inside,
      );
  }
}

interface FieldPlace {
  readonly path: readonly string[];
  /** Inside a list or map: such a field has counts but no bounds. */
  readonly repeated: boolean;
}

export interface PlacedField extends FieldPlace {
  readonly field: NestedField;
}

export function fieldById(schema: StructType, id: number): NestedField | null {
  for (const { field } of allFields(schema.fields)) if (field.id === id) return field;
  return null;
}

/** A top-level column. */
export function columnByName(schema: StructType, name: string): NestedField | null {
  return schema.fields.find((field) => field.name === name) ?? null;
}

export function highestFieldId(schema: StructType): number {
  let highest = 0;
  for (const { field } of allFields(schema.fields)) highest = Math.max(highest, field.id);
  return highest;
}
