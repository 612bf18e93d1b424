import type { Encoding } from '../../model/declared-format.ts';

/** Of windows-1252 where it is not Latin-1: 0x80 to 0x9f; the bytes that stand for nothing are null. */
const WINDOWS_1252 = [
  '€',
  null,
  '‚',
  'ƒ',
  '„',
  '…',
  '†',
  '‡',
  'ˆ',
  '‰',
  'Š',
  '‹',
  'Œ',
  null,
  'Ž',
  null,
  null,
  '‘',
  '’',
  '“',
  '”',
  '•',
  '–',
  '—',
  '˜',
  '™',
  'š',
  '›',
  'œ',
  null,
  'ž',
  'Ÿ',
] as const;

/** Stands in no UTF-8, for what is no character: what holds it is rejected, and only that. */
const NO_CHARACTER = 0xff;

/** By the byte order mark at the head of a stream; UTF-8 has none, or one that the readers know. */
export function encodingOfBytes(head: Uint8Array): Encoding {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  return head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : 'utf-8';
}

/**
 * The same text in UTF-8, in which places of records count. What is no character is put so that it is no UTF-8 either: a
 * lone surrogate as the three bytes that UTF-8 forbids, a byte that windows-1252 leaves open as itself, half a UTF-16
 * character as 0xff. So a bad record is rejected by itself, with the place. A byte order mark is left out.
 */
export async function* transcode(
  chunks: AsyncIterable<Buffer>,
  encoding: Exclude<Encoding, 'utf-8'>,
): AsyncGenerator<Buffer> {
  if (encoding === 'utf-16le' || encoding === 'utf-16be') yield* fromUtf16(chunks, encoding === 'utf-16be');
  else for await (const chunk of chunks) yield fromBytes(chunk, encoding);
}

const WINDOWS_ONLY = /[\u0080-\u009f]/g;
const OPEN = /([\u0081\u008d\u008f\u0090\u009d])/;

function fromBytes(chunk: Buffer, encoding: 'latin-1' | 'windows-1252'): Buffer {
  const text = chunk.toString('latin1');
  if (encoding === 'latin-1') return Buffer.from(text);
  const put = (part: string) =>
    part.replaceAll(WINDOWS_ONLY, (character) => WINDOWS_1252[character.charCodeAt(0) - 0x80] ?? '');
  if (!OPEN.test(text)) return Buffer.from(put(text));
  const parts = text.split(OPEN);
  return Buffer.concat(
    parts.map((part) => (OPEN.test(part) ? Buffer.from(part, 'latin1') : Buffer.from(put(part)))),
  );
}

async function* fromUtf16(chunks: AsyncIterable<Buffer>, isBig: boolean): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  let isStart = true;
  const decode = (bytes: Buffer): Buffer => {
    const text = (isBig ? Buffer.from(bytes).swap16() : bytes).toString('utf16le');
    const withoutMark = isStart && text.startsWith('\uFEFF') ? text.slice(1) : text;
    isStart = isStart && bytes.length === 0;
    return encodeText(withoutMark);
  };
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let end = bytes.length - (bytes.length % 2);
    // The first half of a pair waits for the second.
    if (end > 0 && isHighSurrogate(bytes, end - 2, isBig)) end -= 2;
    yield decode(bytes.subarray(0, end));
    rest = Buffer.from(bytes.subarray(end));
  }
  const whole = rest.length - (rest.length % 2);
  yield decode(rest.subarray(0, whole));
  if (rest.length > whole) yield Buffer.of(NO_CHARACTER);
}

function isHighSurrogate(bytes: Buffer, at: number, isBig: boolean): boolean {
  return ((bytes[isBig ? at : at + 1] ?? 0) & 0xfc) === 0xd8;
}

const LONE = /([\ud800-\udfff])/u;

function encodeText(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  return Buffer.concat(
    text.split(LONE).map((part) => {
      if (part.length !== 1 || part.isWellFormed()) return Buffer.from(part);
      const unit = part.charCodeAt(0);
      return Buffer.of(0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f));
    }),
  );
}
