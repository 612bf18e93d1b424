import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConflictError, InvariantError } from '../../errors/tidemark-error.ts';
import type { DataFile } from './data-file.ts';
import { exampleFile, exampleTable, MemoryIo, uuidOf } from './example-table.fixture.ts';
import { parseTableMetadata, printTableMetadata } from './metadata-text.ts';
import { entriesOf, hasDeleteFiles, liveDataFiles, manifestsOf } from './read-table.ts';
import { type SnapshotStage, stageSnapshot } from './stage-snapshot.ts';
import { currentSnapshot, type TableMetadata, type TableSnapshot } from './table-metadata.ts';

const NOW = 1_700_000_001_000;

/** A table in memory that commits one snapshot after another. */
class Table {
  readonly io = new MemoryIo();
  metadata: TableMetadata;
  #attempts = 0;

  constructor(metadata = exampleTable()) {
    this.metadata = metadata;
  }

  async stage(change: Partial<SnapshotStage>) {
    this.#attempts += 1;
    return await stageSnapshot({
      io: this.io,
      metadata: this.metadata,
      operation: 'append',
      addFiles: [],
      summary: {},
      snapshotId: BigInt(100 + this.#attempts),
      commitUuid: uuidOf(`attempt ${this.#attempts}`),
      nowMs: NOW + this.#attempts,
      ...change,
    });
  }

  async commit(change: Partial<SnapshotStage>): Promise<TableSnapshot> {
    const { metadata, snapshot } = await this.stage(change);
    // Through text and back, as another process would see it.
    const reading = parseTableMetadata(printTableMetadata(metadata));
    assert.equal(reading.kind, 'parsed');
    this.metadata = (reading as Extract<typeof reading, { kind: 'parsed' }>).metadata;
    return snapshot;
  }

  async live(snapshotId?: bigint): Promise<readonly string[]> {
    const view = {
      io: this.io,
      metadata: this.metadata,
      ...(snapshotId === undefined ? {} : { snapshotId }),
    };
    const uris: string[] = [];
    for await (const file of liveDataFiles(view)) uris.push(file.uri);
    return uris.sort();
  }

  async manifests() {
    return await manifestsOf(this.io, currentSnapshot(this.metadata)!);
  }
}

const uris = (...files: readonly DataFile[]) => new Set(files.map((file) => file.uri));
const [A, B, C, D] = ['a', 'b', 'c', 'd'].map((name) => exampleFile(name)) as [
  DataFile,
  DataFile,
  DataFile,
  DataFile,
];

test('the first append makes a whole snapshot: sequence 1, log, main, totals', async () => {
  const table = new Table();
  const snapshot = await table.commit({ addFiles: [A, B], summary: { 'tidemark.batch_id': 'b-1' } });
  assert.deepEqual(snapshot, {
    'snapshot-id': 101n,
    'sequence-number': 1,
    'timestamp-ms': NOW + 1,
    'manifest-list': `file:///tables/example/metadata/snap-101-1-${uuidOf('attempt 1')}.avro`,
    summary: {
      operation: 'append',
      'tidemark.batch_id': 'b-1',
      'added-data-files': '2',
      'added-records': '20',
      'added-files-size': '2000',
      'changed-partition-count': '1',
      'total-data-files': '2',
      'total-delete-files': '0',
      'total-records': '20',
      'total-files-size': '2000',
      'total-position-deletes': '0',
      'total-equality-deletes': '0',
    },
    'schema-id': 0,
  });
  const { metadata } = table;
  assert.deepEqual(metadata.refs, { main: { 'snapshot-id': 101n, type: 'branch' } });
  assert.deepEqual(metadata['snapshot-log'], [{ 'timestamp-ms': NOW + 1, 'snapshot-id': 101n }]);
  assert.deepEqual([metadata['last-sequence-number'], metadata['last-updated-ms']], [1, NOW + 1]);
  assert.deepEqual(await table.live(), [A.uri, B.uri]);
});

test('a further append carries the older manifests forward as they are', async () => {
  const table = new Table();
  await table.commit({ addFiles: [A] });
  const before = await table.manifests();
  await table.commit({ addFiles: [B] });
  const after = await table.manifests();
  assert.equal(after.length, 2);
  assert.deepEqual(
    after.filter((manifest) => manifest.addedSnapshotId === 101n),
    before,
  );
  assert.deepEqual(
    table.metadata.snapshots.map((snapshot) => snapshot['parent-snapshot-id'] ?? null),
    [null, 101n],
  );
});

test('replacing a file keeps its neighbours, states their numbers, and marks the removed one for this snapshot only', async () => {
  const table = new Table();
  await table.commit({ addFiles: [A, B] });
  await table.commit({ addFiles: [C] });
  const untouched = (await table.manifests()).filter((manifest) => manifest.addedSnapshotId === 102n);
  const snapshot = await table.commit({ operation: 'overwrite', addFiles: [D], removeFilePaths: uris(A) });

  const manifests = await table.manifests();
  assert.deepEqual(
    manifests.filter((manifest) => manifest.addedSnapshotId === 102n),
    untouched,
  );
  const view = { io: table.io, metadata: table.metadata };
  const entries = (await Promise.all(manifests.map((manifest) => entriesOf(view, manifest)))).flat();
  assert.deepEqual(
    entries
      .map(({ status, file, snapshotId, sequenceNumber }) => [
        file.uri.at(-9),
        status,
        snapshotId,
        sequenceNumber,
      ])
      .sort(),
    [
      ['a', 'deleted', 103n, 1],
      ['b', 'existing', 101n, 1],
      ['c', 'added', 102n, 2],
      ['d', 'added', 103n, 3],
    ],
  );
  const { summary } = snapshot;
  assert.deepEqual(
    [
      summary['deleted-data-files'],
      summary['deleted-records'],
      summary['removed-files-size'],
      summary['added-data-files'],
    ],
    ['1', '10', '1000', '1'],
  );
  assert.deepEqual(
    [summary['total-data-files'], summary['total-records'], summary['total-files-size']],
    ['3', '30', '3000'],
  );

  await table.commit({ addFiles: [] });
  const later = (
    await Promise.all((await table.manifests()).map((manifest) => entriesOf(view, manifest)))
  ).flat();
  assert.equal(
    later.length,
    4,
    'the rewritten manifest is carried, its deleted entry with it, until it is rewritten again',
  );
  await table.commit({ operation: 'delete', removeFilePaths: uris(B) });
  await table.commit({ addFiles: [] });
  assert.equal((await table.manifests()).length, 2, 'a manifest without a live file is dropped');
  assert.deepEqual(await table.live(), [C.uri, D.uri]);
  assert.deepEqual(await table.live(101n), [A.uri, B.uri], 'older snapshots stay as they were');
});

test('an append without files is a snapshot that carries its summary', async () => {
  const table = new Table();
  const snapshot = await table.commit({ summary: { note: 'nothing new' } });
  assert.equal(snapshot.summary['total-records'], '0');
  assert.equal(snapshot.summary.note, 'nothing new');
  assert.deepEqual([await table.manifests(), await table.live()], [[], []]);
  assert.equal(await hasDeleteFiles({ io: table.io, metadata: table.metadata }), false);
});

test('removing a file that another writer removed first is a conflict, and nothing is written', async () => {
  const table = new Table();
  await table.commit({ addFiles: [A, B] });
  await table.commit({ operation: 'delete', removeFilePaths: uris(A) });
  const files = table.io.files.size;
  await assert.rejects(
    table.stage({ operation: 'overwrite', addFiles: [C], removeFilePaths: uris(A, B) }),
    (error) =>
      error instanceof ConflictError && error.message.includes(A.uri) && !error.message.includes(B.uri),
  );
  assert.equal(table.io.files.size, files);
});

test('requests that contradict themselves are refused before anything is written', async () => {
  const table = new Table();
  await table.commit({ addFiles: [A] });
  const files = table.io.files.size;
  const bad: Partial<SnapshotStage>[] = [
    { operation: 'append', removeFilePaths: uris(A) },
    { operation: 'delete', addFiles: [B], removeFilePaths: uris(A) },
    { operation: 'overwrite', addFiles: [A], removeFilePaths: uris(A) },
    { operation: 'replace', addFiles: [exampleFile('b', { recordCount: 9 })], removeFilePaths: uris(A) },
    { addFiles: [B, B] },
    { addFiles: [exampleFile('b', { specId: 4 })] },
    { addFiles: [exampleFile('b', { partition: [1] })] },
    { addFiles: [exampleFile('b', { content: 'position_deletes' })] },
    { snapshotId: 101n },
    { summary: { 'total-records': '7' } },
    { summary: { operation: 'delete' } },
  ];
  for (const change of bad)
    await assert.rejects(table.stage(change), InvariantError, Object.keys(change).join());
  assert.equal(table.io.files.size, files);
  await table.stage({ operation: 'replace', addFiles: [B], removeFilePaths: uris(A) });
});

test('the clock may go back, the table’s times do not', async () => {
  const table = new Table();
  await table.commit({ addFiles: [A] });
  const snapshot = await table.commit({ addFiles: [B], nowMs: 5 });
  assert.equal(snapshot['timestamp-ms'], NOW + 1);
  assert.equal(table.metadata['last-updated-ms'], NOW + 1);
});

test('a staging that lost its race leaves the table as it was and names all it wrote', async () => {
  const table = new Table();
  await table.commit({ addFiles: [A] });
  const before = new Set(table.io.files.keys());
  const { written } = await table.stage({ operation: 'overwrite', addFiles: [B], removeFilePaths: uris(A) });
  assert.deepEqual([...table.io.files.keys()].filter((uri) => !before.has(uri)).sort(), [...written].sort());
  for (const uri of written) table.io.files.delete(uri);
  assert.deepEqual(await table.live(), [A.uri]);
});

test('totals are counted anew where another writer left them out', async () => {
  const table = new Table();
  await table.commit({ addFiles: [A, B] });
  await table.commit({ operation: 'delete', removeFilePaths: uris(A) });
  const snapshots = table.metadata.snapshots.map((snapshot) => ({
    ...snapshot,
    summary: { operation: 'delete' },
  }));
  table.metadata = { ...table.metadata, snapshots };
  const { summary } = await table.commit({ addFiles: [C] });
  assert.deepEqual(
    [summary['total-data-files'], summary['total-records'], summary['total-files-size']],
    ['2', '20', '2000'],
  );
});

test('other fields of main and of the metadata survive a commit', async () => {
  const table = new Table();
  await table.commit({ addFiles: [A] });
  const main = { ...table.metadata.refs.main!, 'max-ref-age-ms': 5 };
  table.metadata = { ...table.metadata, refs: { main }, statistics: [] } as TableMetadata;
  await table.commit({ addFiles: [B] });
  assert.equal(table.metadata.refs.main!['max-ref-age-ms'], 5);
  assert.ok('statistics' in table.metadata);
});

test('any sequence of appends, overwrites, deletes and replacements holds exactly the files it should, at every snapshot', async () => {
  const steps = fc.array(
    fc.record({
      add: fc.integer({ min: 0, max: 3 }),
      remove: fc.array(fc.nat(), { maxLength: 3 }),
      rows: fc.integer({ min: 0, max: 50 }),
    }),
    { maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      const table = new Table();
      const model = new Map<
        string,
        { readonly file: DataFile; readonly sequence: number; readonly snapshot: bigint }
      >();
      const history: { readonly id: bigint; readonly uris: readonly string[] }[] = [];
      for (const [position, step] of sequence.entries()) {
        const live = [...model.keys()];
        const removed = new Set(
          live.length === 0 ? [] : step.remove.map((index) => live[index % live.length]!),
        );
        const added = Array.from({ length: step.add }, (_, index) =>
          exampleFile(`${position}-${index}`, { recordCount: step.rows }),
        );
        const operation = removed.size === 0 ? 'append' : added.length === 0 ? 'delete' : 'overwrite';
        const snapshot = await table.commit({ operation, addFiles: added, removeFilePaths: removed });
        for (const uri of removed) model.delete(uri);
        for (const file of added)
          model.set(file.uri, { file, sequence: position + 1, snapshot: snapshot['snapshot-id'] });
        history.push({ id: snapshot['snapshot-id'], uris: [...model.keys()].sort() });

        const records = [...model.values()].reduce((sum, { file }) => sum + file.recordCount, 0);
        assert.equal(snapshot.summary['total-records'], String(records));
        assert.equal(snapshot.summary['total-data-files'], String(model.size));
        const manifests = await table.manifests();
        assert.equal(
          manifests.reduce((sum, line) => sum + line.addedRows + line.existingRows, 0),
          records,
        );
        for (const line of manifests) {
          assert.ok(
            line.addedFiles + line.existingFiles > 0 || line.addedSnapshotId === snapshot['snapshot-id'],
          );
        }
        for await (const file of liveDataFiles({ io: table.io, metadata: table.metadata })) {
          const { sequenceNumber, addedSnapshotId, ...rest } = file;
          const known = model.get(file.uri)!;
          assert.deepEqual([sequenceNumber, addedSnapshotId], [known.sequence, known.snapshot]);
          assert.deepEqual(rest, known.file);
        }
      }
      for (const { id, uris: expected } of history) assert.deepEqual(await table.live(id), expected);
    }),
    { numRuns: 40 },
  );
});
