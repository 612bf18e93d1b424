import { ERROR_CODES } from '../../errors/codes.ts';
import { InvariantError } from '../../errors/tidemark-error.ts';
import { readAvroFile, writeAvroFile } from './avro-file.ts';
import {
  type AvroSchema,
  listOf,
  memberSchema,
  namesById,
  optionalField,
  requiredField,
} from './avro-schema.ts';

/** One partition field over all files of a manifest. Bounds in single-value form; null bounds when all values are null. */
export interface FieldSummary {
  readonly containsNull: boolean;
  /** Null: unknown, or a type that has no NaN. */
  readonly containsNan: boolean | null;
  readonly lowerBound: Uint8Array | null;
  readonly upperBound: Uint8Array | null;
}

/**
 * Iceberg's manifest file as its list describes it. The counts are what other writers go by: PyIceberg's next append
 * forgets a manifest that claims to have no live file.
 */
export interface ManifestFile {
  readonly uri: string;
  readonly lengthBytes: number;
  readonly specId: number;
  readonly content: 'data' | 'deletes';
  readonly sequenceNumber: number;
  /** The lowest data sequence number of its live entries. */
  readonly minSequenceNumber: number;
  readonly addedSnapshotId: bigint;
  readonly addedFiles: number;
  readonly existingFiles: number;
  readonly deletedFiles: number;
  readonly addedRows: number;
  readonly existingRows: number;
  readonly deletedRows: number;
  /** One for each partition field; empty when unpartitioned or unknown. */
  readonly partitions: readonly FieldSummary[];
  readonly keyMetadata: Uint8Array | null;
}

export function hasLiveFiles(manifest: ManifestFile): boolean {
  return manifest.addedFiles + manifest.existingFiles > 0;
}

const FIELD_SUMMARY: AvroSchema = {
  type: 'record',
  name: 'r508',
  fields: [
    requiredField(509, 'contains_null', 'boolean'),
    optionalField(518, 'contains_nan', 'boolean'),
    optionalField(510, 'lower_bound', 'bytes'),
    optionalField(511, 'upper_bound', 'bytes'),
  ],
};

/** The names of the specification ("Manifest Lists", v2) with their field ids. */
const IDS = {
  manifest_path: 500,
  manifest_length: 501,
  partition_spec_id: 502,
  content: 517,
  sequence_number: 515,
  min_sequence_number: 516,
  added_snapshot_id: 503,
  added_files_count: 504,
  existing_files_count: 505,
  deleted_files_count: 506,
  added_rows_count: 512,
  existing_rows_count: 513,
  deleted_rows_count: 514,
  partitions: 507,
  key_metadata: 519,
} as const;

const required = (name: keyof typeof IDS, type: AvroSchema) => requiredField(IDS[name], name, type);

const MANIFEST_LIST: AvroSchema = {
  type: 'record',
  name: 'manifest_file',
  fields: [
    required('manifest_path', 'string'),
    required('manifest_length', 'long'),
    required('partition_spec_id', 'int'),
    required('content', 'int'),
    required('sequence_number', 'long'),
    required('min_sequence_number', 'long'),
    required('added_snapshot_id', 'long'),
    required('added_files_count', 'int'),
    required('existing_files_count', 'int'),
    required('deleted_files_count', 'int'),
    required('added_rows_count', 'long'),
    required('existing_rows_count', 'long'),
    required('deleted_rows_count', 'long'),
    optionalField(IDS.partitions, 'partitions', listOf(508, FIELD_SUMMARY)),
    optionalField(IDS.key_metadata, 'key_metadata', 'bytes'),
  ],
};

