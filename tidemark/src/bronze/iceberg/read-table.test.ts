import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvariantError } from '../../errors/tidemark-error.ts';
import { exampleFile, exampleTable, MemoryIo, uuidOf } from './example-table.fixture.ts';
import { writeManifestFile } from './manifest-file.ts';
import { writeManifestList } from './manifest-list.ts';
import { filesAddedSince, hasDeleteFiles, isAncestor, liveDataFiles } from './read-table.ts';
import { stageSnapshot } from './stage-snapshot.ts';
import { currentSchema, partitionLayout, type TableMetadata } from './table-metadata.ts';

const [A, B, C] = ['a', 'b', 'c'].map((name) => exampleFile(name));

/** Snapshot 1 holds a; 2 holds a and b; 3 holds b and c. */
async function threeSnapshots(): Promise<{ io: MemoryIo; metadata: TableMetadata }> {
  const io = new MemoryIo();
  const steps = [
    { operation: 'append', addFiles: [A!] },
    { operation: 'append', addFiles: [B!] },
    { operation: 'overwrite', addFiles: [C!], removeFilePaths: new Set([A!.uri]) },
  ] as const;
  let metadata = exampleTable();
  for (const [index, step] of steps.entries()) {
    const staged = await stageSnapshot({
      io,
      metadata,
      ...step,
      summary: {},
      snapshotId: BigInt(index + 1),
      commitUuid: uuidOf(String(index)),
      nowMs: index,
    });
    metadata = staged.metadata;
  }
  io.reads.length = 0;
  return { io, metadata };
}

async function filesOf(files: AsyncIterable<{ uri: string }>): Promise<string[]> {
  const found: string[] = [];
  for await (const file of files) found.push(file.uri.slice(-9, -8));
  return found.sort();
}

test('each snapshot holds its own files, the current one by default', async () => {
  const table = await threeSnapshots();
  assert.deepEqual(await filesOf(liveDataFiles(table)), ['b', 'c']);
  assert.deepEqual(await filesOf(liveDataFiles({ ...table, snapshotId: 1n })), ['a']);
  assert.deepEqual(await filesOf(liveDataFiles({ ...table, snapshotId: 2n })), ['a', 'b']);
  assert.deepEqual(await filesOf(liveDataFiles({ io: table.io, metadata: exampleTable() })), []);
  await assert.rejects(filesOf(liveDataFiles({ ...table, snapshotId: 9n })), InvariantError);
});

test('what changed since a snapshot is told by difference, and unchanged manifests are not read', async () => {
  const table = await threeSnapshots();
  const since = async (sinceSnapshotId: bigint | null) => {
    const files = await filesAddedSince({ ...table, sinceSnapshotId });
    assert.equal(files.kind, 'known');
    if (files.kind !== 'known') return [];
    const name = (file: { uri: string }) => file.uri.slice(-9, -8);
    return [files.added.map(name).sort(), files.removed.map(name).sort(), files.deletesChanged];
  };
  assert.deepEqual(await since(3n), [[], [], false]);
  assert.equal(table.io.reads.filter((uri) => !uri.includes('/snap-')).length, 0);
  assert.deepEqual(await since(2n), [['c'], ['a'], false]);
  assert.deepEqual(await since(1n), [['b', 'c'], ['a'], false]);
  assert.deepEqual(await since(null), [['b', 'c'], [], false]);
});

test('a kept file whose manifest was rewritten around it has not changed', async () => {
  const { io, metadata } = await threeSnapshots();
  const both = { io, metadata, operation: 'append', addFiles: [A!, exampleFile('d')], summary: {} } as const;
  const four = await stageSnapshot({ ...both, snapshotId: 4n, commitUuid: uuidOf('4'), nowMs: 10 });
  const five = await stageSnapshot({
    io,
    metadata: four.metadata,
    operation: 'delete',
    addFiles: [],
    removeFilePaths: new Set([A!.uri]),
    summary: {},
    snapshotId: 5n,
    commitUuid: uuidOf('5'),
    nowMs: 11,
  });
  const since = await filesAddedSince({ io, metadata: five.metadata, sinceSnapshotId: 4n });
  assert.equal(since.kind, 'known');
  if (since.kind !== 'known') return;
  assert.deepEqual([since.added, since.removed.map((file) => file.uri)], [[], [A!.uri]]);
});

