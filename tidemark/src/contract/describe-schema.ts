import type { JsonObject, JsonValue } from '../model/json.ts';
import { followLocalRef, isSchemaObject, memberOf } from './schema-document.ts';
import { shortenText, shortenValue } from './shorten-value.ts';

/** Longest description, in UTF-16 code units. */
export const DESCRIPTION_MAX = 240;

/** How far references and alternatives are followed for the sake of words. */
const DEPTH_MAX = 4;

const PLAIN_WORD = /^[\w.:/+-]+$/;

/** What a schema asks for, in words: `string matching ^TKT-`, `one of open, closed`, `date-time (RFC 3339) or null`. */
export function describeSchema(schema: JsonValue, root: JsonObject): string {
  return shortenText(describe(schema, root, 0), DESCRIPTION_MAX);
}

function describe(schema: JsonValue, root: JsonObject, depth: number): string {
  if (schema === false) return 'nothing';
  if (!isSchemaObject(schema) || depth > DEPTH_MAX) return 'any value';
  const at = (keyword: string) => memberOf(schema, keyword) as JsonValue | undefined;
  const constant = at('const');
  if (constant !== undefined) return describeValue(constant);
  const values = at('enum');
  if (Array.isArray(values)) return describeEnum(values);
  const type = at('type');
  if (typeof type === 'string') return describeType(type, schema as JsonObject);
  if (Array.isArray(type))
    return joinAlternatives(type.map((one) => describeType(String(one), schema as JsonObject)));
  for (const alternatives of [at('anyOf'), at('oneOf')]) {
    if (Array.isArray(alternatives)) {
      return joinAlternatives(alternatives.slice(0, 8).map((one) => describe(one, root, depth + 1)));
    }
  }
  const ref = at('$ref');
  const target = typeof ref === 'string' ? followLocalRef(root, ref) : undefined;
  if (target !== undefined) return describe(target as JsonValue, root, depth + 1);
  const all = at('allOf');
  if (Array.isArray(all) && all.length === 1) return describe(all[0], root, depth + 1);
  return describeUntyped(schema as JsonObject);
}

export function describeEnum(values: readonly JsonValue[]): string {
  // Enough of them to fill the description; the rest would be cut anyway.
  const words = values.slice(0, DESCRIPTION_MAX).map(describeValue);
  return words.length === 1 ? (words[0] as string) : `one of ${words.join(', ')}`;
}

export function describeFormat(format: string): string {
  if (format === 'date-time' || format === 'date' || format === 'time') return `${format} (RFC 3339)`;
  return `string in the format ${format}`;
}

/** `at least 1 item`, `at most 512 characters`. */
export function describeCount(bound: 'at least' | 'at most', count: JsonValue, noun: string): string {
  return `${bound} ${String(count)} ${count === 1 ? noun : noun === 'property' ? 'properties' : `${noun}s`}`;
}

function describeValue(value: JsonValue): string {
  return typeof value === 'string' && PLAIN_WORD.test(value) ? value : shortenValue(value);
}

function describeUntyped(schema: JsonObject): string {
  if (schema.format !== undefined || schema.pattern !== undefined) return describeType('string', schema);
  if (schema.properties !== undefined || schema.required !== undefined) return 'object';
  if (schema.minimum !== undefined || schema.maximum !== undefined) return describeType('number', schema);
  return 'any value';
}

function describeType(type: string, schema: JsonObject): string {
  if (type === 'string') return describeString(schema);
  if (type === 'integer' || type === 'number') return `${type}${describeRange(schema)}`;
  return type;
}

function describeString(schema: JsonObject): string {
  const bounds = [
    ...(schema.minLength === undefined ? [] : [describeCount('at least', schema.minLength, 'character')]),
    ...(schema.maxLength === undefined ? [] : [describeCount('at most', schema.maxLength, 'character')]),
  ];
  const kind = typeof schema.format === 'string' ? describeFormat(schema.format) : 'string';
  const pattern = typeof schema.pattern === 'string' ? ` matching ${schema.pattern}` : '';
  return `${kind}${pattern}${bounds.length === 0 ? '' : ` of ${bounds.join(' and ')}`}`;
}

function describeRange(schema: JsonObject): string {
  const bounds = [
    ...(schema.minimum === undefined ? [] : [`at least ${schema.minimum}`]),
    ...(schema.exclusiveMinimum === undefined ? [] : [`more than ${schema.exclusiveMinimum}`]),
    ...(schema.maximum === undefined ? [] : [`at most ${schema.maximum}`]),
    ...(schema.exclusiveMaximum === undefined ? [] : [`less than ${schema.exclusiveMaximum}`]),
  ];
  return bounds.length === 0 ? '' : ` of ${bounds.join(' and ')}`;
}

function joinAlternatives(alternatives: readonly string[]): string {
  return [...new Set(alternatives)].join(' or ');
}
