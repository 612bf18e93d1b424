import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { DEFAULT_LIMITS } from '../../model/limits.ts';
import { tempFolder } from '../../testing/temp-folder.ts';
import { zipArchive } from '../../testing/zip-archive.ts';
import { decodedBytesAtLeast } from './decoded-size.ts';

/** Of every form that the head of a zstd frame gives its size in. */
const SIZES = [100, 255, 256, 300, 65_791, 65_792, 3_000_000];

it('what a compressed file comes to is known from what it says of itself, and never more than it may come to', async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, 'file');
  const said = async (content: Uint8Array, member?: string) => {
    await writeFile(path, content);
    const declared = member === undefined ? null : { member };
    return await decodedBytesAtLeast({ path, declared, limits: { ...DEFAULT_LIMITS, decodedRatioMax: 1e6 } });
  };
  for (const size of SIZES) {
    const plain = Buffer.alloc(size, 'abc\n');
    assert.equal(await said(gzipSync(plain)), size);
    assert.equal(await said(zstdCompressSync(plain)), size);
    assert.equal(await said(plain), 0);
  }
  const [one, two] = [Buffer.alloc(500, 'x'), Buffer.alloc(70, 'y')];
  assert.equal(await said(Buffer.concat([gzipSync(one), gzipSync(two)])), 70);
  const archive = zipArchive([
    { name: 'a.jsonl', content: one.toString() },
    { name: 'b.jsonl', content: two.toString() },
  ]);
  assert.equal(await said(archive, '*.jsonl'), 570);
  assert.equal(await said(archive, 'b.jsonl'), 70);
  assert.equal(await said(archive), 0, 'which of them is meant is for whoever decodes it to ask');
  const gone = { path: join(folder.path, 'gone'), declared: null, limits: DEFAULT_LIMITS };
  assert.equal(await decodedBytesAtLeast(gone), 0, 'whoever lands it tells of it');
  const cut = gzipSync(one).subarray(0, 12);
  await writeFile(path, cut);
  assert.ok((await decodedBytesAtLeast({ path, declared: null, limits: DEFAULT_LIMITS })) <= 12 * 200);
});
