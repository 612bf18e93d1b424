import type { JsonObject, JsonValue } from '../model/json.ts';
import { isSchemaObject } from './schema-document.ts';

/** Keywords whose members are named by the author: the names are no keywords. */
const NAMED_SCHEMAS: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  'dependentSchemas',
  'dependencies',
  '$defs',
  'definitions',
]);

/** Keywords whose values are data, whatever they look like. */
const DATA: ReadonlySet<string> = new Set(['enum', 'const', 'default', 'examples']);

/** ajv's own `$async` is here because its judgement would be a promise, which always looks valid. */
const NOT_SUPPORTED: ReadonlySet<string> = new Set(['$dynamicRef', 'unevaluatedItems', '$async']);

/**
 * What a schema uses that ajv 8.20 judges wrongly, as the public JSON-Schema-Test-Suite shows: a contract with it is
 * refused, since a wrong verdict on a record would go unseen. Null for nearly every schema.
 */
export function findJudgeGap(schema: JsonValue): string | null {
  if (!isSchemaObject(schema)) return null;
  for (const [keyword, value] of Object.entries(schema as JsonObject)) {
    const here = gapAt(keyword, schema as JsonObject);
    if (here !== null) return `it ${here}, which is not supported here`;
    if (DATA.has(keyword)) continue;
    const within = isSchemaObject(value) && !NAMED_SCHEMAS.has(keyword) ? [value] : membersOf(value);
    for (const one of within) {
      const gap = findJudgeGap(one);
      if (gap !== null) return gap;
    }
  }
  return null;
}

function gapAt(keyword: string, schema: JsonObject): string | null {
  if (NOT_SUPPORTED.has(keyword)) return `uses ${keyword}`;
  const { properties } = schema;
  if (keyword === 'properties' && isSchemaObject(properties) && Object.hasOwn(properties, '__proto__')) {
    return 'names a property __proto__';
  }
  // What an `if` evaluated is lost where the branch that it chose is absent.
  const isOneSided = schema.if !== undefined && (schema.then === undefined || schema.else === undefined);
  return keyword === 'unevaluatedProperties' && isOneSided
    ? `uses ${keyword} beside an if without then or else`
    : null;
}

function membersOf(value: JsonValue): readonly JsonValue[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}
