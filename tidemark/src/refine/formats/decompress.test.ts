import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { DEFAULT_LIMITS, type Limits } from '../../model/limits.ts';
import { tempFolder } from '../../testing/temp-folder.ts';
import { type Compression, compressionOfBytes, compressionOfName } from './compression.ts';
import { decompress } from './decompress.ts';
import { StreamFault } from './stream-fault.ts';

/** Two bzip2 streams, one behind the other, of levels 1 and 9, as bzip2 1.0.8 wrote them: lines `{"n":0}` to `{"n":79}`. */
const BZIP2 = Buffer.from(
  'QlpoMTFBWSZTWc77iakAAIdZgAAQEAB/8AABAAogAHIoD9UfqgAkpP9VNG1A9SwIfAQsCHF6rYguzggqyCqqqqqqquMLoAhoCFnWc89+e/XqsVVUq3Wa' +
    'qqAAfF3JFOFCQzvuJqRCWmg5MUFZJlNZeZeOSAAAjFmAABAQAH/wAAEACiAAcjGAf6qACUqP/SqD/VCb1TQMOwMNAwvHPSqqqumEkkMJJIYSSQwkkVRW' +
    'gGFAw3nr93beNtoAAAA8LuSKcKEg8y8ckA==',
  'base64',
);
const BZIP2_TEXT = Array.from({ length: 80 }, (_, n) => `{"n":${n}}\n`).join('');
/** 50,000,000 zero bytes. */
const BZIP2_BOMB = Buffer.from(
  'QlpoOTFBWSZTWQ4J4t8BX45AAMAAAAggADCATUZCoCWpCoCXMUFZJlNZk8TsPQAfaMEAwAAAEAAIIAAwzAmqaZUiDapSIPF3JFOFCQj9cpgw',
  'base64',
);

async function decoded(
  bytes: Buffer,
  compression: Compression,
  limits: Partial<Limits> = {},
): Promise<Buffer | StreamFault> {
  await using folder = await tempFolder();
  const path = await folder.write('object', bytes);
  const { signal } = new AbortController();
  try {
    const chunks = decompress({ path, compression, limits: { ...DEFAULT_LIMITS, ...limits }, signal });
    return Buffer.concat(await Array.fromAsync(chunks, (chunk) => Buffer.from(chunk)));
  } catch (error) {
    if (error instanceof StreamFault) return error;
    throw error;
  }
}

function ruleOf(outcome: Buffer | StreamFault): string {
  return outcome instanceof StreamFault ? outcome.rule : `whole, ${outcome.length} bytes`;
}

const parts = fc.array(fc.uint8Array({ maxLength: 3000 }), { minLength: 1, maxLength: 4 });
const wrapped = fc.record({
  parts,
  compression: fc.constantFrom('gzip', 'zstd'),
  chunkBytes: fc.integer({ min: 64, max: 5000 }),
});

function wrap(compression: string, bytes: Uint8Array): Buffer {
  return compression === 'gzip' ? gzipSync(bytes) : zstdCompressSync(bytes);
}

