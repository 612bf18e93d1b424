import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { digestOf, EMPTY_DIGEST, mergeDigests } from '../model/digest.ts';
import { DigestBuilder } from './digest-builder.ts';

const fingerprint = fc
  .bigInt({ min: 0n, max: (1n << 128n) - 1n })
  .map((value) => value.toString(16).padStart(32, '0'));

it('the digest of many fingerprints is their digests merged, in any order', () => {
  fc.assert(
    fc.property(fc.array(fingerprint), (fingerprints) => {
      const expected = mergeDigests(fingerprints.map(digestOf));
      for (const order of [fingerprints, fingerprints.toReversed()]) {
        const builder = new DigestBuilder();
        for (const one of order) builder.add(one);
        assert.deepEqual(builder.digest(), expected);
      }
    }),
  );
});

it('a digest can be asked for in between and goes on', () => {
  const builder = new DigestBuilder();
  assert.deepEqual(builder.digest(), EMPTY_DIGEST);
  builder.add('f'.repeat(32));
  assert.deepEqual(builder.digest(), { count: 1, sum: (1n << 128n) - 1n });
  builder.add(`${'0'.repeat(31)}3`);
  assert.deepEqual(builder.digest(), { count: 2, sum: 2n });
});

it('more of the greatest fingerprint than one fold holds are summed exactly', () => {
  const greatest = (1n << 128n) - 1n;
  const builder = new DigestBuilder();
  const count = 2 ** 20 + 5;
  for (let added = 0; added < count; added += 1) builder.add('f'.repeat(32));
  assert.deepEqual(builder.digest(), { count, sum: (greatest * BigInt(count)) % (1n << 128n) });
});
