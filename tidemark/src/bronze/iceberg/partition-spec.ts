import type { PartitionValue } from './data-file.ts';
import { quoteIdentifier } from './duck-columns.ts';
import { columnByName, type TableSchema } from './schema.ts';
import {
  parseTransform,
  resultType,
  sourceTypesOf,
  type Transform,
  transformSql,
  transformText,
} from './transform.ts';

export interface PartitionField {
  readonly 'source-id': number;
  readonly 'field-id': number;
  readonly name: string;
  readonly transform: string;
}

export interface PartitionSpec {
  readonly 'spec-id': number;
  readonly fields: readonly PartitionField[];
}

export const UNPARTITIONED: PartitionSpec = { 'spec-id': 0, fields: [] };

/** `last-partition-id` of a table without partition fields: their ids begin at 1000. */
export const PARTITION_ID_BASE = 999;

/** A partition field with the type of its values, as manifests need it. */
export interface TypedPartitionField {
  readonly id: number;
  readonly name: string;
  readonly type: string;
}

export interface PartitionLayout {
  readonly spec: PartitionSpec;
  /** One for each field of the spec, in its order. */
  readonly fields: readonly TypedPartitionField[];
}

export interface PartitionProblem {
  /** The declared text, such as `day(created_at)`. */
  readonly text: string;
  readonly rule: 'malformed' | 'unknown_column' | 'type_mismatch' | 'redundant' | 'name_taken';
  readonly expected: string;
  readonly found: string;
}

export type PartitionSpecReading =
  | { readonly kind: 'parsed'; readonly spec: PartitionSpec }
  | { readonly kind: 'refused'; readonly problems: readonly PartitionProblem[] };

const FORMS = 'identity(c), year(c), month(c), day(c), hour(c), truncate[W](c) or a column name';

/** Reads declared partition fields into the first spec of a new table. None declared means unpartitioned. */
export function parsePartitionSpec(declared: readonly string[], schema: TableSchema): PartitionSpecReading {
  const problems: PartitionProblem[] = [];
  const fields: PartitionField[] = [];
  const kindsBySource = new Map<string, string>();
  for (const text of declared) {
    const problem = (rule: PartitionProblem['rule'], expected: string, found: string) =>
      problems.push({ text, rule, expected, found });
    const parsed = parseField(text);
    if (parsed === null) {
      problem('malformed', FORMS, text);
      continue;
    }
    const { column: name, transform } = parsed;
    const column = columnByName(schema, name);
    if (column === null) {
      problem('unknown_column', schema.fields.map((field) => field.name).join(', '), name);
      continue;
    }
    const found = typeof column.type === 'string' ? column.type : column.type.type;
    const types = sourceTypesOf(transform);
    if (!types.includes(found))
      problem('type_mismatch', types.join(' or ') || 'a transform that can be declared', found);
    const source = `${column.id} ${timeKinds.has(transform.kind) ? 'time' : transform.kind}`;
    const earlier = kindsBySource.get(source);
    if (earlier !== undefined) problem('redundant', `no second field beside ${earlier}`, text);
    kindsBySource.set(source, text);
    const partitionName = fieldName(name, transform);
    const taken =
      fields.some((field) => field.name === partitionName) ||
      (transform.kind !== 'identity' && columnByName(schema, partitionName) !== null);
    if (taken) problem('name_taken', 'a partition name that no column has', partitionName);
    fields.push({
      'source-id': column.id,
      'field-id': PARTITION_ID_BASE + 1 + fields.length,
      name: partitionName,
      transform: transformText(transform),
    });
  }
  return problems.length > 0
    ? { kind: 'refused', problems }
    : { kind: 'parsed', spec: { 'spec-id': 0, fields } };
}

const timeKinds = new Set<Transform['kind']>(['year', 'month', 'day', 'hour']);

function parseField(text: string): { readonly column: string; readonly transform: Transform } | null {
  const match = /^([a-z]+(?:\[\d+\])?)\((.+)\)$/s.exec(text.trim());
  if (match === null) {
    const bare = text.trim();
    return bare === '' || /[()[\]]/.test(bare) ? null : { column: bare, transform: { kind: 'identity' } };
  }
  const transform = parseTransform(match[1]!);
  return transform === null ? null : { column: match[2]!.trim(), transform };
}

/** The names that Iceberg's own libraries give: `created_at_day`, `name_trunc`, and the column's own for identity. */
function fieldName(column: string, transform: Transform): string {
  if (transform.kind === 'identity') return column;
  return `${column}_${transform.kind === 'truncate' ? 'trunc' : transform.kind}`;
}

/** The fields with the types of their values; `typeOf` gives the primitive type of a source column by id. */
export function partitionType(
  spec: PartitionSpec,
  typeOf: (sourceId: number) => string,
): readonly TypedPartitionField[] {
  return spec.fields.map((field) => {
    const transform = parseTransform(field.transform);
    const type = transform === null ? 'string' : resultType(transform, typeOf(field['source-id']));
    return { id: field['field-id'], name: field.name, type };
  });
}

/**
 * The partition values as DuckDB select-list expressions with names that no column of a contract has, for
 * `PARTITION_BY ("__p0", …), WRITE_PARTITION_COLUMNS false`. Give every file its final place under a name of its own:
 * DuckDB's folders carry percent-encoded values, which not every reader resolves alike. Files written this way are not
 * in the table's sort order, even under ORDER BY (measured: a row out of place in 214,286 with two threads).
 */
export function partitionColumns(
  spec: PartitionSpec,
  schema: TableSchema,
): readonly { readonly name: string; readonly sql: string }[] {
  return spec.fields.map((field, index) => {
    const column = schema.fields.find(({ id }) => id === field['source-id']);
    const transform = parseTransform(field.transform);
    if (column === undefined || typeof column.type !== 'string' || transform === null) {
      throw new RangeError(`partition field ${field.name} cannot be written`);
    }
    return {
      name: `__p${index}`,
      sql: transformSql(transform, { sql: quoteIdentifier(column.name), type: column.type }),
    };
  });
}

/**
 * The partition of a file from the `partition_keys` of COPY's statistics (or any text of the values that
 * `partitionColumns` selects), in the order of the spec's fields.
 */
export function partitionFromText(
  fields: readonly TypedPartitionField[],
  texts: readonly (string | null)[],
): readonly PartitionValue[] {
  return fields.map(({ type }, index) => {
    const text = texts[index] ?? null;
    if (text === null) return null;
    if (type === 'string') return text;
    if (type === 'boolean') return text === 'true' || text === '1';
    return type === 'int' || type === 'date' ? Number(text) : BigInt(text);
  });
}
