import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { it } from 'node:test';
import { fingerprintOf, fingerprintOfBytes, fingerprintStream } from './fingerprint.ts';

it('a record’s fingerprint is the first 16 bytes of the SHA-256 of its canonical UTF-8', () => {
  const canonical = '{"a":"é中😀"}';
  const sha256 = createHash('sha256').update(Buffer.from(canonical)).digest();
  assert.equal(fingerprintOf(canonical), sha256.subarray(0, 16).toString('hex'));
  assert.equal(fingerprintOf('{}'), '44136fa355b3678a1146ad16f7e8649e');
});

it('a malformed line never bears the fingerprint of a record with the same text', () => {
  assert.notEqual(fingerprintOfBytes(Buffer.from('{}')), fingerprintOf('{}'));
  assert.equal(fingerprintOfBytes(Buffer.from('x')), fingerprintOf('tidemark:malformed-line:1\0x'));
});

it('a line fed in pieces has the fingerprint of the whole', () => {
  const line = Buffer.from([0xff, 0x00, 0x41, 0x42]);
  const stream = fingerprintStream();
  for (const byte of line) stream.update(Uint8Array.of(byte));
  assert.equal(stream.finish(), fingerprintOfBytes(line));
});
