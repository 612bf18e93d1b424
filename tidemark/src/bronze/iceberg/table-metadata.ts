import type { SchemaEvolution } from './evolve-schema.ts';
import {
  PARTITION_ID_BASE,
  type PartitionLayout,
  type PartitionSpec,
  partitionType,
  UNPARTITIONED,
} from './partition-spec.ts';
import { fieldById, highestFieldId, type TableSchema } from './schema.ts';
import { type SortOrder, UNSORTED } from './sort-order.ts';

export interface TableSnapshot {
  readonly 'snapshot-id': bigint;
  readonly 'parent-snapshot-id'?: bigint | null;
  readonly 'sequence-number': number;
  readonly 'timestamp-ms': number;
  readonly 'manifest-list': string;
  /** `operation` and the counters, plus the keys of whoever committed it. */
  readonly summary: Readonly<Record<string, string>>;
  readonly 'schema-id'?: number;
}

export interface SnapshotRef {
  readonly 'snapshot-id': bigint;
  readonly type: 'branch' | 'tag';
  readonly 'max-ref-age-ms'?: number;
}

export interface SnapshotLogEntry {
  readonly 'timestamp-ms': number;
  readonly 'snapshot-id': bigint;
}

export interface MetadataLogEntry {
  readonly 'timestamp-ms': number;
  readonly 'metadata-file': string;
}

/**
 * Table metadata, format version 2, in the JSON form of the specification (appendix C). Snapshot ids are bigints. Fields
 * that are not named here (statistics, encryption, …) are kept as they were read.
 */
export interface TableMetadata {
  readonly 'format-version': 2;
  readonly 'table-uuid': string;
  /** URI of the table's folder, without a slash at the end. */
  readonly location: string;
  readonly 'last-sequence-number': number;
  readonly 'last-updated-ms': number;
  /** The highest id ever given to a field; only grows. */
  readonly 'last-column-id': number;
  readonly schemas: readonly TableSchema[];
  readonly 'current-schema-id': number;
  readonly 'partition-specs': readonly PartitionSpec[];
  readonly 'default-spec-id': number;
  /** The highest id ever given to a partition field, 999 where there was none; only grows. */
  readonly 'last-partition-id': number;
  readonly properties: Readonly<Record<string, string>>;
  /** Null: no snapshot yet. */
  readonly 'current-snapshot-id': bigint | null;
  readonly refs: Readonly<Record<string, SnapshotRef>>;
  readonly snapshots: readonly TableSnapshot[];
  readonly 'snapshot-log': readonly SnapshotLogEntry[];
  readonly 'metadata-log': readonly MetadataLogEntry[];
  readonly 'sort-orders': readonly SortOrder[];
  readonly 'default-sort-order-id': number;
}

/** Metadata of a table without a snapshot. Nothing is written: see `planMetadataFile`. */
export function newTableMetadata(table: {
  readonly uuid: string;
  readonly location: string;
  readonly schema: TableSchema;
  readonly spec?: PartitionSpec;
  readonly sortOrder?: SortOrder;
  readonly properties?: Readonly<Record<string, string>>;
  readonly nowMs: number;
}): TableMetadata {
  const spec = table.spec ?? UNPARTITIONED;
  const order = table.sortOrder ?? UNSORTED;
  return {
    'format-version': 2,
    'table-uuid': table.uuid,
    location: table.location.replace(/\/+$/, ''),
    'last-sequence-number': 0,
    'last-updated-ms': table.nowMs,
    'last-column-id': highestFieldId(table.schema),
    schemas: [table.schema],
    'current-schema-id': table.schema['schema-id'],
    'partition-specs': [spec],
    'default-spec-id': spec['spec-id'],
    'last-partition-id': Math.max(PARTITION_ID_BASE, ...spec.fields.map((field) => field['field-id'])),
    // Other engines that append keep the compression of the files that are there.
    properties: { 'write.parquet.compression-codec': 'zstd', ...table.properties },
    'current-snapshot-id': null,
    refs: {},
    snapshots: [],
    'snapshot-log': [],
    'metadata-log': [],
    'sort-orders': order['order-id'] === UNSORTED['order-id'] ? [UNSORTED] : [UNSORTED, order],
    'default-sort-order-id': order['order-id'],
  };
}

