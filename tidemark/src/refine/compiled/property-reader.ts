import { formatTest } from '../../contract/judge.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts';
import {
  isPlainDate,
  isPlainInstant,
  lengthBetween,
  matches,
  oneOf,
  passes,
  type StringCheck,
} from './string-checks.ts';
import {
  arrayReader,
  integerReader,
  type LineInHand,
  type NumberBounds,
  nullOr,
  numberReader,
  stringReader,
  type ValueReader,
  wordReader,
} from './value-readers.ts';

export type ReaderPlan =
  | { readonly kind: 'reader'; readonly read: ValueReader }
  /** A record with a value for it goes to the explaining lane. */
  | { readonly kind: 'none'; readonly why: string };

/** Members of a schema that say nothing about which values are valid. */
export const ANNOTATIONS: readonly string[] = [
  '$comment',
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
];

/** The keywords of a property that this lane proves, by the type that its values have beside null. */
export const PROVEN_KEYWORDS = {
  string: ['type', 'enum', 'const', 'pattern', 'format', 'minLength', 'maxLength'],
  integer: ['type', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  number: ['type', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  boolean: ['type'],
  array: ['type', 'items', 'minItems', 'maxItems'],
} as const satisfies Record<string, readonly string[]>;

/** Formats that are proven by position; a text in another form of the same format goes to the explaining lane. */
export const PROVEN_FORMATS: Readonly<Record<string, StringCheck>> = {
  'date-time': isPlainInstant,
  date: isPlainDate,
};

type ProvenType = keyof typeof PROVEN_KEYWORDS;

interface Place {
  readonly line: LineInHand;
  /** Levels of nesting that a value may still open. */
  readonly depthLeft: number;
  readonly isItem: boolean;
}

/** How values of one property are read; whatever the table above does not name is left to the explaining lane. */
export function planReader(schema: JsonValue | undefined, place: Place): ReaderPlan {
  const none = (why: string): ReaderPlan => ({ kind: 'none', why });
  if (!isJsonObject(schema)) return none('any value');
  const declared = typesOf(schema);
  const values = literalsOf(schema);
  const types = declared?.filter((type) => type !== 'null') ?? (values === null ? [] : ['string']);
  if (types.includes('number') && types.includes('integer')) types.splice(types.indexOf('integer'), 1);
  const [type, ...others] = types;
  if (type === undefined || others.length > 0 || !isProvenType(type))
    return none(`type ${types.join(' or ') || 'any'}`);
  const known: readonly string[] = [...PROVEN_KEYWORDS[type], ...ANNOTATIONS];
  const unknown = Object.keys(schema).find((keyword) => !known.includes(keyword));
  if (unknown !== undefined) return none(unknown);
  const read = readerOf(type, schema, {
    place,
    literals: values?.filter((value) => typeof value === 'string') ?? null,
  });
  if (typeof read === 'string') return none(read);
  const takesNull = (declared?.includes('null') ?? true) && (values?.includes(null) ?? true);
  return { kind: 'reader', read: takesNull ? nullOr(read) : read };
}

function isProvenType(type: JsonValue): type is ProvenType {
  return typeof type === 'string' && Object.hasOwn(PROVEN_KEYWORDS, type);
}

function typesOf({ type }: JsonObject): JsonValue[] | null {
  if (type === undefined) return null;
  return Array.isArray(type) ? [...type] : [type as JsonValue];
}

/** The values that `enum` and `const` leave; null where neither is there. */
function literalsOf(schema: JsonObject): readonly JsonValue[] | null {
  const { enum: values, const: only } = schema;
  const hasConst = Object.hasOwn(schema, 'const');
  if (!Array.isArray(values)) return hasConst ? [only ?? null] : null;
  return hasConst ? values.filter((value) => value === only) : values;
}

/** A string: why there is none. */
function readerOf(
  type: ProvenType,
  schema: JsonObject,
  { place, literals }: { place: Place; literals: readonly string[] | null },
): ValueReader | string {
  switch (type) {
    case 'string': {
      const { format } = schema;
      const checks: StringCheck[] = [];
      if (literals !== null) checks.push(oneOf(literals));
      if (format !== undefined) {
        const check = formatCheck(String(format));
        // An instant in a list has a cell that is not its canonical form.
        if (check === null || (place.isItem && format === 'date-time')) return `format ${format}`;
        checks.push(check);
      }
      if (typeof schema.pattern === 'string') checks.push(matches(schema.pattern));
      if (schema.minLength !== undefined || schema.maxLength !== undefined)
        checks.push(lengthBetween(Number(schema.minLength ?? 0), Number(schema.maxLength ?? Infinity)));
      return stringReader(checks, place.line);
    }
    case 'integer':
      return integerReader(boundsOf(schema));
    case 'number':
      return numberReader(boundsOf(schema));
    case 'boolean':
      return wordReader(['true', 'false']);
    case 'array': {
      if (place.isItem || place.depthLeft < 1) return 'arrays within arrays';
      const item = planReader(schema.items, { ...place, isItem: true });
      if (item.kind === 'none') return `items: ${item.why}`;
      const itemsMin = Number(schema.minItems ?? 0);
      const itemsMax = Number(schema.maxItems ?? Infinity);
      return arrayReader({ readItem: item.read, itemsMin, itemsMax, line: place.line });
    }
  }
}

/** By position where that can be, else by the judge's own test; null for a format that the judge does not know. */
function formatCheck(format: string): StringCheck | null {
  const known = Object.hasOwn(PROVEN_FORMATS, format) ? PROVEN_FORMATS[format] : undefined;
  if (known !== undefined) return known;
  const test = formatTest(format);
  return test === null ? null : passes(test);
}

function boundsOf(schema: JsonObject): NumberBounds {
  return {
    min: Number(schema.minimum ?? -Infinity),
    max: Number(schema.maximum ?? Infinity),
    above: Number(schema.exclusiveMinimum ?? -Infinity),
    below: Number(schema.exclusiveMaximum ?? Infinity),
  };
}
