import {
  type AvroSchema,
  listOf,
  mapOf,
  memberSchema,
  namesById,
  optionalField,
  partitionRecord,
  requiredField,
} from './avro-schema.ts';
import type { DataFile, FileContent, PartitionValue } from './data-file.ts';
import type { TypedPartitionField } from './partition-spec.ts';

const STATUSES = ['existing', 'added', 'deleted'] as const;
export type EntryStatus = (typeof STATUSES)[number];

const CONTENTS: readonly FileContent[] = ['data', 'position_deletes', 'equality_deletes'];

/** An entry as it stands in the file: null means inherited from the manifest list. */
export interface StoredEntry {
  readonly status: EntryStatus;
  /** The snapshot that added the file, or deleted it if `status` is `deleted`. */
  readonly snapshotId: bigint | null;
  readonly sequenceNumber: number | null;
  readonly fileSequenceNumber: number | null;
  readonly file: DataFile;
}

/** The names of the specification ("Manifests", v2) with their field ids. */
const FILE_IDS = {
  content: 134,
  file_path: 100,
  file_format: 101,
  partition: 102,
  record_count: 103,
  file_size_in_bytes: 104,
  column_sizes: 108,
  value_counts: 109,
  null_value_counts: 110,
  nan_value_counts: 137,
  lower_bounds: 125,
  upper_bounds: 128,
  key_metadata: 131,
  split_offsets: 132,
  equality_ids: 135,
  sort_order_id: 140,
  referenced_data_file: 143,
} as const;

export function manifestEntrySchema(partition: readonly TypedPartitionField[]): AvroSchema {
  const required = (name: keyof typeof FILE_IDS, type: AvroSchema) =>
    requiredField(FILE_IDS[name], name, type);
  const optional = (name: keyof typeof FILE_IDS, type: AvroSchema) =>
    optionalField(FILE_IDS[name], name, type);
  const dataFile: AvroSchema = {
    type: 'record',
    name: 'r2',
    fields: [
      required('content', 'int'),
      required('file_path', 'string'),
      required('file_format', 'string'),
      required('partition', partitionRecord(partition)),
      required('record_count', 'long'),
      required('file_size_in_bytes', 'long'),
      optional('column_sizes', mapOf(117, 118, 'long')),
      optional('value_counts', mapOf(119, 120, 'long')),
      optional('null_value_counts', mapOf(121, 122, 'long')),
      optional('nan_value_counts', mapOf(138, 139, 'long')),
      optional('lower_bounds', mapOf(126, 127, 'bytes')),
      optional('upper_bounds', mapOf(129, 130, 'bytes')),
      optional('key_metadata', 'bytes'),
      optional('split_offsets', listOf(133, 'long')),
      optional('equality_ids', listOf(136, 'int')),
      optional('sort_order_id', 'int'),
      optional('referenced_data_file', 'string'),
    ],
  };
  return {
    type: 'record',
    name: 'manifest_entry',
    fields: [
      requiredField(0, 'status', 'int'),
      optionalField(1, 'snapshot_id', 'long'),
      optionalField(3, 'sequence_number', 'long'),
      optionalField(4, 'file_sequence_number', 'long'),
      requiredField(2, 'data_file', dataFile),
    ],
  };
}

/** Makes records of `manifestEntrySchema(…)`. */
export function entryWriter(schema: AvroSchema): (entry: StoredEntry) => Readonly<Record<string, unknown>> {
  const partitionNames = [...namesById(partitionOf(schema)).values()];
  return (entry) => entryToAvro(entry, partitionNames);
}

function entryToAvro(
  entry: StoredEntry,
  partitionNames: readonly string[],
): Readonly<Record<string, unknown>> {
  const { file } = entry;
  return {
    status: STATUSES.indexOf(entry.status),
    snapshot_id: entry.snapshotId,
    sequence_number: entry.sequenceNumber === null ? null : BigInt(entry.sequenceNumber),
    file_sequence_number: entry.fileSequenceNumber === null ? null : BigInt(entry.fileSequenceNumber),
    data_file: {
      content: CONTENTS.indexOf(file.content),
      file_path: file.uri,
      file_format: file.format,
      partition: Object.fromEntries(
        partitionNames.map((name, index) => [name, toAvroValue(file.partition[index] ?? null)]),
      ),
      record_count: BigInt(file.recordCount),
      file_size_in_bytes: BigInt(file.sizeBytes),
      column_sizes: mapToAvro(file.columnSizes, BigInt),
      value_counts: mapToAvro(file.valueCounts, BigInt),
      null_value_counts: mapToAvro(file.nullValueCounts, BigInt),
      nan_value_counts: mapToAvro(file.nanValueCounts, BigInt),
      lower_bounds: mapToAvro(file.lowerBounds, Buffer.from),
      upper_bounds: mapToAvro(file.upperBounds, Buffer.from),
      key_metadata: toAvroValue(file.keyMetadata),
      split_offsets: file.splitOffsets,
      equality_ids: file.equalityIds,
      sort_order_id: file.sortOrderId,
      referenced_data_file: file.referencedDataFile,
    },
  };
}

