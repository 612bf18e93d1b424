import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ERROR_CODES, type ErrorCode } from '../../errors/codes.ts';
import type { TidemarkError } from '../../errors/tidemark-error.ts';
import { type Fault, type Operation, type S3Server, s3Server } from '../../testing/s3-server.ts';
import { tempFolder } from '../../testing/temp-folder.ts';
import type { ObjectStore } from './object-store.ts';
import { S3_BOUNDS, s3Store } from './s3-store.ts';

const MIB = 1024 * 1024;

function storeOf(
  server: S3Server,
  { accessKeyId = server.accessKeyId, bucket = server.bucket, idleMs = 20_000 } = {},
) {
  return s3Store(
    {
      bucket,
      prefix: '',
      endpoint: server.endpoint,
      region: 'us-east-1',
      pathStyle: true,
      checksums: 'when_supported',
      credentials: { accessKeyId, secretAccessKey: 'secret' },
    },
    { ...S3_BOUNDS, attemptsMax: 3, idleMs, partBytes: 5 * MIB },
  );
}

/** Lets the first `times` requests of an operation go wrong. */
function failing(
  server: S3Server,
  { operation, fault, times }: { operation: Operation; fault: Fault; times: number },
) {
  let left = times;
  server.fault = (request) => {
    if (request.operation !== operation || left === 0) return null;
    left -= 1;
    return fault;
  };
}

const code = (expected: ErrorCode) => (error: TidemarkError) => {
  assert.equal(error.code, expected, error.message);
  return true;
};

const READS: readonly Fault[] = [
  'unavailable_before',
  'cut_before',
  'failed_after',
  'lost_acknowledgement',
  'silent',
];
const BODIES: readonly Fault[] = [...READS, 'truncated_body'];
const small = Buffer.from('bytes of an object');
const old = randomBytes(MIB);
const large = randomBytes(5 * MIB + 1);

/** One call of the port for each request that S3 knows, and what must be true after it. */
const CALLS: Readonly<
  Record<
    string,
    {
      operation: Operation;
      faults: readonly Fault[];
      call(store: ObjectStore, folder: string): Promise<void>;
    }
  >
> = {
  'a put': {
    operation: 'PutObject',
    faults: READS,
    call: async (store) => {
      assert.equal(await store.put('new', small, { ifAbsent: true }), 'stored');
      assert.ok(small.equals((await store.get('new')) ?? Buffer.alloc(0)));
    },
  },
  'the creation of an upload': { operation: 'CreateMultipartUpload', faults: READS, call: putLarge },
  'a part of an upload': { operation: 'UploadPart', faults: READS, call: putLarge },
  'the completion of an upload': { operation: 'CompleteMultipartUpload', faults: READS, call: putLarge },
  'a read': {
    operation: 'GetObject',
    faults: BODIES,
    call: async (store) => assert.ok(old.equals((await store.get('old')) ?? Buffer.alloc(0))),
  },
  'a read into a file': {
    operation: 'GetObject',
    faults: BODIES,
    call: async (store, folder) => {
      assert.equal(await store.getToFile('old', join(folder, 'copy')), true);
      assert.ok(old.equals(await readFile(join(folder, 'copy'))));
    },
  },
  'a look': {
    operation: 'HeadObject',
    faults: READS,
    call: async (store) => assert.deepEqual(await store.head('old'), { sizeBytes: old.length }),
  },
  'a list': {
    operation: 'ListObjectsV2',
    faults: READS,
    call: async (store) => assert.equal((await Array.fromAsync(store.list(''))).flat().length, 1),
  },
  'a removal': {
    operation: 'DeleteObject',
    faults: READS,
    call: async (store) => {
      await store.remove('old');
      assert.equal(await store.head('old'), null);
    },
  },
};

async function putLarge(store: ObjectStore, folder: string): Promise<void> {
  const path = join(folder, 'large');
  assert.equal(await store.putFile('new', path, { ifAbsent: true }), 'stored');
  await assert.rejects(stat(path), 'the file was handed over');
  assert.ok(large.equals((await store.get('new')) ?? Buffer.alloc(0)));
}

