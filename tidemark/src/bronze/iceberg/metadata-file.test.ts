import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { InvariantError } from '../../errors/tidemark-error.ts';
import { exampleTable, MemoryIo, uuidOf } from './example-table.fixture.ts';
import {
  type LocatedMetadata,
  metadataFileName,
  nextMetadataLocation,
  planMetadataFile,
  readTableMetadata,
} from './metadata-file.ts';

const UUID = uuidOf('metadata');

test('metadata files are numbered with five digits at least and count up from the current one', () => {
  assert.equal(metadataFileName(7, UUID), `00007-${UUID}.metadata.json`);
  assert.equal(metadataFileName(123456, UUID), `123456-${UUID}.metadata.json`);
  const next = (currentLocation: string | null) =>
    nextMetadataLocation(exampleTable(), { currentLocation, uuid: UUID });
  assert.equal(next(null), `file:///tables/example/metadata/00000-${UUID}.metadata.json`);
  assert.equal(
    next('file:///tables/example/metadata/00041-x.metadata.json'),
    `file:///tables/example/metadata/00042-${UUID}.metadata.json`,
  );
  assert.equal(
    next('s3://b/42-folder/metadata/v3.metadata.json'),
    `file:///tables/example/metadata/00000-${UUID}.metadata.json`,
  );
});

test('a table that keeps its metadata elsewhere is followed there', () => {
  const moved = exampleTable({ properties: { 'write.metadata.path': 's3://meta/t/' } });
  assert.equal(
    nextMetadataLocation(moved, { currentLocation: null, uuid: UUID }),
    `s3://meta/t/00000-${UUID}.metadata.json`,
  );
});

test('each version logs the one it replaced, and forgets the oldest beyond the declared number', () => {
  const versions = (properties: Record<string, string>, count: number) => {
    let base: LocatedMetadata | null = null;
    for (let version = 0; version < count; version += 1) {
      const metadata = base?.metadata ?? exampleTable({ properties });
      base = planMetadataFile({ base, metadata, uuid: UUID, nowMs: 1_700_000_000_000 + version });
    }
    return base!.metadata['metadata-log'];
  };
  assert.deepEqual(versions({}, 3), [
    {
      'timestamp-ms': 1_700_000_000_000,
      'metadata-file': `file:///tables/example/metadata/00000-${UUID}.metadata.json`,
    },
    {
      'timestamp-ms': 1_700_000_000_001,
      'metadata-file': `file:///tables/example/metadata/00001-${UUID}.metadata.json`,
    },
  ]);
  const log = versions({}, 130);
  assert.equal(log.length, 100);
  assert.match(log.at(-1)!['metadata-file'], /\/00128-/);
  assert.equal(versions({ 'write.metadata.previous-versions-max': '2' }, 9).length, 2);
  assert.equal(versions({ 'write.metadata.previous-versions-max': 'many' }, 9).length, 1);
});

test('the time of a version never goes back, even when the clock does', () => {
  const metadata = exampleTable();
  const plan = planMetadataFile({ base: null, metadata, uuid: UUID, nowMs: 5 });
  assert.equal(plan.metadata['last-updated-ms'], metadata['last-updated-ms']);
  assert.equal(
    planMetadataFile({ base: null, metadata, uuid: UUID, nowMs: 2e12 }).metadata['last-updated-ms'],
    2e12,
  );
});

test('a metadata file is read back, compressed or not; a broken one is named with what is wrong', async () => {
  const io = new MemoryIo();
  const plan = planMetadataFile({ base: null, metadata: exampleTable(), uuid: UUID, nowMs: 1 });
  await io.write('plain', plan.bytes);
  await io.write('gz', gzipSync(plan.bytes));
  await io.write('broken', new TextEncoder().encode('{"format-version":1}'));
  assert.deepEqual((await readTableMetadata(io, 'plain')).metadata, plan.metadata);
  assert.deepEqual((await readTableMetadata(io, 'gz')).metadata, plan.metadata);
  await assert.rejects(
    readTableMetadata(io, 'broken'),
    (error) =>
      error instanceof InvariantError && /broken.*format-version: expected 2, found 1/.test(error.message),
  );
});
