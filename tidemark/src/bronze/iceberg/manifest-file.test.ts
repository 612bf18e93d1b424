import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvariantError } from '../../errors/tidemark-error.ts';
import { readAvroFile, writeAvroFile } from './avro-file.ts';
import { type AvroComplex, type AvroSchema, memberSchema } from './avro-schema.ts';
import { EXAMPLE_SCHEMA, exampleFile, exampleTable } from './example-table.fixture.ts';
import type { StoredEntry } from './manifest-entry.ts';
import { readManifestFile, writeManifestFile } from './manifest-file.ts';
import { type ManifestFile, readManifestList, writeManifestList } from './manifest-list.ts';
import type { PartitionLayout } from './partition-spec.ts';
import { partitionLayout } from './table-metadata.ts';

const UNPARTITIONED = partitionLayout(exampleTable())!;
const PARTITIONED: PartitionLayout = {
  spec: {
    'spec-id': 3,
    fields: [
      { 'source-id': 2, 'field-id': 1000, name: 'created_at_day', transform: 'day' },
      { 'source-id': 3, 'field-id': 1001, name: '1 odd näme', transform: 'identity' },
      { 'source-id': 1, 'field-id': 1002, name: 'id', transform: 'identity' },
      { 'source-id': 9, 'field-id': 1003, name: 'ratio', transform: 'identity' },
    ],
  },
  fields: [
    { id: 1000, name: 'created_at_day', type: 'date' },
    { id: 1001, name: '1 odd näme', type: 'string' },
    { id: 1002, name: 'id', type: 'long' },
    { id: 1003, name: 'ratio', type: 'double' },
  ],
};

const added = (name: string, parts = {}): StoredEntry => ({
  status: 'added',
  snapshotId: 5n,
  sequenceNumber: null,
  fileSequenceNumber: null,
  file: exampleFile(name, parts),
});

function write(entries: readonly StoredEntry[], layout = UNPARTITIONED) {
  return writeManifestFile({
    uri: 'file:///m.avro',
    entries,
    content: 'data',
    schema: EXAMPLE_SCHEMA,
    layout,
    snapshotId: 5n,
    sequenceNumber: 9,
  });
}

function read(written: { bytes: Uint8Array; manifest: ManifestFile }, layout = UNPARTITIONED) {
  const partitionIds = layout.fields.map(({ id }) => id);
  return readManifestFile(written.bytes, { manifest: written.manifest, partitionIds });
}

test('a file comes back from its manifest exactly as it went in', () => {
  const full = exampleFile('full', {
    content: 'equality_deletes',
    specId: 3,
    partition: [-1, 'é', 2n ** 62n, 0.5],
    columnSizes: new Map([[1, 5]]),
    nanValueCounts: new Map([[4, 0]]),
    lowerBounds: new Map([[1, Buffer.from([1, 0])]]),
    upperBounds: new Map([[1, Buffer.from([2, 0])]]),
    sortOrderId: 1,
    keyMetadata: Buffer.from('key'),
    splitOffsets: [4n, 2n ** 40n],
    equalityIds: [1, 2],
    referencedDataFile: 'file:///other.parquet',
  });
  const bare = exampleFile('bare', { specId: 3, partition: [null, null, null, null] });
  const written = write(
    [
      { ...added('x'), file: full },
      { ...added('y'), file: bare },
    ],
    PARTITIONED,
  );
  assert.deepEqual(
    read(written, PARTITIONED).map(({ file }) => file),
    [full, bare],
  );
});

test('an added file takes snapshot and sequence number from the manifest list; the others keep their own', () => {
  const kept: StoredEntry = {
    ...added('kept'),
    status: 'existing',
    snapshotId: 2n,
    sequenceNumber: 4,
    fileSequenceNumber: 3,
  };
  const gone: StoredEntry = { ...kept, status: 'deleted', snapshotId: 5n, file: exampleFile('gone') };
  const written = write([{ ...added('new'), snapshotId: null }, kept, gone]);
  assert.deepEqual(
    read(written).map(({ status, snapshotId, sequenceNumber, fileSequenceNumber }) => [
      status,
      snapshotId,
      sequenceNumber,
      fileSequenceNumber,
    ]),
    [
      ['added', 5n, 9, 9],
      ['existing', 2n, 4, 3],
      ['deleted', 5n, 4, 3],
    ],
  );
  const { manifest } = written;
  assert.equal(manifest.minSequenceNumber, 4);
  assert.deepEqual([manifest.addedFiles, manifest.existingFiles, manifest.deletedFiles], [1, 1, 1]);
  assert.deepEqual([manifest.addedRows, manifest.existingRows, manifest.deletedRows], [10, 10, 10]);
  assert.equal(manifest.lengthBytes, written.bytes.length);
});

test('a removed file does not hold the lowest sequence number down', () => {
  const kept: StoredEntry = {
    ...added('kept'),
    status: 'existing',
    snapshotId: 2n,
    sequenceNumber: 4,
    fileSequenceNumber: 4,
  };
  const gone: StoredEntry = { ...kept, status: 'deleted', sequenceNumber: 1 };
  assert.equal(write([kept, gone]).manifest.minSequenceNumber, 4);
  assert.equal(write([gone]).manifest.minSequenceNumber, 9);
});

