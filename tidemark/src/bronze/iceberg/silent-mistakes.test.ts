/**
 * Mistakes in Iceberg metadata that readers do not report: they return fewer rows, or damage the table at their next
 * commit. Each was made on purpose against real readers to learn what it does; each has a test here that ours has not
 * made it. The files are read with avsc's own container reader and by byte, not with the code that wrote them.
 */
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import avro from 'avsc';
import { duckFieldIds } from './duck-columns.ts';
import { dataFileFromDuckStats } from './duck-stats.ts';
import { evolveSchema } from './evolve-schema.ts';
import { DuckExample, exampleTable, MemoryIo, uuidOf } from './example-table.fixture.ts';
import { planMetadataFile } from './metadata-file.ts';
import { icebergSchema, type TableColumn } from './schema.ts';
import { stageSnapshot } from './stage-snapshot.ts';
import { currentSchema, withSchema } from './table-metadata.ts';

interface Field {
  readonly name: string;
  readonly type: unknown;
  readonly 'field-id'?: number;
}

interface AvroContent {
  readonly header: Readonly<Record<string, string>>;
  readonly fields: readonly Field[];
  readonly rows: readonly Record<string, unknown>[];
}

async function readAvro(bytes: Uint8Array): Promise<AvroContent> {
  const decoder = new avro.streams.BlockDecoder();
  let header: Record<string, string> = {};
  decoder.on('metadata', (_type, _codec, head) => {
    header = Object.fromEntries(
      Object.entries(head.meta as Record<string, Buffer>).map(([key, value]) => [key, String(value)]),
    );
  });
  const rows: Record<string, unknown>[] = [];
  for await (const row of Readable.from([Buffer.from(bytes)]).pipe(decoder)) rows.push(row);
  return { header, fields: JSON.parse(header['avro.schema']!).fields, rows };
}

const COLUMNS: readonly TableColumn[] = [
  { name: 'id', type: { kind: 'long' }, required: true },
  { name: 'text', type: { kind: 'string' }, required: false },
  { name: 'tags', type: { kind: 'list', element: { kind: 'string' } }, required: false },
];
const LONG_TEXT = 'zzzzzzzzzzzzzzzzzzzzzzzz';
const SNAPSHOT_ID = 4711n;

/** One append of one real file: 300 rows, ids 1 to 300, one long text. */
async function appended() {
  using duck = await DuckExample.open();
  const schema = icebergSchema(COLUMNS);
  const select = `SELECT i AS id, CASE WHEN i = 300 THEN '${LONG_TEXT}' ELSE 'a' || i END AS text, ['t' || i] AS tags FROM range(1, 301) AS rows(i)`;
  const [stats] = await duck.copy(select, `FIELD_IDS ${duckFieldIds(schema)}`);
  const sizeOnDisk = statSync(stats!.filename).size;
  const fieldIds = await duck.rows(
    `SELECT name, field_id FROM parquet_schema('${stats!.filename}') WHERE type IS NOT NULL ORDER BY 2`,
  );
  const file = dataFileFromDuckStats({
    row: stats!,
    schema,
    uri: 'file:///tables/example/data/one.parquet',
    specId: 0,
    partition: [],
    sortOrderId: null,
  });
  const io = new MemoryIo();
  const staged = await stageSnapshot({
    io,
    metadata: exampleTable({ schema }),
    operation: 'append',
    addFiles: [file],
    summary: {},
    snapshotId: SNAPSHOT_ID,
    commitUuid: uuidOf('silent'),
    nowMs: 1_700_000_002_000,
  });
  const listUri = staged.snapshot['manifest-list'];
  const list = await readAvro(io.files.get(listUri)!);
  const manifestUri = String(list.rows[0]!.manifest_path);
  const manifest = await readAvro(io.files.get(manifestUri)!);
  const dataFile = manifest.rows[0]!.data_file as Record<string, unknown>;
  const version = planMetadataFile({
    base: null,
    metadata: staged.metadata,
    uuid: uuidOf('v0'),
    nowMs: 1_700_000_002_000,
  });
  return { io, staged, list, manifest, manifestUri, dataFile, sizeOnDisk, fieldIds, version };
}

const written = appended();

function bound(dataFile: Record<string, unknown>, key: 'lower_bounds' | 'upper_bounds', id: number): Buffer {
  return (dataFile[key] as { key: number; value: Buffer }[]).find((entry) => entry.key === id)!.value;
}