/** `parseTableMetadata` has made sure that there is one. */
export function currentSchema(metadata: TableMetadata): TableSchema {
  return metadata.schemas.find((schema) => schema['schema-id'] === metadata['current-schema-id'])!;
}

/** The partition spec of new files. `parseTableMetadata` has made sure that there is one. */
export function defaultSpec(metadata: TableMetadata): PartitionSpec {
  return metadata['partition-specs'].find((spec) => spec['spec-id'] === metadata['default-spec-id'])!;
}

export function defaultSortOrder(metadata: TableMetadata): SortOrder {
  return (
    metadata['sort-orders'].find((order) => order['order-id'] === metadata['default-sort-order-id']) ??
    UNSORTED
  );
}

export function snapshotById(metadata: TableMetadata, snapshotId: bigint): TableSnapshot | null {
  return metadata.snapshots.find((snapshot) => snapshot['snapshot-id'] === snapshotId) ?? null;
}

export function currentSnapshot(metadata: TableMetadata): TableSnapshot | null {
  const id = metadata['current-snapshot-id'];
  return id === null ? null : snapshotById(metadata, id);
}

/**
 * A partition spec of the table (by default the one for new files) with the types of its values; null for an unknown id.
 * A source column may live in an older schema only, when another engine dropped it.
 */
export function partitionLayout(
  metadata: TableMetadata,
  specId: number = metadata['default-spec-id'],
): PartitionLayout | null {
  const spec = metadata['partition-specs'].find((candidate) => candidate['spec-id'] === specId);
  if (spec === undefined) return null;
  const schemas = [currentSchema(metadata), ...metadata.schemas.toReversed()];
  const typeOf = (sourceId: number): string => {
    const field = schemas.map((schema) => fieldById(schema, sourceId)).find((found) => found !== null);
    return typeof field?.type === 'string' ? field.type : 'string';
  };
  return { spec, fields: partitionType(spec, typeOf) };
}

/** The table with an evolved schema as its current one. An equal schema that it had before is used again. */
export function withSchema(
  metadata: TableMetadata,
  evolved: Extract<SchemaEvolution, { kind: 'evolved' }>,
): TableMetadata {
  const { 'schema-id': _, ...content } = evolved.schema;
  const text = JSON.stringify(content);
  const known = metadata.schemas.find(({ 'schema-id': _id, ...other }) => JSON.stringify(other) === text);
  const id = known?.['schema-id'] ?? Math.max(...metadata.schemas.map((schema) => schema['schema-id'])) + 1;
  return {
    ...metadata,
    'last-column-id': Math.max(metadata['last-column-id'], evolved.lastColumnId),
    schemas: known ? metadata.schemas : [...metadata.schemas, { ...evolved.schema, 'schema-id': id }],
    'current-schema-id': id,
  };
}

/** The table with a name for one of its snapshots, which then is kept when snapshots expire. */
export function withTag(
  metadata: TableMetadata,
  tag: { readonly name: string; readonly snapshotId: bigint },
): TableMetadata {
  return {
    ...metadata,
    refs: { ...metadata.refs, [tag.name]: { 'snapshot-id': tag.snapshotId, type: 'tag' } },
  };
}

/** The table without a tag; its branches, `main` among them, stay. */
export function withoutTag(metadata: TableMetadata, name: string): TableMetadata {
  const refs = Object.entries(metadata.refs).filter(([key, ref]) => key !== name || ref.type === 'branch');
  return { ...metadata, refs: Object.fromEntries(refs) };
}

const SNAPSHOT_ID_ATTEMPTS_MAX = 16;

/**
 * A snapshot id that the table does not have. Below 2^53, so that readers that parse JSON numbers as doubles keep it.
 *
 * @param random gives that many random bytes.
 */
export function newSnapshotId(random: (size: number) => Uint8Array, metadata: TableMetadata): bigint {
  for (let attempt = 0; attempt < SNAPSHOT_ID_ATTEMPTS_MAX; attempt += 1) {
    const bytes = random(8);
    const drawn = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0) >> 11n;
    if (drawn > 0n && snapshotById(metadata, drawn) === null) return drawn;
  }
  throw new RangeError(
    `no free snapshot id in ${SNAPSHOT_ID_ATTEMPTS_MAX} draws: the random source repeats itself`,
  );
}
