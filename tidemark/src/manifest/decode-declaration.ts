import { isUtf8 } from 'node:buffer';
import type { Finding } from './finding.ts';

/** Text of a declaration without its byte order mark. Illegal bytes are U+FFFD in it, and one finding. */
export interface DecodedText {
  readonly text: string;
  readonly findings: readonly Finding[];
  /** False where the bytes are no kind of UTF-8, so that the text is not worth judging. */
  readonly legible: boolean;
}

export function decodeDeclaration(bytes: Uint8Array): DecodedText {
  const text = new TextDecoder().decode(bytes);
  if (isUtf8(bytes)) return { text, findings: [], legible: true };
  if (startsLikeUtf16(bytes)) {
    return { text, findings: [badBytes('UTF-16 text', 0)], legible: false };
  }
  const { offset, byteOffset } = firstReplacement(text, bytes);
  const byte = bytes[byteOffset]!.toString(16).padStart(2, '0');
  return { text, findings: [badBytes(`byte 0x${byte} at byte offset ${byteOffset}`, offset)], legible: true };
}

function badBytes(found: string, offset: number): Finding {
  return {
    rule: 'invalid_utf8',
    pointer: '',
    offset,
    message: 'the file is not UTF-8 text; only the first bad place is shown',
    expected: 'UTF-8',
    found,
  };
}

function startsLikeUtf16(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}

/** Walks text and bytes together up to the first U+FFFD that the bytes do not spell. */
function firstReplacement(text: string, bytes: Uint8Array): { offset: number; byteOffset: number } {
  let byteOffset = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  for (let offset = 0; offset < text.length; offset++) {
    const unit = text.charCodeAt(offset);
    if (unit === 0xfffd && !spellsReplacement(bytes, byteOffset)) return { offset, byteOffset };
    byteOffset += utf8Bytes(unit);
  }
  throw new RangeError('every replacement character is spelt by the bytes, so they were UTF-8');
}

function spellsReplacement(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0xef && bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd;
}

/** Half of a surrogate pair counts half of the pair's four bytes. */
function utf8Bytes(unit: number): number {
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  return unit >= 0xd800 && unit <= 0xdfff ? 2 : 3;
}