async function opened({ idleMs = 20_000 } = {}) {
  const server = await s3Server();
  const folder = await tempFolder();
  const store = storeOf(server, { idleMs });
  await store.put('old', old);
  await folder.write('large', large);
  return {
    server,
    store,
    folder: folder.path,
    [Symbol.asyncDispose]: async () => {
      store.close();
      await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Only a server that says nothing is worth waiting for less. */
const patience = (fault: Fault) => (fault === 'silent' ? { idleMs: 1_000 } : {});

describe('S3 that fails', { concurrency: 8 }, () => {
  for (const [name, { operation, faults, call }] of Object.entries(CALLS)) {
    for (const fault of faults) {
      it(`lets ${name} succeed after ${fault.replaceAll('_', ' ')}`, async () => {
        await using at = await opened(patience(fault));
        failing(at.server, { operation, fault, times: 1 });
        await call(at.store, at.folder);
      });

      it(`ends ${name} in one error where every request meets ${fault.replaceAll('_', ' ')}`, async () => {
        await using at = await opened(patience(fault));
        failing(at.server, { operation, fault, times: Number.POSITIVE_INFINITY });
        const ended = await call(at.store, at.folder).catch((error: TidemarkError) => error);
        // What was done although nobody said so is done.
        if (ended === undefined) assert.match(fault, /failed_after|lost_acknowledgement/);
        else code(ERROR_CODES.store_unreachable)(ended);
        assert.ok(old.equals(at.server.objects.get('old')?.bytes ?? old));
      });
    }
  }

  it('never hands on bytes that were altered on their way', async () => {
    await using at = await opened();
    failing(at.server, { operation: 'GetObject', fault: 'altered_body', times: Number.POSITIVE_INFINITY });
    await assert.rejects(at.store.get('old'), code(ERROR_CODES.store_unreachable));
    await assert.rejects(
      at.store.getToFile('old', join(at.folder, 'copy')),
      code(ERROR_CODES.store_unreachable),
    );
    await assert.rejects(stat(join(at.folder, 'copy')));
  });

  it('keeps no parts of an upload that was given up', async () => {
    await using at = await opened();
    failing(at.server, {
      operation: 'UploadPart',
      fault: 'unavailable_before',
      times: Number.POSITIVE_INFINITY,
    });
    await assert.rejects(
      at.store.putFile('new', join(at.folder, 'large')),
      code(ERROR_CODES.store_unreachable),
    );
    assert.equal(at.server.openUploads(), 0);
    assert.equal((await stat(join(at.folder, 'large'))).size, large.length);
  });

  it('is refused where it would put one thing over another', async () => {
    await using at = await opened();
    at.server.honoursConditions = false;
    await assert.rejects(at.store.probe(), code(ERROR_CODES.store_unconditional));
    assert.deepEqual([...at.server.objects.keys()], ['old']);
  });

  it('puts no file of several parts over another, also where the server would', async () => {
    await using at = await opened();
    const path = join(at.folder, 'large');
    await writeFile(path, randomBytes(6 * MIB));
    at.server.honoursConditions = false;
    assert.equal(await at.store.putFile('old', path, { ifAbsent: true }), 'taken');
    assert.ok(at.server.objects.get('old')?.bytes.equals(old));
  });

  it('tells a key or a bucket that is not known from a server that is away', async () => {
    await using at = await opened();
    for (const wrong of [{ accessKeyId: 'stranger' }, { bucket: 'elsewhere' }]) {
      const store = storeOf(at.server, wrong);
      await assert.rejects(store.put('x', small), code(ERROR_CODES.store_refused));
      await assert.rejects(store.get('x'), code(ERROR_CODES.store_refused));
      await assert.rejects(Array.fromAsync(store.list('')), code(ERROR_CODES.store_refused));
      store.close();
    }
  });
});