test('a kept file without a sequence number is corruption, except in a table from before there were any', () => {
  const kept: StoredEntry = { ...added('kept'), status: 'existing' };
  const written = write([kept]);
  assert.throws(() => read(written), InvariantError);
  const old = { ...written, manifest: { ...written.manifest, sequenceNumber: 0 } };
  assert.equal(read(old)[0]!.sequenceNumber, 0);
});

test('partition summaries span all entries; NaN is told apart, and all-null fields have no bounds', () => {
  const partition = (...values: (number | string | bigint | null)[]) => ({ specId: 3, partition: values });
  const { manifest } = write(
    [
      added('a', partition(-2, 'é', -5n, Number.NaN)),
      added('b', partition(3, 'z', 2n ** 62n, null)),
      {
        ...added('c', partition(-7, null, 0n, null)),
        status: 'deleted',
        sequenceNumber: 1,
        fileSequenceNumber: 1,
      },
    ],
    PARTITIONED,
  );
  const shown = manifest.partitions.map(({ containsNull, containsNan, lowerBound, upperBound }) => [
    containsNull,
    containsNan,
    lowerBound === null ? null : Buffer.from(lowerBound).toString('hex'),
    upperBound === null ? null : Buffer.from(upperBound).toString('hex'),
  ]);
  assert.deepEqual(shown, [
    [false, null, 'f9ffffff', '03000000'],
    [true, null, '7a', 'c3a9'],
    [false, null, 'fbffffffffffffff', '0000000000000040'],
    [true, true, null, null],
  ]);
});

test('partition fields keep their ids under names that Avro allows', () => {
  const { bytes } = write([added('x', { specId: 3, partition: [null, null, null, null] })], PARTITIONED);
  const { schema } = readAvroFile(bytes, 'x');
  const partition = memberSchema(memberSchema(schema, { id: 2, name: '' }), {
    id: 102,
    name: '',
  }) as AvroComplex;
  assert.deepEqual(
    partition.fields!.map((field) => [field.name, field['field-id']]),
    [
      ['created_at_day', 1000],
      ['_1_x20odd_x20n_xE4me', 1001],
      ['id', 1002],
      ['ratio', 1003],
    ],
  );
});

const LINE: ManifestFile = {
  uri: 'file:///m.avro',
  lengthBytes: 7000,
  specId: 3,
  content: 'deletes',
  sequenceNumber: 12,
  minSequenceNumber: 2,
  addedSnapshotId: 2n ** 63n - 1n,
  addedFiles: 1,
  existingFiles: 2,
  deletedFiles: 3,
  addedRows: 4,
  existingRows: 5,
  deletedRows: 6,
  partitions: [{ containsNull: true, containsNan: null, lowerBound: Buffer.from([1]), upperBound: null }],
  keyMetadata: Buffer.from('k'),
};

test('a manifest list comes back line for line, ids of 63 bits included', () => {
  const lines = [LINE, { ...LINE, content: 'data' as const, partitions: [], keyMetadata: null }];
  const bytes = writeManifestList({
    manifests: lines,
    snapshotId: 1n,
    parentSnapshotId: null,
    sequenceNumber: 12,
  });
  assert.deepEqual(readManifestList(bytes, 'x'), lines);
});

/** The list as an older writer named its fields, or without what it left out. */
function foreignList(
  change: (fields: readonly Record<string, unknown>[]) => Record<string, unknown>[],
): Uint8Array {
  const own = readAvroFile(
    writeManifestList({ manifests: [LINE], snapshotId: 1n, parentSnapshotId: null, sequenceNumber: 1 }),
    'x',
  );
  const schema = own.schema as AvroComplex;
  const fields = change(schema.fields as unknown as Record<string, unknown>[]);
  const renamed = new Map(fields.map((field) => [field['field-id'], String(field.name)]));
  const ids = new Map(schema.fields!.map((field) => [field.name, field['field-id']]));
  const record = Object.fromEntries(
    Object.entries(own.records[0]!).map(([name, value]) => [renamed.get(ids.get(name)) ?? name, value]),
  );
  return writeAvroFile({
    schema: { ...schema, fields } as unknown as AvroSchema,
    header: {},
    records: [record],
  });
}

test('fields of a manifest list are found by id, since older writers named them otherwise', () => {
  const bytes = foreignList((fields) =>
    fields.map((field) => (field['field-id'] === 504 ? { ...field, name: 'added_data_files_count' } : field)),
  );
  assert.equal(readManifestList(bytes, 'x')[0]!.addedFiles, 1);
});

test('a manifest list without counts is not guessed at', () => {
  const bytes = foreignList((fields) => fields.filter((field) => field.name !== 'added_rows_count'));
  assert.throws(
    () => readManifestList(bytes, 'file:///list.avro'),
    /file:\/\/\/list\.avro has no added_rows_count/,
  );
});
