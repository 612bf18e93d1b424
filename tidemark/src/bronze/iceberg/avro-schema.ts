import avro from 'avsc';
import type { TypedPartitionField } from './partition-spec.ts';

/** An Avro schema in its JSON form, attributes and all. */
export type AvroSchema = string | AvroComplex | readonly AvroSchema[];

export interface AvroComplex {
  readonly type: AvroSchema;
  readonly name?: string;
  readonly fields?: readonly AvroField[];
  readonly items?: AvroSchema;
  readonly [attribute: string]: unknown;
}

export interface AvroField {
  readonly name: string;
  readonly type: AvroSchema;
  readonly 'field-id'?: number;
  readonly default?: unknown;
}

/** avsc's own long refuses 2^53 and beyond, where other writers' snapshot ids are. */
const BIG_LONG = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer(value: bigint) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(value);
    return bytes;
  },
  fromJSON: BigInt,
  toJSON: String,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
});

/** Making a type compiles code, about a millisecond each; a table's manifests share a handful of schemas. */
const TYPES_MAX = 64;
const types = new Map<string, avro.Type>();

/** The codec of a schema, with bigint longs wherever a long stands, under a logical type too. */
export function avroType(schema: AvroSchema): avro.Type {
  const key = JSON.stringify(schema);
  let type = types.get(key);
  if (type === undefined) {
    if (types.size >= TYPES_MAX) types.clear();
    type = avro.Type.forSchema(schema as avro.Schema, { typeHook: longHook as never });
    types.set(key, type);
  }
  return type;
}

// avsc's declaration leaves `undefined` ("no opinion") out of the hook's result under exactOptionalPropertyTypes.
function longHook(schema: unknown): avro.Type | undefined {
  const name = typeof schema === 'object' && schema !== null && 'type' in schema ? schema.type : schema;
  return name === 'long' ? BIG_LONG : undefined;
}

export function requiredField(id: number, name: string, type: AvroSchema): AvroField {
  return { name, type, 'field-id': id };
}

export function optionalField(id: number, name: string, type: AvroSchema): AvroField {
  return { name, type: ['null', type], default: null, 'field-id': id };
}

export function listOf(elementId: number, items: AvroSchema): AvroSchema {
  return { type: 'array', items, 'element-id': elementId };
}

/** Iceberg's form of a map whose keys are not strings: an array of key-value records. */
export function mapOf(keyId: number, valueId: number, value: AvroSchema): AvroSchema {
  const fields = [requiredField(keyId, 'key', 'int'), requiredField(valueId, 'value', value)];
  return {
    type: 'array',
    logicalType: 'map',
    items: { type: 'record', name: `k${keyId}_v${valueId}`, fields },
  };
}

/** The `partition` record: present and empty for an unpartitioned table, since readers look for it. */
export function partitionRecord(fields: readonly TypedPartitionField[]): AvroSchema {
  return {
    type: 'record',
    name: 'r102',
    fields: fields.map(({ id, name, type }) => optionalField(id, avroName(name), partitionValue(type, id))),
  };
}

/** Bare names for plain primitives: some readers do not take `{"type": "int"}`. */
function partitionValue(type: string, id: number): AvroSchema {
  const sized = /^(fixed|decimal)\W(\d+)(?:\W+(\d+))?/.exec(type.replaceAll(' ', ''));
  if (sized?.[1] === 'fixed') return { type: 'fixed', name: `fixed_${id}`, size: Number(sized[2]) };
  if (sized?.[1] === 'decimal') {
    const [precision, scale] = [Number(sized[2]), Number(sized[3])];
    const size = Math.ceil((precision * Math.log2(10) + 1) / 8);
    return { type: 'fixed', name: `decimal_${id}`, size, logicalType: 'decimal', precision, scale };
  }
  switch (type) {
    case 'date':
      return { type: 'int', logicalType: 'date' };
    case 'time':
      return { type: 'long', logicalType: 'time-micros' };
    case 'timestamp':
    case 'timestamptz':
      return { type: 'long', logicalType: 'timestamp-micros', 'adjust-to-utc': type === 'timestamptz' };
    case 'uuid':
      return { type: 'fixed', name: `uuid_${id}`, size: 16, logicalType: 'uuid' };
    case 'binary':
      return 'bytes';
    default:
      return type;
  }
}

/** Avro allows `[A-Za-z_][A-Za-z0-9_]*`; anything else is escaped as Iceberg's libraries do. Readers go by field id. */
function avroName(name: string): string {
  const escaped = name.replace(
    /[^A-Za-z0-9_]/gu,
    (char) => `_x${char.codePointAt(0)!.toString(16).toUpperCase()}`,
  );
  return /^[0-9]/.test(escaped) ? `_${escaped}` : escaped;
}

/**
 * The writer's field names by field id, so that names of older writers (`added_data_files_count`) are no obstacle.
 * Where the writer left the ids out, only the names of the specification can be found.
 */
export function namesById(schema: AvroSchema | undefined): ReadonlyMap<number, string> {
  const record = recordOf(schema);
  return new Map(
    (record?.fields ?? []).flatMap((field): [number, string][] =>
      field['field-id'] === undefined ? [] : [[field['field-id'], field.name]],
    ),
  );
}

/** The schema of a member of a record, found by field id, else by name. */
export function memberSchema(
  schema: AvroSchema | undefined,
  { id, name }: { readonly id: number; readonly name: string },
): AvroSchema | undefined {
  const fields = recordOf(schema)?.fields ?? [];
  return (fields.find((field) => field['field-id'] === id) ?? fields.find((field) => field.name === name))
    ?.type;
}

function recordOf(schema: AvroSchema | undefined): AvroComplex | null {
  if (schema === undefined || typeof schema === 'string') return null;
  if (Array.isArray(schema)) {
    return (schema as readonly AvroSchema[]).map(recordOf).find((found) => found !== null) ?? null;
  }
  const complex = schema as AvroComplex;
  return complex.type === 'record' ? complex : complex.type === 'array' ? recordOf(complex.items) : null;
}
