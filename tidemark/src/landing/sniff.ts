import { sniffJson } from './sniff-json.ts';
import { sniffMarkup } from './sniff-markup.ts';

export interface SniffedType {
  /** Lower case, without parameters. */
  readonly mediaType: string;
}

/** Bytes that carry no known mark and do not read as text. */
export const UNKNOWN_TYPE = 'application/octet-stream';
export const EMPTY_TYPE = 'application/x-empty';

const UTF8_BOM = Buffer.from([0xef, 0xbb, 0xbf]);
/** WHATWG MIME Sniffing, "binary data byte": control characters that no text holds. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these control characters are what is looked for
const BINARY_CHARACTERS = /[\u0000-\u0008\u000b\u000e-\u001a\u001c-\u001f]/;

const TEXT_SIGNATURES: ReadonlySet<string> = new Set([
  'application/eps',
  'application/postscript',
  'application/rtf',
  'application/xml',
  'image/svg+xml',
]);

/** Plain text has no signature: only its name says which kind it is. */
const TEXT_TYPE_BY_ENDING: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  markdown: 'text/markdown',
  md: 'text/markdown',
  yaml: 'application/yaml',
  yml: 'application/yaml',
};

/**
 * The media type of a file, from its first bytes alone (64 KiB are enough; the file's end is not needed).
 * The name never overrules the bytes: it only tells apart kinds of text that have no mark of their own (Markdown, CSV,
 * YAML, a JSON document of one line from JSON lines). An empty file is `application/x-empty`, bytes without a known
 * mark that are not UTF-8 text `application/octet-stream`. A character cut by the end of `head` is no fault.
 */
export async function sniffMediaType({
  head,
  name,
}: {
  head: Uint8Array;
  name: string;
}): Promise<SniffedType> {
  return {
    mediaType: await mediaTypeOf(Buffer.from(head.buffer, head.byteOffset, head.length), endingOf(name)),
  };
}

async function mediaTypeOf(bytes: Buffer, ending: string): Promise<string> {
  if (bytes.length === 0) return EMPTY_TYPE;
  const text = decodeText(bytes);
  const isUtf16 = text !== null && text.charset !== 'utf-8';

  // Latin-1 keeps each byte one character: HTML and JSON are told by ASCII alone, whatever the rest is encoded in.
  const ascii = isUtf16 ? text.text : withoutBom(bytes).toString('latin1');
  if (/^[\t\n\f\r ]*%PDF-/.test(ascii)) return 'application/pdf';
  const written =
    sniffMarkup({ text: ascii, ending }) ?? (isUtf16 ? null : sniffJson({ text: ascii, ending }));
  if (written !== null) return written;

  const signature = await signatureType(bytes);
  if (text === null) return signature ?? UNKNOWN_TYPE;
  // "BMW …" begins like a bitmap and "MZ…" like a program: of a head that reads as text, only marks of text count.
  if (signature !== null && mayMarkText(signature)) return signature;
  return TEXT_TYPE_BY_ENDING[ending] ?? 'text/plain';
}

/** Whether a signature may stand at the head of a file that is text from its first byte on. */
function mayMarkText(mediaType: string): boolean {
  return mediaType.startsWith('text/') || TEXT_SIGNATURES.has(mediaType);
}

async function signatureType(bytes: Uint8Array): Promise<string | null> {
  const { fileTypeFromBuffer } = await import('file-type');
  const found = await fileTypeFromBuffer(bytes);
  // `audio/ogg; codecs=opus`: the type without its parameters.
  return found === undefined ? null : (found.mime.split(';')[0] ?? found.mime).trim().toLowerCase();
}

function decodeText(bytes: Buffer): { text: string; charset: string } | null {
  const charset = charsetOf(bytes);
  try {
    const text = new TextDecoder(charset, { fatal: true }).decode(bytes, { stream: true });
    return BINARY_CHARACTERS.test(text) ? null : { text, charset };
  } catch {
    return null;
  }
}

function charsetOf(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}

function withoutBom(bytes: Buffer): Buffer {
  return bytes.subarray(0, 3).equals(UTF8_BOM) ? bytes.subarray(3) : bytes;
}

/** Of `docs/faq.MD?v=2`: `md`. */
function endingOf(name: string): string {
  const path = name.split(/[?#]/)[0] ?? '';
  return /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? '';
}
