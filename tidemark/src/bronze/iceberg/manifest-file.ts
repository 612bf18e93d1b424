import { ERROR_CODES } from '../../errors/codes.ts';
import { InvariantError } from '../../errors/tidemark-error.ts';
import { readAvroFile, writeAvroFile } from './avro-file.ts';
import type { PartitionValue } from './data-file.ts';
import { printJson } from './lossless-text.ts';
import { entryReader, entryWriter, manifestEntrySchema, type StoredEntry } from './manifest-entry.ts';
import type { FieldSummary, ManifestFile } from './manifest-list.ts';
import type { PartitionLayout } from './partition-spec.ts';
import type { TableSchema } from './schema.ts';
import { compareSingleValues, encodeSingleValue, type SingleValue } from './single-value.ts';

/** An entry whose snapshot id and sequence numbers are resolved. */
export interface ManifestEntry extends StoredEntry {
  readonly snapshotId: bigint;
  readonly sequenceNumber: number;
  readonly fileSequenceNumber: number;
}

/**
 * A manifest file of one partition spec and its line in the manifest list. ADDED entries should leave their sequence
 * numbers null: they then take that of the list, whatever attempt at the commit wins.
 */
export function writeManifestFile(manifest: {
  readonly uri: string;
  readonly entries: readonly StoredEntry[];
  readonly content: 'data' | 'deletes';
  readonly schema: TableSchema;
  readonly layout: PartitionLayout;
  readonly snapshotId: bigint;
  readonly sequenceNumber: number;
}): { readonly manifest: ManifestFile; readonly bytes: Uint8Array } {
  const { entries, layout, sequenceNumber } = manifest;
  const avroSchema = manifestEntrySchema(layout.fields);
  const bytes = writeAvroFile({
    schema: avroSchema,
    header: {
      schema: printJson(manifest.schema),
      'schema-id': String(manifest.schema['schema-id']),
      'partition-spec': JSON.stringify(layout.spec.fields),
      'partition-spec-id': String(layout.spec['spec-id']),
      'format-version': '2',
      content: manifest.content,
    },
    records: entries.map(entryWriter(avroSchema)),
  });
  const of = (status: StoredEntry['status']) => entries.filter((entry) => entry.status === status);
  const rows = (some: readonly StoredEntry[]) => some.reduce((sum, { file }) => sum + file.recordCount, 0);
  const [added, existing, deleted] = [of('added'), of('existing'), of('deleted')];
  return {
    bytes,
    manifest: {
      uri: manifest.uri,
      lengthBytes: bytes.length,
      specId: layout.spec['spec-id'],
      content: manifest.content,
      sequenceNumber,
      minSequenceNumber: [...added, ...existing].reduce(
        (lowest, entry) => Math.min(lowest, entry.sequenceNumber ?? sequenceNumber),
        sequenceNumber,
      ),
      addedSnapshotId: manifest.snapshotId,
      addedFiles: added.length,
      existingFiles: existing.length,
      deletedFiles: deleted.length,
      addedRows: rows(added),
      existingRows: rows(existing),
      deletedRows: rows(deleted),
      partitions: layout.fields.map(({ type }, index) =>
        summarise(
          type,
          entries.map(({ file }) => file.partition[index] ?? null),
        ),
      ),
      keyMetadata: null,
    },
  };
}

/** All entries count, the deleted ones too: a reader of changes looks for those. */
function summarise(type: string, values: readonly PartitionValue[]): FieldSummary {
  const present = values.filter((value) => value !== null);
  const numbers = present.filter((value) => !Number.isNaN(value));
  const pick = (keep: (order: number) => boolean): SingleValue | undefined =>
    numbers.reduce<SingleValue | undefined>(
      (best, value) => (best === undefined || keep(compareSingleValues(value, best)) ? value : best),
      undefined,
    );
  const bound = (value: SingleValue | undefined) =>
    value === undefined ? null : encodeSingleValue(type, value);
  return {
    containsNull: present.length < values.length,
    containsNan: type === 'double' || type === 'float' ? numbers.length < present.length : null,
    lowerBound: bound(pick((order) => order < 0)),
    upperBound: bound(pick((order) => order > 0)),
  };
}

/**
 * The entries of a manifest file with their inherited values filled in ("Sequence Number Inheritance" of the
 * specification). `partitionIds` are the field ids of its partition spec, in order.
 *
 * @throws InvariantError `manifest_unreadable` when it is not a manifest of format version 2.
 */
export function readManifestFile(
  bytes: Uint8Array,
  { manifest, partitionIds }: { readonly manifest: ManifestFile; readonly partitionIds: readonly number[] },
): readonly ManifestEntry[] {
  const file = readAvroFile(bytes, manifest.uri);
  const read = entryReader(file.schema, { specId: manifest.specId, partitionIds });
  return file.records.map((record) => {
    const entry = read(record);
    // Sequence 0 is a manifest from before the table had sequence numbers: all of its entries inherit.
    const inherits = entry.status === 'added' || manifest.sequenceNumber === 0;
    const number = (own: number | null): number => {
      if (own !== null) return own;
      if (inherits) return manifest.sequenceNumber;
      throw new InvariantError({
        code: ERROR_CODES.manifest_unreadable,
        message: `${manifest.uri} has no sequence number for the ${entry.status} file ${entry.file.uri}; only added files may leave it out.`,
        next: 'Roll the table back to the snapshot before this manifest was written.',
        facts: { uri: manifest.uri, file: entry.file.uri },
      });
    };
    return {
      ...entry,
      snapshotId: entry.snapshotId ?? manifest.addedSnapshotId,
      sequenceNumber: number(entry.sequenceNumber),
      fileSequenceNumber: number(entry.fileSequenceNumber),
    };
  });
}
