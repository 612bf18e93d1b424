import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleFile, exampleTable, MemoryIo } from './example-table.fixture.ts';
import { ascendingBy } from './sort-order.ts';
import { stageSnapshot } from './stage-snapshot.ts';
import {
  currentSnapshot,
  defaultSortOrder,
  newSnapshotId,
  partitionLayout,
  withoutTag,
  withTag,
} from './table-metadata.ts';

test('a new table has every field of format version 2, and no snapshot', () => {
  const table = exampleTable({ location: 'file:///tables/example/', sortOrder: ascendingBy(2) });
  assert.deepEqual(table, {
    'format-version': 2,
    'table-uuid': '0d4d0a37-7d57-4b4d-9c5c-3d0a5a0b7c11',
    location: 'file:///tables/example',
    'last-sequence-number': 0,
    'last-updated-ms': 1_700_000_000_000,
    'last-column-id': 3,
    schemas: table.schemas,
    'current-schema-id': 0,
    'partition-specs': [{ 'spec-id': 0, fields: [] }],
    'default-spec-id': 0,
    'last-partition-id': 999,
    properties: { 'write.parquet.compression-codec': 'zstd' },
    'current-snapshot-id': null,
    refs: {},
    snapshots: [],
    'snapshot-log': [],
    'metadata-log': [],
    'sort-orders': [{ 'order-id': 0, fields: [] }, ascendingBy(2)],
    'default-sort-order-id': 1,
  });
  assert.equal(currentSnapshot(table), null);
  assert.deepEqual(defaultSortOrder(table), ascendingBy(2));
});

test('last-partition-id is the highest that was given', () => {
  const fields = [{ 'source-id': 2, 'field-id': 1000, name: 'created_at_day', transform: 'day' }];
  const table = exampleTable({ spec: { 'spec-id': 0, fields } });
  assert.equal(table['last-partition-id'], 1000);
  assert.deepEqual(partitionLayout(table)!.fields, [{ id: 1000, name: 'created_at_day', type: 'date' }]);
  assert.equal(partitionLayout(table, 8), null);
});

test('own snapshot ids are whole as doubles, and never one that the table has', async () => {
  const io = new MemoryIo();
  const change = { io, operation: 'append', addFiles: [exampleFile('a')], summary: {}, nowMs: 1 } as const;
  const taken = 0x1fffffffffffffn; // 2^53 - 1: all bits drawn are ones.
  const { metadata } = await stageSnapshot({
    ...change,
    metadata: exampleTable(),
    snapshotId: taken,
    commitUuid: 'c',
  });
  const draws = [new Uint8Array(8).fill(255), new Uint8Array(8), Uint8Array.of(0, 0, 0, 0, 0, 0, 0x10, 0)];
  assert.equal(
    newSnapshotId(() => draws.shift()!, metadata),
    2n,
  );
  assert.equal(
    newSnapshotId(() => new Uint8Array(8).fill(255), exampleTable()),
    BigInt(Number.MAX_SAFE_INTEGER),
  );
  assert.throws(() => newSnapshotId(() => new Uint8Array(8), metadata), RangeError);
});

test('a tag can be set and removed; a branch cannot be removed as a tag', async () => {
  const io = new MemoryIo();
  const staged = await stageSnapshot({
    io,
    metadata: exampleTable(),
    operation: 'append',
    addFiles: [],
    summary: {},
    snapshotId: 4n,
    commitUuid: 'c',
    nowMs: 1,
  });
  const tagged = withTag(staged.metadata, { name: 'before-rerun', snapshotId: 4n });
  assert.deepEqual(tagged.refs, {
    main: { 'snapshot-id': 4n, type: 'branch' },
    'before-rerun': { 'snapshot-id': 4n, type: 'tag' },
  });
  assert.deepEqual(withoutTag(tagged, 'before-rerun').refs, staged.metadata.refs);
  assert.deepEqual(withoutTag(tagged, 'main').refs, tagged.refs);
});
