import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { s3Server } from '../../testing/s3-server.ts';
import { tempFolder } from '../../testing/temp-folder.ts';
import { localStore } from './local-store.ts';
import type { ObjectStore } from './object-store.ts';
import { S3_BOUNDS, s3Store } from './s3-store.ts';

const MIB = 1024 * 1024;

/** What both adapters keep. */
function keepsTheContract(name: string, open: () => Promise<{ store: ObjectStore } & AsyncDisposable>): void {
  const text = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString());
  const bytes = (content: string) => Buffer.from(content);

  describe(`${name}`, () => {
    it('holds what was put, whole, by range and as a file', async () => {
      await using opened = await open();
      await using folder = await tempFolder();
      const { store } = opened;
      assert.equal(await store.put('raw/a b+c%d', bytes('0123456789')), 'stored');
      assert.equal(text(await store.get('raw/a b+c%d')), '0123456789');
      assert.equal(text(await store.get('raw/a b+c%d', { offset: 2, length: 3 })), '234');
      assert.equal(text(await store.get('raw/a b+c%d', { offset: 8, length: 10 })), '89');
      assert.equal(text(await store.get('raw/a b+c%d', { offset: 10, length: 10 })), '');
      assert.deepEqual(await store.head('raw/a b+c%d'), { sizeBytes: 10 });
      assert.equal(await store.getToFile('raw/a b+c%d', join(folder.path, 'x/y')), true);
      assert.equal(await readFile(join(folder.path, 'x/y'), 'utf8'), '0123456789');
    });

    it('says that nothing is there where nothing is, and removes it all the same', async () => {
      await using opened = await open();
      await using folder = await tempFolder();
      const { store } = opened;
      assert.equal(await store.get('a/b'), null);
      assert.equal(await store.get('a/b', { offset: 0, length: 5 }), null);
      assert.equal(await store.head('a/b'), null);
      assert.equal(await store.head('a'), null);
      assert.equal(await store.getToFile('a/b', join(folder.path, 'x')), false);
      await assert.rejects(readFile(join(folder.path, 'x')));
      await store.remove('a/b');
      assert.deepEqual(await Array.fromAsync(store.list('a/')), []);
    });

    it('puts one thing over another only where it may', async () => {
      await using opened = await open();
      await using folder = await tempFolder();
      const { store } = opened;
      assert.equal(await store.put('a/b', bytes('one'), { ifAbsent: true }), 'stored');
      assert.equal(await store.put('a/b', bytes('two'), { ifAbsent: true }), 'taken');
      assert.equal(text(await store.get('a/b')), 'one');
      assert.equal(await store.put('a/b', bytes('one'), { ifAbsent: true }), 'stored');
      assert.equal(await store.putFile('a/b', await folder.write('x', 'two'), { ifAbsent: true }), 'taken');
      assert.equal(await store.putFile('a/b', await folder.write('x', 'one'), { ifAbsent: true }), 'stored');
      assert.equal(await store.put('a/b', bytes('three')), 'stored');
      assert.equal(await store.putFile('a/b', await folder.write('x', 'four')), 'stored');
      assert.equal(text(await store.get('a/b')), 'four');
      await store.probe();
    });

    it('gives a name to one of ten that ask for it at the same time', async () => {
      await using opened = await open();
      const puts = Array.from({ length: 10 }, (_, n) =>
        opened.store.put('race', bytes(`${n}`), { ifAbsent: true }),
      );
      const outcomes = await Promise.all(puts);
      assert.equal(outcomes.filter((outcome) => outcome === 'stored').length, 1);
      assert.equal(text(await opened.store.get('race')), `${outcomes.indexOf('stored')}`);
    });

    it('takes a file of several parts, empty ones too', async () => {
      await using opened = await open();
      await using folder = await tempFolder();
      const { store } = opened;
      const large = randomBytes(11 * MIB + 7);
      assert.equal(await store.putFile('l', await folder.write('l', large), { ifAbsent: true }), 'stored');
      assert.deepEqual(await store.head('l'), { sizeBytes: large.length });
      assert.equal(await store.getToFile('l', join(folder.path, 'back')), true);
      assert.ok(large.equals(await readFile(join(folder.path, 'back'))));
      assert.equal(await store.putFile('l', await folder.write('l', large), { ifAbsent: true }), 'stored');
      large[MIB] = (large[MIB] ?? 0) ^ 1;
      assert.equal(await store.putFile('l', await folder.write('l', large), { ifAbsent: true }), 'taken');
      assert.equal(await store.putFile('e', await folder.write('e', '')), 'stored');
      assert.equal(text(await store.get('e')), '');
      assert.equal(text(await store.get('e', { offset: 0, length: 9 })), '');
      assert.equal(await store.getToFile('e', join(folder.path, 'empty')), true);
    });

    it('lists what begins with a prefix, all of it, once', async () => {
      await using opened = await open();
      const { store } = opened;
      const keys = Array.from({ length: 8 }, (_, n) => `t/data/${n}.parquet`);
      for (const key of [...keys, 't/metadata/v1', 'other', 't2/data/9']) await store.put(key, bytes(key));
      const found = (await Array.fromAsync(store.list('t/'))).flat();
      assert.deepEqual(found.map(({ key }) => key).sort(), [...keys, 't/metadata/v1'].sort());
      assert.ok(found.every(({ key, sizeBytes }) => sizeBytes === key.length));
      assert.ok(found.every(({ modifiedAt }) => Math.abs(Date.now() - modifiedAt.getTime()) < 60_000));
      assert.equal((await Array.fromAsync(store.list(''))).flat().length, 11);
      assert.equal((await Array.fromAsync(store.list('t'))).flat().length, 10);
      const names = async (prefix: string) => (await Array.fromAsync(store.names(prefix))).flat().sort();
      assert.deepEqual(await names(''), ['other', 't', 't2']);
      assert.deepEqual(await names('t/'), ['data', 'metadata']);
      assert.deepEqual(await names('t/data/7'), ['7.parquet']);
      assert.deepEqual(await names('nothing/'), []);
      await store.remove('t/metadata/v1');
      assert.equal((await Array.fromAsync(store.list('t/metadata/'))).flat().length, 0);
    });
  });
}

