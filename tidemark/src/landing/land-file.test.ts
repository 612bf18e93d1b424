import assert from 'node:assert/strict';
import { hash, randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { UNCACHED_BYTES_MIN } from './copy-uncached.ts';
import { COPY_BYTES_MIN } from './follow-copy.ts';
import { readSource } from './land-file.ts';
import { readInThread, THREAD_BYTES_MIN } from './read-in-thread.ts';
import type { ReadOptions } from './reading.ts';

const folder = await mkdtemp(join(tmpdir(), 'tidemark-landing-'));
after(() => rm(folder, { recursive: true, force: true }));
let files = 0;

function fileOf(content: Uint8Array): string {
  files += 1;
  const path = join(folder, `source-${files}`);
  writeFileSync(path, content);
  return path;
}

const options = (source: string, more: Partial<ReadOptions> = {}): ReadOptions => ({
  source,
  copyTo: `${source}.copy`,
  chunkBytes: 1024 * 1024,
  signal: new AbortController().signal,
  ...more,
});

describe('reading a source', () => {
  for (const [lane, sizeBytes] of [
    ['empty', 0],
    ['of one byte', 1],
    ['of one chunk and a byte', 1024 * 1024 + 1],
    ['of the last size that is passed through', COPY_BYTES_MIN - 1],
    ['of the first size that the kernel copies', COPY_BYTES_MIN],
    ['of many chunks, and no whole number of them', COPY_BYTES_MIN * 3 + 12_345],
  ] as const) {
    it(`${lane}: its sum, its size and its head are those of its bytes, and the copy is the same`, async () => {
      const content = randomBytes(sizeBytes);
      const source = fileOf(content);
      let seen = 0;
      const count = (bytes: number) => {
        seen += bytes;
      };
      const reading = await readSource(options(source, { onBytes: count }));
      assert.ok(reading.kind === 'read');
      assert.equal(reading.bytes.sha256, hash('sha256', content));
      assert.equal(reading.bytes.sizeBytes, sizeBytes);
      assert.equal(seen, sizeBytes);
      assert.ok(content.subarray(0, 65536).equals(reading.bytes.head));
      assert.ok(readFileSync(`${source}.copy`).equals(content));
      const uncopied = await readSource(options(source, { copyTo: null }));
      assert.deepEqual(uncopied, reading);
    });
  }

  for (const [lane, sizeBytes] of [
    ['passed through', COPY_BYTES_MIN - 1],
    ['copied by the kernel', COPY_BYTES_MIN * 4],
  ] as const) {
    it(`${lane}: a file that grows meanwhile is refused, and no copy is left`, async () => {
      const source = fileOf(randomBytes(sizeBytes));
      const reading = await readSource(options(source, { onBytes: () => appendFileSync(source, 'more') }));
      assert.equal(reading.kind, 'changed');
      assert.equal(existsSync(`${source}.copy`), false);
    });

    it(`${lane}: when it is cancelled no copy is left`, async () => {
      const source = fileOf(randomBytes(sizeBytes));
      const cancel = new AbortController();
      const read = readSource(options(source, { signal: cancel.signal, onBytes: () => cancel.abort() }));
      await assert.rejects(read, { name: 'AbortError' });
      assert.equal(existsSync(`${source}.copy`), false);
    });

    it(`${lane}: a copy that cannot be made is an error of the store, not of the source`, async () => {
      const source = fileOf(randomBytes(sizeBytes));
      const within = fileOf(Buffer.from('a file, no folder'));
      await assert.rejects(readSource(options(source, { copyTo: join(within, 'copy') })), { code: 'TM2102' });
    });
  }

  it('gives a copy the permissions of the store, whatever those of the source are and whoever copies', async () => {
    const modes = [];
    for (const sizeBytes of [COPY_BYTES_MIN - 1, COPY_BYTES_MIN])
      for (const mode of [0o400, 0o777]) {
        const source = fileOf(randomBytes(sizeBytes));
        chmodSync(source, mode);
        assert.equal((await readSource(options(source))).kind, 'read');
        modes.push(statSync(`${source}.copy`).mode & 0o777);
      }
    assert.deepEqual(modes, Array(4).fill(0o666 & ~process.umask()));
  });

  it('takes the bytes of the file that it opened, also where another takes over its name meanwhile', async () => {
    const content = randomBytes(COPY_BYTES_MIN * 4);
    const source = fileOf(content);
    const other = fileOf(randomBytes(COPY_BYTES_MIN * 4));
    const reading = await readSource(
      options(source, { onBytes: () => existsSync(other) && renameSync(other, source) }),
    );
    assert.ok(reading.kind === 'read');
    assert.equal(reading.bytes.sha256, hash('sha256', content));
    assert.ok(readFileSync(`${source}.copy`).equals(content));
  });
});

describe('copying a large source past the memory of the system', () => {
  const content = randomBytes(UNCACHED_BYTES_MIN + 12_345);
  const uncached = (source: string, more: Partial<ReadOptions> = {}) =>
    readSource(options(source, { uncached: true, ...more }));

  for (const [lane, chunkBytes] of [
    ['of whole blocks', 1024 * 1024],
    ['of no whole blocks', 1_000_000],
  ] as const) {
    it(`comes to the same as any other copy, by chunks ${lane}`, async () => {
      const source = fileOf(content);
      let seen = 0;
      const count = (bytes: number) => {
        seen += bytes;
      };
      const reading = await uncached(source, { chunkBytes, onBytes: count });
      assert.ok(reading.kind === 'read');
      assert.equal(seen, content.length);
      assert.ok(readFileSync(`${source}.copy`).equals(content));
      assert.equal(statSync(`${source}.copy`).mode & 0o777, 0o666 & ~process.umask());
      assert.deepEqual(await readSource(options(source, { copyTo: null })), reading);
    });
  }

  it('leaves no copy of a file that grows meanwhile, or when it is cancelled', async () => {
    const source = fileOf(content);
    const cancel = new AbortController();
    const cancelled = uncached(source, { signal: cancel.signal, onBytes: () => cancel.abort() });
    await assert.rejects(cancelled, { name: 'AbortError' });
    assert.equal(existsSync(`${source}.copy`), false);
    const reading = await uncached(source, { onBytes: () => appendFileSync(source, 'more') });
    assert.equal(reading.kind, 'changed');
    assert.equal(existsSync(`${source}.copy`), false);
  });
});

describe('reading a large source in a thread of its own', () => {
  const large = fileOf(randomBytes(16));
  truncateSync(large, THREAD_BYTES_MIN + 1);
  const inThread = (more: Partial<ReadOptions> = {}) =>
    readInThread({ ...options(large, more), sizeBytes: THREAD_BYTES_MIN + 1 });

  it('comes to the same as reading it here', async () => {
    let seen = 0;
    const count = (bytes: number) => {
      seen += bytes;
    };
    const reading = await inThread({ onBytes: count });
    assert.equal(seen, THREAD_BYTES_MIN + 1);
    const here = await readSource(options(large, { copyTo: null }));
    assert.ok(reading.kind === 'read' && here.kind === 'read');
    assert.deepEqual(
      { ...reading.bytes, head: [...reading.bytes.head] },
      { ...here.bytes, head: [...here.bytes.head] },
    );
    assert.ok(readFileSync(`${large}.copy`).equals(readFileSync(large)));
    await rm(`${large}.copy`);
  });

  it('leaves no copy when it is cancelled', async () => {
    const cancel = new AbortController();
    await assert.rejects(inThread({ signal: cancel.signal, onBytes: () => cancel.abort() }), {
      name: 'AbortError',
    });
    assert.equal(existsSync(`${large}.copy`), false);
  });

  it('tells of a source that cannot be read, and of a store that cannot be written to', async () => {
    const gone = await readInThread({ ...options(join(folder, 'gone')), sizeBytes: THREAD_BYTES_MIN });
    assert.ok(gone.kind === 'unreadable' && gone.errno === 'ENOENT');
    await assert.rejects(inThread({ copyTo: join(large, 'copy') }), { code: 'TM2102' });
  });
});
