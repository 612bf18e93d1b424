import { closest, distance } from 'fastest-levenshtein';
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts';
import {
  DESCRIPTION_MAX,
  describeCount,
  describeEnum,
  describeFormat,
  describeSchema,
} from './describe-schema.ts';
import type { JudgeError } from './judge-error.ts';
import { shortenText } from './shorten-value.ts';

/** Longest name for which a near miss is looked for: the comparison is quadratic in it. */
const SUGGESTED_NAME_MAX = 64;

/** What the schema expected where the judge found fault, in words made from the schema. */
export function expectationOf(error: JudgeError, root: JsonObject): string {
  return shortenText(describeExpectation(error, root), DESCRIPTION_MAX);
}

function describeExpectation(error: JudgeError, root: JsonObject): string {
  const { keyword, params, schema, parentSchema: parent } = error;
  switch (keyword) {
    case 'type': {
      const { enum: _values, const: _constant, ...rest } = parent;
      return describeSchema(rest, root);
    }
    case 'enum':
      return describeEnum(schema as readonly JsonValue[]);
    case 'const':
    case 'anyOf':
      return describeSchema({ [keyword]: schema }, root);
    case 'oneOf': {
      const words = describeSchema({ oneOf: schema }, root);
      return Array.isArray(params.passingSchemas) ? `only one of these at once: ${words}` : words;
    }
    case 'not':
      return `anything but ${describeSchema(schema, root)}`;
    case 'false schema':
      return 'nothing here';
    case 'format':
      return describeFormat(String(schema));
    case 'pattern':
      return `string matching ${String(schema)}`;
    case 'required':
      return `required: ${describeProperty(parent, params.missingProperty, root)}`;
    case 'dependentRequired':
    case 'dependencies':
      return `required beside ${String(params.property)}: ${describeProperty(parent, params.missingProperty, root)}`;
    case 'additionalProperties':
      return noSuchProperty(String(params.additionalProperty), parent);
    case 'unevaluatedProperties':
      return noSuchProperty(String(params.unevaluatedProperty), parent);
    case 'propertyNames':
      return `a property name that is ${describeSchema(schema, root)}`;
    case 'contains':
      return `${describeCount('at least', Number(params.minContains ?? 1), 'item')} that is ${describeSchema(schema, root)}`;
    case 'uniqueItems':
      return 'items that all differ';
    case 'items':
    case 'additionalItems':
      return describeCount('at most', Number(params.limit), 'item');
    case 'unevaluatedItems':
      return describeCount('at most', Number(params.len), 'item');
    default:
      return BOUNDS[keyword]?.(schema) ?? (error.message || keyword);
  }
}

const BOUNDS: Readonly<Record<string, (bound: JsonValue) => string>> = {
  minLength: (bound) => describeCount('at least', bound, 'character'),
  maxLength: (bound) => describeCount('at most', bound, 'character'),
  minItems: (bound) => describeCount('at least', bound, 'item'),
  maxItems: (bound) => describeCount('at most', bound, 'item'),
  minProperties: (bound) => describeCount('at least', bound, 'property'),
  maxProperties: (bound) => describeCount('at most', bound, 'property'),
  minimum: (bound) => `at least ${bound}`,
  maximum: (bound) => `at most ${bound}`,
  exclusiveMinimum: (bound) => `more than ${bound}`,
  exclusiveMaximum: (bound) => `less than ${bound}`,
  multipleOf: (bound) => `a multiple of ${bound}`,
};

function describeProperty(parent: JsonObject, name: unknown, root: JsonObject): string {
  const properties = parent.properties;
  const key = String(name);
  const schema = isJsonObject(properties) && Object.hasOwn(properties, key) ? properties[key] : undefined;
  return schema === undefined ? 'any value' : describeSchema(schema, root);
}

function noSuchProperty(name: string, parent: JsonObject): string {
  const names = isJsonObject(parent.properties) ? Object.keys(parent.properties) : [];
  const nearest = name.length <= SUGGESTED_NAME_MAX && names.length > 0 ? closest(name, names) : null;
  const isNear = nearest !== null && distance(name, nearest) <= Math.max(1, Math.floor(name.length / 4));
  return isNear ? `no property of this name (near: ${nearest})` : 'no property of this name';
}