describe('decompressing a stored object', () => {
  it('gives every member and frame, however the file is read', async () => {
    await fc.assert(
      fc.asyncProperty(wrapped, async ({ parts, compression, chunkBytes }) => {
        const bytes = Buffer.concat(parts.map((part) => wrap(compression, part)));
        const outcome = await decoded(bytes, compression as Compression, { chunkBytes });
        assert.ok(Buffer.isBuffer(outcome), ruleOf(outcome));
        assert.ok(outcome.equals(Buffer.concat(parts)));
      }),
      { numRuns: 60 },
    );
  });

  it('is never silently shorter: a stream that ends early is truncated, wherever it is cut', async () => {
    const cut = fc.record({ wrapped, at: fc.double({ min: 0, max: 1, noNaN: true }) });
    await fc.assert(
      fc.asyncProperty(cut, async ({ wrapped: { parts, compression, chunkBytes }, at }) => {
        const members = parts.map((part) => wrap(compression, part));
        const last = members.at(-1) as Buffer;
        const before = Buffer.concat(members.slice(0, -1));
        const kept = last.subarray(0, 1 + Math.floor(at * (last.length - 2)));
        const outcome = await decoded(Buffer.concat([before, kept]), compression as Compression, {
          chunkBytes,
        });
        assert.equal(ruleOf(outcome), 'stream_truncated');
      }),
      { numRuns: 60 },
    );
  });

  it('believes no stream whose own sum says that it was altered', async () => {
    const text = Buffer.from(BZIP2_TEXT);
    const gzip = gzipSync(text);
    await fc.assert(
      fc.asyncProperty(fc.nat(gzip.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const altered = Buffer.from(gzip);
        altered[at] = (altered[at] as number) ^ by;
        const outcome = await decoded(altered, 'gzip');
        // A header may be altered where it says when the file was made.
        if (Buffer.isBuffer(outcome)) assert.ok(at < 10 && outcome.equals(gunzipSync(gzip)), `byte ${at}`);
      }),
      { numRuns: 100 },
    );
    const bzip2 = Buffer.from(BZIP2);
    bzip2[60] = 0x55;
    assert.equal(ruleOf(await decoded(bzip2, 'bzip2')), 'stream_corrupt');
  });

  it('reads bzip2, stream after stream, and says where one is cut or followed by something else', async () => {
    assert.equal(String(await decoded(BZIP2, 'bzip2')), BZIP2_TEXT);
    for (const length of [3, 20, 150, BZIP2.length - 1])
      assert.equal(
        ruleOf(await decoded(BZIP2.subarray(0, length), 'bzip2')),
        'stream_truncated',
        `${length}`,
      );
    const garbage = await decoded(Buffer.concat([BZIP2, Buffer.from('and more')]), 'bzip2');
    assert.equal(ruleOf(garbage), 'stream_corrupt');
  });

  it('says where a stream is followed by what is none, zero bytes behind gzip apart', async () => {
    for (const compression of ['gzip', 'zstd'] as const) {
      const whole = wrap(compression, Buffer.from('a\n'));
      const rest = await decoded(Buffer.concat([whole, Buffer.from('not a stream at all')]), compression);
      assert.ok(rest instanceof StreamFault);
      assert.equal(rest.rule, 'stream_corrupt');
      assert.match(
        rest.received,
        new RegExp(`behind byte \\d+ of ${whole.length + 19}, after \\d decoded bytes`),
      );
    }
    const padded = await decoded(Buffer.concat([gzipSync('a\n'), Buffer.alloc(512)]), 'gzip');
    assert.equal(String(padded), 'a\n');
  });

  it('stops at a limit, before what goes beyond it is held', async () => {
    const zeros = Buffer.alloc(40 * 1024 * 1024);
    for (const [compression, bytes] of [
      ['gzip', gzipSync(zeros)],
      ['zstd', zstdCompressSync(zeros)],
      ['bzip2', BZIP2_BOMB],
    ] as const) {
      assert.equal(ruleOf(await decoded(bytes, compression)), 'decoded_ratio_too_high', compression);
      const small = await decoded(bytes, compression, { decodedBytesMax: 1_000_000, decodedRatioMax: 1e9 });
      assert.equal(ruleOf(small), 'decoded_too_large', compression);
    }
  });
});

describe('what a source is compressed with', () => {
  it('is told by its name and by its first bytes', () => {
    assert.deepEqual(compressionOfName('in/tickets.jsonl.GZ?v=2'), {
      compression: 'gzip',
      inner: 'in/tickets.jsonl',
    });
    assert.deepEqual(compressionOfName('in/constructor'), { compression: null, inner: 'in/constructor' });
    assert.deepEqual(compressionOfName('a.toString'), { compression: null, inner: 'a.toString' });
    assert.equal(compressionOfBytes(gzipSync('a')), 'gzip');
    assert.equal(compressionOfBytes(zstdCompressSync('a')), 'zstd');
    assert.equal(compressionOfBytes(BZIP2), 'bzip2');
    assert.equal(compressionOfBytes(Buffer.from('BZhello')), null);
    assert.equal(compressionOfBytes(Buffer.from('{"a":1}')), null);
    assert.equal(compressionOfBytes(Buffer.alloc(0)), null);
  });
});