const fieldsOf = (type: unknown): readonly Field[] => (type as { fields: readonly Field[] }).fields;

test('numeric bounds are little-endian (big-endian: a filter silently finds 0 rows)', async () => {
  const { dataFile } = await written;
  assert.deepEqual(bound(dataFile, 'lower_bounds', 1), Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]));
  assert.deepEqual(bound(dataFile, 'upper_bounds', 1), Buffer.from([0x2c, 1, 0, 0, 0, 0, 0, 0]));
});

test('a cut upper bound is bumped (not bumped: a filter silently finds 0 rows)', async () => {
  const { dataFile } = await written;
  const upper = bound(dataFile, 'upper_bounds', 2);
  assert.equal(upper.length, 16);
  assert.equal(Buffer.compare(upper, Buffer.from(LONG_TEXT)), 1);
  assert.equal(String(upper), `${'z'.repeat(15)}{`);
});

test('the manifest list counts added files and rows (zeroes: the next append of PyIceberg drops the manifest)', async () => {
  const { list } = await written;
  const { added_files_count, existing_files_count, deleted_files_count, added_rows_count } = list.rows[0]!;
  assert.deepEqual(
    [added_files_count, existing_files_count, deleted_files_count, added_rows_count],
    [1, 0, 0, 300],
  );
});

test('record_count is the number of rows (wrong: counts are wrong, rows go missing)', async () => {
  const { dataFile } = await written;
  assert.equal(dataFile.record_count, 300);
});

test('file_size_in_bytes is the size on disk (wrong: some readers find no footer)', async () => {
  const { dataFile, sizeOnDisk, io, list, manifestUri } = await written;
  assert.equal(dataFile.file_size_in_bytes, sizeOnDisk);
  assert.equal(list.rows[0]!.manifest_length, io.files.get(manifestUri)!.length);
});

test('last-column-id counts nested fields and dropped columns (too low: an added column reuses an id)', async () => {
  const { staged } = await written;
  assert.equal(staged.metadata['last-column-id'], 4, 'the element of tags has an id too');
  const forgotten = { ...staged.metadata, 'last-column-id': 9 };
  const wanted = [...COLUMNS, { name: 'late', type: { kind: 'date' }, required: false } as const];
  const evolution = evolveSchema({ current: currentSchema(forgotten), lastColumnId: 9, wanted });
  assert.equal(evolution.kind, 'evolved');
  if (evolution.kind !== 'evolved') return;
  assert.equal(evolution.schema.fields.at(-1)!.id, 10);
  assert.equal(withSchema(forgotten, evolution)['last-column-id'], 10);
});

test('every field of both Avro schemas has its field-id (missing: PyIceberg cannot read the table)', async () => {
  const { list, manifest } = await written;
  const ids: Record<string, unknown> = {};
  const visit = (type: unknown, path: string): void => {
    if (Array.isArray(type)) for (const branch of type) visit(branch, path);
    if (typeof type !== 'object' || type === null) return;
    const complex = type as {
      type: unknown;
      fields?: Field[];
      items?: unknown;
      logicalType?: string;
      'element-id'?: number;
    };
    if (complex.type === 'array') {
      if (complex.logicalType !== 'map') ids[`${path}[]`] = complex['element-id'];
      visit(complex.items, path);
    }
    for (const field of complex.fields ?? []) {
      ids[`${path}.${field.name}`] = field['field-id'];
      visit(field.type, `${path}.${field.name}`);
    }
  };
  visit({ type: 'record', fields: list.fields }, 'list');
  visit({ type: 'record', fields: manifest.fields }, 'entry');
  const missing = Object.entries(ids).filter(([, id]) => typeof id !== 'number');
  assert.deepEqual(missing, []);
  const known = [
    'list.manifest_path',
    'list.added_rows_count',
    'list.partitions[]',
    'list.partitions.upper_bound',
    'entry.data_file.partition',
    'entry.data_file.value_counts.value',
    'entry.data_file.split_offsets[]',
    'entry.file_sequence_number',
  ];
  assert.deepEqual(
    known.map((path) => ids[path]),
    [500, 512, 508, 511, 102, 120, 133, 4],
  );
});

test('the manifest list has added_rows_count and its siblings as required fields (absent: PyIceberg cannot read it)', async () => {
  const { list } = await written;
  const types = new Map(list.fields.map((field) => [field.name, field.type]));
  for (const name of ['added_rows_count', 'existing_rows_count', 'deleted_rows_count'])
    assert.equal(types.get(name), 'long');
  for (const name of ['added_files_count', 'existing_files_count', 'deleted_files_count'])
    assert.equal(types.get(name), 'int');
});

