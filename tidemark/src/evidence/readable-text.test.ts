import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readableText } from './readable-text.ts';

const CONTROL = /\p{Cc}/gu;

describe('record bytes as text', () => {
  test('legal UTF-8 without control characters is shown as it is, a byte order mark too', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (any) => {
        const text = any.replaceAll(CONTROL, '\t');
        assert.deepEqual(readableText(Buffer.from(text)), { text, escaped: false });
      }),
    );
    assert.equal(readableText(Buffer.from('\ufeff{}')).text, '\ufeff{}');
  });

  test('whatever the bytes, nothing is left that would steer a terminal, and nothing legal is lost', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const { text, escaped } = readableText(bytes);
        assert.equal(text.replaceAll('\t', '').match(CONTROL), null);
        const read = text.replaceAll(/\\x([0-9a-f]{2})/g, '');
        const lenient = Buffer.from(bytes)
          .toString('utf8')
          .replaceAll(/\ufffd|[^\t\P{Cc}]/gu, '');
        if (!Buffer.from(bytes).includes('\\x') && !lenient.includes('\\x')) {
          assert.equal(read.replaceAll('\ufffd', ''), lenient);
        }
        if (!escaped) assert.deepEqual(Buffer.from(text), Buffer.from(bytes));
      }),
    );
  });

  test('overlong forms, surrogates and what lies beyond Unicode are escaped byte by byte', () => {
    for (const bytes of [
      [0xc0, 0xaf],
      [0xe0, 0x80, 0x80],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xe2, 0x82],
    ]) {
      const text = bytes.map((byte) => `\\x${byte.toString(16)}`).join('');
      assert.deepEqual(readableText(Uint8Array.from(bytes)), { text, escaped: true });
    }
  });
});