export function writeManifestList(list: {
  readonly manifests: readonly ManifestFile[];
  readonly snapshotId: bigint;
  readonly parentSnapshotId: bigint | null;
  readonly sequenceNumber: number;
}): Uint8Array {
  return writeAvroFile({
    schema: MANIFEST_LIST,
    header: {
      'snapshot-id': String(list.snapshotId),
      'parent-snapshot-id': String(list.parentSnapshotId),
      'sequence-number': String(list.sequenceNumber),
      'format-version': '2',
    },
    records: list.manifests.map((manifest) => ({
      manifest_path: manifest.uri,
      manifest_length: BigInt(manifest.lengthBytes),
      partition_spec_id: manifest.specId,
      content: manifest.content === 'data' ? 0 : 1,
      sequence_number: BigInt(manifest.sequenceNumber),
      min_sequence_number: BigInt(manifest.minSequenceNumber),
      added_snapshot_id: manifest.addedSnapshotId,
      added_files_count: manifest.addedFiles,
      existing_files_count: manifest.existingFiles,
      deleted_files_count: manifest.deletedFiles,
      added_rows_count: BigInt(manifest.addedRows),
      existing_rows_count: BigInt(manifest.existingRows),
      deleted_rows_count: BigInt(manifest.deletedRows),
      partitions: manifest.partitions.map((summary) => ({
        contains_null: summary.containsNull,
        contains_nan: summary.containsNan,
        lower_bound: summary.lowerBound === null ? null : Buffer.from(summary.lowerBound),
        upper_bound: summary.upperBound === null ? null : Buffer.from(summary.upperBound),
      })),
      key_metadata: manifest.keyMetadata === null ? null : Buffer.from(manifest.keyMetadata),
    })),
  });
}

/** @throws InvariantError `manifest_unreadable` for bytes that are not a manifest list of format version 2. */
export function readManifestList(bytes: Uint8Array, uri: string): readonly ManifestFile[] {
  const file = readAvroFile(bytes, uri);
  const names = namesById(file.schema);
  const summaryNames = namesById(memberSchema(file.schema, { id: IDS.partitions, name: 'partitions' }));
  const summaries = (list: readonly Record<string, unknown>[] | null): readonly FieldSummary[] =>
    (list ?? []).map((record) => {
      const value = (id: number, name: string) => record[summaryNames.get(id) ?? name] ?? null;
      return {
        containsNull: value(509, 'contains_null') === true,
        containsNan: value(518, 'contains_nan') as boolean | null,
        lowerBound: value(510, 'lower_bound') as Uint8Array | null,
        upperBound: value(511, 'upper_bound') as Uint8Array | null,
      };
    });
  return file.records.map((record) => {
    const value = (name: keyof typeof IDS) => record[names.get(IDS[name]) ?? name] ?? null;
    const count = (name: keyof typeof IDS): number => {
      const found = value(name);
      if (typeof found === 'number' || typeof found === 'bigint') return Number(found);
      throw notVersion2(uri, name);
    };
    return {
      uri: String(value('manifest_path')),
      lengthBytes: count('manifest_length'),
      specId: count('partition_spec_id'),
      content: value('content') === 1 ? 'deletes' : 'data',
      // Lists from before a table was upgraded to format version 2 have none: all their files are of sequence 0.
      sequenceNumber: value('sequence_number') === null ? 0 : count('sequence_number'),
      minSequenceNumber: value('min_sequence_number') === null ? 0 : count('min_sequence_number'),
      addedSnapshotId: value('added_snapshot_id') as bigint,
      addedFiles: count('added_files_count'),
      existingFiles: count('existing_files_count'),
      deletedFiles: count('deleted_files_count'),
      addedRows: count('added_rows_count'),
      existingRows: count('existing_rows_count'),
      deletedRows: count('deleted_rows_count'),
      partitions: summaries(value('partitions') as readonly Record<string, unknown>[] | null),
      keyMetadata: value('key_metadata') as Uint8Array | null,
    };
  });
}

function notVersion2(uri: string, name: string): InvariantError {
  return new InvariantError({
    code: ERROR_CODES.manifest_unreadable,
    message: `The manifest list ${uri} has no ${name}, which format version 2 requires.`,
    next: 'Rewrite the table with an engine that writes Iceberg format version 2.',
    facts: { uri, missing: name },
  });
}
