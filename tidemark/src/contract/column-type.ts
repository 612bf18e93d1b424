import type { ExactObject, ExactValue } from '../model/exact-number.ts';
import type { ColumnType } from './contract.ts';
import { int64Text, isInt64Bound } from './int64.ts';
import { followLocalRef, isSchemaObject, memberOf, propertiesOf } from './schema-document.ts';

const JSON_TEXT: ColumnType = { kind: 'json' };

/** Members beside `$ref`, `anyOf`, … that say nothing about which values are valid. */
const ANNOTATIONS: ReadonlySet<string> = new Set([
  '$comment',
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  '$anchor',
]);

/**
 * The published table JSON Schema → column type. No type is ever wider or lossier than this says: a valid value that
 * its column cannot hold exactly is a rejection (`unrepresentable`).
 *
 * | schema | column |
 * |---|---|
 * | `string` | string |
 * | `string`, `format: date-time` | timestamptz (UTC, microseconds) |
 * | `string`, `format: date` | date |
 * | `integer`, its declared bounds (if any) within 64 bits | long |
 * | `integer`, a declared bound beyond 64 bits | json |
 * | `number` | double |
 * | `boolean` | boolean |
 * | `[T, "null"]`; `nullable`; `anyOf` / `oneOf` of T and null | as T |
 * | `enum` / `const` without `type`, null aside: all strings, all booleans, all integers within 64 bits, all numbers | string, boolean, long, double |
 * | `anyOf` / `oneOf` whose alternatives, null aside, all have one scalar column type | that type |
 * | `allOf` of one schema; `$ref` into the same document (not recursive), with annotations beside it | as the schema meant |
 * | the same with other keywords beside it | as the schema meant if scalar, else json |
 * | `array` whose `items` have a column type other than json (no `prefixItems`) | list of it |
 * | closed `object` (`additionalProperties: false`, named properties, names distinct in any letter case) | struct |
 * | everything else: other unions, open objects, no type, untyped items, tuples, recursion | json |
 */
export function columnTypeOf(schema: ExactValue, root: ExactObject): ColumnType {
  return typeOf(schema, { root, within: [] });
}

interface Place {
  readonly root: ExactObject;
  /** Targets of the references being followed, to notice recursion. */
  readonly within: readonly ExactValue[];
}

function typeOf(schema: ExactValue, place: Place): ColumnType {
  if (!isSchemaObject(schema)) return JSON_TEXT;
  const types = typesOf(memberOf(schema, 'type'));
  if (types === null) return untypedType(schema, place);
  if (types.length !== 1) return JSON_TEXT;
  switch (types[0]) {
    case 'string':
      return stringType(memberOf(schema, 'format'));
    case 'integer':
      return boundsFit(schema) ? { kind: 'long' } : JSON_TEXT;
    case 'number':
      return { kind: 'double' };
    case 'boolean':
      return { kind: 'boolean' };
    case 'array':
      return listType(schema, place);
    case 'object':
      return structType(schema, place);
    default:
      return JSON_TEXT;
  }
}

/** The declared types but null, an integer among numbers being a number; null where none is declared. */
function typesOf(type: ExactValue | undefined): readonly ExactValue[] | null {
  if (type === undefined) return null;
  const declared = new Set<ExactValue>(Array.isArray(type) ? type : [type as ExactValue]);
  declared.delete('null');
  if (declared.has('number')) declared.delete('integer');
  return [...declared];
}

function stringType(format: ExactValue | undefined): ColumnType {
  if (format === 'date-time') return { kind: 'timestamptz' };
  return format === 'date' ? { kind: 'date' } : { kind: 'string' };
}

function boundsFit(schema: ExactObject): boolean {
  return ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'].every((keyword) => {
    const bound = memberOf(schema, keyword);
    return bound === undefined || isInt64Bound(bound, keyword.startsWith('exclusive'));
  });
}

function listType(schema: ExactObject, place: Place): ColumnType {
  if (memberOf(schema, 'prefixItems') !== undefined) return JSON_TEXT;
  const element = typeOf(memberOf(schema, 'items') ?? true, place);
  return element.kind === 'json' ? JSON_TEXT : { kind: 'list', element };
}

function structType(schema: ExactObject, place: Place): ColumnType {
  const properties = propertiesOf(schema);
  const isClosed =
    memberOf(schema, 'additionalProperties') === false && memberOf(schema, 'patternProperties') === undefined;
  if (!isClosed || properties.length === 0) return JSON_TEXT;
  const names = properties.map(([name]) => name);
  const distinct = new Set(names.map((name) => name.toLowerCase())).size === names.length;
  if (!distinct || !names.every(isColumnName)) return JSON_TEXT;
  return { kind: 'struct', fields: properties.map(([name, of]) => ({ name, type: typeOf(of, place) })) };
}

/** Whether engines can quote it as an identifier. */
export function isColumnName(name: string): boolean {
  return name !== '' && !name.includes('\u0000') && name.isWellFormed();
}

function untypedType(schema: ExactObject, place: Place): ColumnType {
  const values =
    memberOf(schema, 'enum') ?? (Object.hasOwn(schema, 'const') ? [schema.const ?? null] : undefined);
  if (Array.isArray(values)) return valuesType(values.filter((value) => value !== null));
  for (const keyword of ['anyOf', 'oneOf', 'allOf'] as const) {
    const schemas = memberOf(schema, keyword);
    if (!Array.isArray(schemas)) continue;
    const alternatives = keyword === 'allOf' ? schemas : schemas.filter((one) => !isNullOnly(one));
    if (keyword === 'allOf' && alternatives.length > 1) return JSON_TEXT;
    return beside(schema, keyword, commonType(alternatives.map((one) => typeOf(one, place))));
  }
  const ref = memberOf(schema, '$ref');
  const target = typeof ref === 'string' ? followLocalRef(place.root, ref) : undefined;
  if (target === undefined || place.within.includes(target)) return JSON_TEXT;
  return beside(schema, '$ref', typeOf(target, { ...place, within: [...place.within, target] }));
}

function isNullOnly(schema: ExactValue): boolean {
  if (!isSchemaObject(schema)) return false;
  const values = memberOf(schema, 'enum');
  return (
    memberOf(schema, 'type') === 'null' ||
    schema.const === null ||
    (Array.isArray(values) && values.every((value) => value === null))
  );
}

function isScalar(type: ColumnType): boolean {
  return type.kind !== 'list' && type.kind !== 'struct';
}

/** One alternative's type as it is, several only where they are one scalar type. */
function commonType(types: readonly ColumnType[]): ColumnType {
  const [first = JSON_TEXT, ...others] = types;
  return others.every((type) => isScalar(first) && type.kind === first.kind) ? first : JSON_TEXT;
}

/** Keywords beside a reference may reshape a list or an object, but leave a scalar what it is. */
function beside(schema: ExactObject, keyword: string, type: ColumnType): ColumnType {
  const alone = Object.keys(schema).every((name) => name === keyword || ANNOTATIONS.has(name));
  return alone || isScalar(type) ? type : JSON_TEXT;
}

function valuesType(values: readonly ExactValue[]): ColumnType {
  if (values.length === 0) return JSON_TEXT;
  const every = (test: (value: ExactValue) => boolean) => values.every(test);
  if (every((value) => typeof value === 'string')) return { kind: 'string' };
  if (every((value) => typeof value === 'boolean')) return { kind: 'boolean' };
  if (every((value) => int64Text(value) !== null)) return { kind: 'long' };
  return every((value) => typeof value === 'number') ? { kind: 'double' } : JSON_TEXT;
}
