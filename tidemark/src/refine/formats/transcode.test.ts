import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { invalidText } from '../parse-record.ts';
import { encodingOfBytes, transcode } from './transcode.ts';

type Encoding = Parameters<typeof transcode>[1];

/** In pieces of this size. */
async function utf8Of(bytes: Buffer, encoding: Encoding, size = 3): Promise<Buffer> {
  const pieces = async function* () {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  };
  return Buffer.concat(await Array.fromAsync(transcode(pieces(), encoding)));
}

const utf16 = (text: string, encoding: string) =>
  encoding === 'utf-16be' ? Buffer.from(text, 'utf16le').swap16() : Buffer.from(text, 'utf16le');
const sizes = fc.integer({ min: 1, max: 7 });

describe('transcoding', () => {
  it('gives the same text, however the reads cut it, without its byte order mark', async () => {
    const encodings = fc.constantFrom('utf-16le', 'utf-16be');
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme' }),
        fc.boolean(),
        encodings,
        sizes,
        async (text, bom, encoding, size) => {
          const body = text.replace(/^\uFEFF/, '');
          const bytes = utf16(`${bom ? '\uFEFF' : ''}${body}`, encoding);
          assert.equal(String(await utf8Of(bytes, encoding as Encoding, size)), body);
          if (bom) assert.equal(encodingOfBytes(bytes), encoding);
        },
      ),
    );
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    assert.equal(String(await utf8Of(all, 'latin-1')), all.toString('latin1'));
    const known = all.filter((byte) => ![0x81, 0x8d, 0x8f, 0x90, 0x9d].includes(byte));
    assert.equal(
      String(await utf8Of(Buffer.from(known), 'windows-1252')),
      new TextDecoder('windows-1252').decode(known),
    );
  });

  it('lets nothing that is no character become one, and says what stood where', async () => {
    for (const [bytes, encoding, received] of [
      [utf16('ab\ud800c', 'utf-16le'), 'utf-16le', 'a lone surrogate 0xd800 at byte 2'],
      [utf16('é\udc01', 'utf-16be'), 'utf-16be', 'a lone surrogate 0xdc01 at byte 2'],
      [utf16('a\ud83d', 'utf-16le'), 'utf-16le', 'a lone surrogate 0xd83d at byte 1'],
      [Buffer.from('a\0b'), 'utf-16le', 'half a character at byte 1'],
      [Buffer.from('€\x80'.slice(1), 'latin1'), 'windows-1252', null],
      [Buffer.from('ab\x81', 'latin1'), 'windows-1252', '0x81 at byte 2'],
    ] as const) {
      for (const size of [1, 2, 3, 100]) {
        const text = await utf8Of(bytes, encoding, size);
        assert.equal(isUtf8(text), received === null);
        if (received !== null)
          assert.deepEqual(invalidText(text, encoding), {
            rule: 'invalid_encoding',
            pointer: '',
            expected: encoding,
            received,
          });
      }
    }
  });

  it('lets every lone surrogate of any text be seen', async () => {
    const unit = fc.constantFrom('a', 'é', '\n', '\ud83d', '\ude00', '\ud83d\ude00');
    await fc.assert(
      fc.asyncProperty(fc.array(unit, { maxLength: 12 }), sizes, async (units, size) => {
        const text = units.join('');
        assert.equal(isUtf8(await utf8Of(utf16(text, 'utf-16le'), 'utf-16le', size)), text.isWellFormed());
      }),
    );
  });
});