test('an unpartitioned manifest has an empty partition record (absent: readers fail)', async () => {
  const { manifest, dataFile } = await written;
  const dataFileType = manifest.fields.find((field) => field.name === 'data_file')!.type;
  const partition = fieldsOf(dataFileType).find((field) => field.name === 'partition')!;
  assert.deepEqual(partition.type, { type: 'record', name: 'r102', fields: [] });
  assert.equal(partition['field-id'], 102);
  assert.deepEqual({ ...(dataFile.partition as object) }, {});
});

test('plain types are bare names (an object instead: BigQuery fails)', async () => {
  const { io } = await written;
  for (const bytes of io.files.values()) {
    assert.doesNotMatch(
      Buffer.from(bytes).toString('latin1'),
      /\{"type":"(int|long|string|bytes|boolean|double)"\}/,
    );
  }
});

test('both kinds of file say in their header what they are (absent: ClickHouse fails)', async () => {
  const { list, manifest, staged } = await written;
  assert.deepEqual(JSON.parse(manifest.header.schema!), currentSchema(staged.metadata));
  assert.deepEqual(
    ['schema-id', 'partition-spec', 'partition-spec-id', 'format-version', 'content'].map(
      (key) => manifest.header[key],
    ),
    ['0', '[]', '0', '2', 'data'],
  );
  assert.deepEqual(
    ['snapshot-id', 'parent-snapshot-id', 'sequence-number', 'format-version'].map((key) => list.header[key]),
    ['4711', 'null', '1', '2'],
  );
});

test('the Parquet file has field ids (absent: readers find no column)', async () => {
  const { fieldIds } = await written;
  assert.deepEqual(fieldIds, [
    ['id', '1'],
    ['text', '2'],
    ['element', '4'],
  ]);
});

test('main, snapshot log, metadata log, sequence number and totals are there (absent: no reader says a word)', async () => {
  const { staged, version } = await written;
  const metadata = JSON.parse(new TextDecoder().decode(version.bytes));
  assert.deepEqual(metadata.refs, { main: { 'snapshot-id': 4711, type: 'branch' } });
  assert.equal(metadata['current-snapshot-id'], 4711);
  assert.deepEqual(metadata['snapshot-log'], [{ 'timestamp-ms': 1_700_000_002_000, 'snapshot-id': 4711 }]);
  assert.equal(metadata['last-sequence-number'], 1);
  assert.equal(metadata.snapshots[0]['sequence-number'], 1);
  assert.equal(metadata.snapshots[0]['schema-id'], 0);
  const totals = Object.keys(staged.snapshot.summary).filter((key) => key.startsWith('total-'));
  assert.deepEqual(totals.sort(), [
    'total-data-files',
    'total-delete-files',
    'total-equality-deletes',
    'total-files-size',
    'total-position-deletes',
    'total-records',
  ]);
  assert.equal(staged.snapshot.summary['total-records'], '300');
  const next = planMetadataFile({
    base: version,
    metadata: version.metadata,
    uuid: uuidOf('v1'),
    nowMs: 1_700_000_003_000,
  });
  assert.deepEqual(next.metadata['metadata-log'], [
    { 'timestamp-ms': 1_700_000_002_000, 'metadata-file': version.location },
  ]);
});

test('an added file leaves its sequence numbers to the manifest list; content is stated (DuckDB wants it)', async () => {
  const { manifest, list, dataFile } = await written;
  const { status, snapshot_id, sequence_number, file_sequence_number } = manifest.rows[0]!;
  assert.deepEqual([status, snapshot_id, sequence_number, file_sequence_number], [1, 4711, null, null]);
  assert.deepEqual([list.rows[0]!.sequence_number, list.rows[0]!.min_sequence_number], [1, 1]);
  assert.deepEqual([dataFile.content, list.rows[0]!.content, dataFile.file_format], [0, 0, 'PARQUET']);
});

test('the JSON of a table without a snapshot has no current snapshot and no refs', () => {
  const metadata = JSON.parse(
    new TextDecoder().decode(
      planMetadataFile({ base: null, metadata: exampleTable(), uuid: uuidOf('e'), nowMs: 1 }).bytes,
    ),
  );
  assert.deepEqual([metadata['current-snapshot-id'], metadata.refs, metadata.snapshots], [null, {}, []]);
});
