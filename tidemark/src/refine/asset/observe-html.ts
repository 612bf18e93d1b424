import type { DefaultTreeAdapterTypes } from 'parse5';
import type { Observation } from './observation.ts';
import type { PieceReader } from './piece-reader.ts';
import { shortTitle } from './short-title.ts';

type Element = DefaultTreeAdapterTypes.Element;
type ParentNode = DefaultTreeAdapterTypes.ParentNode;

/** Title and language stand at the head of a page; this much of it is parsed, the rest is not read. */
const HTML_HEAD_BYTES = 256 * 1024;
/** HTML, "prescan a byte stream to determine its encoding": where a page may name its charset. */
const CHARSET_PRESCAN_BYTES = 1024;

/** Title and language of a page, decoded as a browser would: byte order mark, then `<meta charset>`, then UTF-8. */
export async function observeHtml(
  file: PieceReader,
): Promise<Pick<Observation, 'title' | 'documentLanguage'>> {
  const head = await file.read(0, HTML_HEAD_BYTES);
  const { parse } = await import('parse5');
  const page = parse(new TextDecoder(charsetOf(head)).decode(head));
  const html = childNamed(page, 'html');
  const title = childNamed(childNamed(html, 'head'), 'title');
  const language = html?.attrs.find(({ name }) => name === 'lang' || name === 'xml:lang')?.value.trim();
  return { title: shortTitle(title && textOf(title)), documentLanguage: language || null };
}

function childNamed(parent: ParentNode | null, name: string): Element | null {
  for (const node of parent?.childNodes ?? []) {
    if (node.nodeName === name) return node as Element;
  }
  return null;
}

function textOf(element: Element): string {
  return element.childNodes.map((node) => ('value' in node ? node.value : '')).join('');
}

function charsetOf(head: Uint8Array): string {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8';
  const start = Buffer.from(head.subarray(0, CHARSET_PRESCAN_BYTES)).toString('latin1');
  const named =
    /<meta\s[^>]*charset\s*=\s*["']?\s*([\w:.-]+)/i.exec(start)?.[1] ??
    /<\?xml\s[^>]*encoding\s*=\s*["']([\w:.-]+)["']/i.exec(start)?.[1];
  return named !== undefined && isKnownCharset(named) ? named : 'utf-8';
}

function isKnownCharset(label: string): boolean {
  try {
    // A page whose bytes name UTF-16 in ASCII is not in UTF-16; HTML reads it as UTF-8.
    return !new TextDecoder(label).encoding.startsWith('utf-16');
  } catch {
    return false;
  }
}
