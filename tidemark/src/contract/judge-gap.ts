import type { JsonObject, JsonValue } from '../model/json.ts';
import { isSchemaObject, memberOf } from './schema-document.ts';

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

/**
 * What a schema uses that ajv 8.20 judges wrongly, as the public JSON-Schema-Test-Suite shows: a contract with it is
 * refused, since a wrong verdict on a record would go unseen. Null for nearly every schema.
 */
export function findJudgeGap(schema: JsonValue): string | null {
  if (!isSchemaObject(schema)) return null;
  for (const [keyword, value] of Object.entries(schema as JsonObject)) {
    if (keyword === '$dynamicRef' || keyword === 'unevaluatedItems')
      return `it uses ${keyword}, which is not supported`;
    if (keyword === 'properties' && isSchemaObject(value) && memberOf(value, '__proto__') !== undefined) {
      return 'it names a property __proto__, which is not supported';
    }
    if (
      keyword === 'if' &&
      (schema.then === undefined || schema.else === undefined) &&
      'unevaluatedProperties' in schema
    ) {
      return 'it uses unevaluatedProperties beside an if without then or else, which is not supported';
    }
    if (DATA.has(keyword)) continue;
    const within = isSchemaObject(value) && !NAMED_SCHEMAS.has(keyword) ? [value] : membersOf(value);
    for (const one of within) {
      const gap = findJudgeGap(one);
      if (gap !== null) return gap;
    }
  }
  return null;
}

function membersOf(value: JsonValue): readonly JsonValue[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}