/** Endpoint of a server that is not ours, with the bucket `lake` and the keys of the AWS environment (`npm run test:foreign-s3`). */
const FOREIGN = process.env.TIDEMARK_TEST_FOREIGN_S3;

keepsTheContract('a folder as a store', async () => {
  const folder = await tempFolder();
  return { store: localStore(folder.path), [Symbol.asyncDispose]: folder[Symbol.asyncDispose] };
});

if (FOREIGN !== undefined)
  keepsTheContract('an S3 that is not ours, as a store', async () => {
    const store = s3Store(
      {
        bucket: 'lake',
        prefix: randomUUID(),
        endpoint: FOREIGN,
        region: 'us-east-1',
        pathStyle: true,
        checksums: 'when_supported',
        credentials: null,
      },
      { ...S3_BOUNDS, partBytes: 5 * MIB },
    );
    return { store, [Symbol.asyncDispose]: async () => store.close() };
  });

keepsTheContract('S3 as a store', async () => {
  const server = await s3Server();
  const store = s3Store(
    {
      bucket: server.bucket,
      prefix: 'some/prefix',
      endpoint: server.endpoint,
      region: 'eu-central-1',
      pathStyle: true,
      checksums: 'when_supported',
      credentials: { accessKeyId: server.accessKeyId, secretAccessKey: 'secret' },
    },
    { ...S3_BOUNDS, partBytes: 5 * MIB },
  );
  return {
    store,
    [Symbol.asyncDispose]: async () => {
      store.close();
      await server[Symbol.asyncDispose]();
    },
  };
});