function toAvroValue(value: PartitionValue): unknown {
  return value instanceof Uint8Array ? Buffer.from(value) : value;
}

/** Empty is written as absent. */
function mapToAvro<From, To>(map: ReadonlyMap<number, From>, convert: (value: From) => To) {
  return map.size === 0 ? null : [...map].map(([key, value]) => ({ key, value: convert(value) }));
}

/** Reads records by the field ids of their writer's schema, falling back to the names of the specification. */
export function entryReader(
  schema: AvroSchema,
  spec: { readonly specId: number; readonly partitionIds: readonly number[] },
): (record: Readonly<Record<string, unknown>>) => StoredEntry {
  const entryNames = namesById(schema);
  const fileSchema = memberSchema(schema, { id: 2, name: 'data_file' });
  const fileNames = namesById(fileSchema);
  const partitionNames = namesById(partitionOf(schema));
  return (record) => {
    const own = (id: number, name: string) => record[entryNames.get(id) ?? name] ?? null;
    const file = own(2, 'data_file') as Readonly<Record<string, unknown>>;
    const value = (name: keyof typeof FILE_IDS) => file[fileNames.get(FILE_IDS[name]) ?? name] ?? null;
    const partition = value('partition') as Readonly<Record<string, PartitionValue>> | null;
    return {
      status: STATUSES[own(0, 'status') as number]!,
      snapshotId: own(1, 'snapshot_id') as bigint | null,
      sequenceNumber: numberOrNull(own(3, 'sequence_number')),
      fileSequenceNumber: numberOrNull(own(4, 'file_sequence_number')),
      file: {
        content: CONTENTS[(value('content') as number | null) ?? 0]!,
        uri: value('file_path') as string,
        format: value('file_format') as string,
        specId: spec.specId,
        partition: spec.partitionIds.map((id) => partition?.[partitionNames.get(id) ?? ''] ?? null),
        recordCount: Number(value('record_count')),
        sizeBytes: Number(value('file_size_in_bytes')),
        columnSizes: mapFromAvro(value('column_sizes'), Number),
        valueCounts: mapFromAvro(value('value_counts'), Number),
        nullValueCounts: mapFromAvro(value('null_value_counts'), Number),
        nanValueCounts: mapFromAvro(value('nan_value_counts'), Number),
        lowerBounds: mapFromAvro(value('lower_bounds'), asBytes),
        upperBounds: mapFromAvro(value('upper_bounds'), asBytes),
        sortOrderId: value('sort_order_id') as number | null,
        keyMetadata: value('key_metadata') as Uint8Array | null,
        splitOffsets: value('split_offsets') as readonly bigint[] | null,
        // PyIceberg writes these as longs, the specification and everyone else as ints.
        equalityIds: (value('equality_ids') as readonly (number | bigint)[] | null)?.map(Number) ?? null,
        referencedDataFile: value('referenced_data_file') as string | null,
      },
    };
  };
}

function partitionOf(schema: AvroSchema): AvroSchema | undefined {
  const fileSchema = memberSchema(schema, { id: 2, name: 'data_file' });
  return memberSchema(fileSchema, { id: FILE_IDS.partition, name: 'partition' });
}

function mapFromAvro<To>(value: unknown, convert: (value: unknown) => To): ReadonlyMap<number, To> {
  const entries = (value ?? []) as readonly { readonly key: number; readonly value: unknown }[];
  return new Map(entries.map((entry) => [entry.key, convert(entry.value)]));
}

function asBytes(value: unknown): Uint8Array {
  return value as Uint8Array;
}

function numberOrNull(value: unknown): number | null {
  return value === null ? null : Number(value);
}