test('nothing is claimed about a snapshot that was expired or rolled back behind', async () => {
  const table = await threeSnapshots();
  assert.equal((await filesAddedSince({ ...table, sinceSnapshotId: 9n })).kind, 'unknown');
  const rolledBack: TableMetadata = {
    ...table.metadata,
    'current-snapshot-id': 1n,
    refs: { main: { 'snapshot-id': 1n, type: 'branch' } },
  };
  assert.equal(
    (await filesAddedSince({ io: table.io, metadata: rolledBack, sinceSnapshotId: 2n })).kind,
    'unknown',
  );
  assert.equal(isAncestor(table.metadata, 1n), true);
  assert.equal(isAncestor(rolledBack, 2n), false);
});

test('a ring of parents, which only another writer could make, does not hang', async () => {
  const { metadata } = await threeSnapshots();
  const snapshots = metadata.snapshots.map((snapshot) => ({ ...snapshot, 'parent-snapshot-id': 3n }));
  assert.equal(isAncestor({ ...metadata, snapshots }, 1n), false);
});

/** The table after another engine added a position-delete file to it. */
async function withDeleteFile({
  io,
  metadata,
}: {
  io: MemoryIo;
  metadata: TableMetadata;
}): Promise<TableMetadata> {
  const file = exampleFile('deletes', { content: 'position_deletes', recordCount: 2 });
  const { manifest, bytes } = writeManifestFile({
    uri: 'file:///deletes.avro',
    entries: [{ status: 'added', snapshotId: 4n, sequenceNumber: null, fileSequenceNumber: null, file }],
    content: 'deletes',
    schema: currentSchema(metadata),
    layout: partitionLayout(metadata)!,
    snapshotId: 4n,
    sequenceNumber: 4,
  });
  await io.write(manifest.uri, bytes);
  const list = writeManifestList({
    manifests: [manifest],
    snapshotId: 4n,
    parentSnapshotId: 3n,
    sequenceNumber: 4,
  });
  await io.write('file:///list.avro', list);
  const snapshot = { 'snapshot-id': 4n, 'parent-snapshot-id': 3n, 'sequence-number': 4, 'timestamp-ms': 9 };
  return {
    ...metadata,
    'last-sequence-number': 4,
    'current-snapshot-id': 4n,
    refs: { main: { 'snapshot-id': 4n, type: 'branch' } },
    snapshots: [
      ...metadata.snapshots,
      { ...snapshot, 'manifest-list': 'file:///list.avro', summary: { operation: 'overwrite' } },
    ],
  };
}

test('delete files of another engine are noticed, counted and carried along', async () => {
  const { io, metadata: before } = await threeSnapshots();
  const metadata = await withDeleteFile({ io, metadata: before });
  assert.equal(await hasDeleteFiles({ io, metadata: before }), false);
  assert.equal(await hasDeleteFiles({ io, metadata }), true);
  const since = await filesAddedSince({ io, metadata, sinceSnapshotId: 3n });
  assert.equal(since.kind === 'known' && since.deletesChanged, true);
  const change = { io, metadata, operation: 'append', addFiles: [A!], summary: {} } as const;
  const staged = await stageSnapshot({ ...change, snapshotId: 5n, commitUuid: uuidOf('5'), nowMs: 10 });
  assert.equal(await hasDeleteFiles({ io, metadata: staged.metadata }), true);
  const { summary } = staged.snapshot;
  assert.deepEqual(
    [summary['total-delete-files'], summary['total-position-deletes'], summary['total-records']],
    ['1', '2', '10'],
  );
  assert.deepEqual(await filesOf(liveDataFiles({ io, metadata: staged.metadata })), ['a']);
});
