/** Elements that only a whole page begins with. */
const PAGE = new Set(['html', 'head', 'body', 'title', 'meta']);
/** Elements that a piece of a page begins with, as help centers export articles; Markdown may begin with one too. */
const PIECE = new Set(
  'a article aside b blockquote br center div dl em figure font footer h1 h2 h3 h4 h5 h6 header hr i iframe img link main nav ol p pre script section span strong style table u ul'.split(
    ' ',
  ),
);
const PLAIN_ENDINGS: ReadonlySet<string> = new Set(['md', 'markdown', 'txt']);

/** What may stand before the root: byte order mark, white space, comments, processing instructions. */
const PROLOG = /^\uFEFF?(?:\s+|<!--[\s\S]*?-->|<\?[\s\S]*?\?>)*/;
const FIRST_TAG = /^<(!doctype\s+)?([a-z][a-z0-9:-]*)(?=[\s/>])/i;

/**
 * The media type of markup, judged by the document type or the first element after any byte order mark, white space,
 * comments and XML declaration; null for what is not markup. A file named as plain text or Markdown that begins with
 * a piece such as `<div align="center">` is not HTML: such files often do.
 */
export function sniffMarkup({ text, ending }: { text: string; ending: string }): string | null {
  const prolog = PROLOG.exec(text)?.[0] ?? '';
  const isXml = /<\?xml\s/.test(prolog);
  const [tag, doctype, name = ''] = FIRST_TAG.exec(text.slice(prolog.length)) ?? [];
  const element = name.toLowerCase();

  if (element === 'html' && isXml) return 'application/xhtml+xml';
  if (element === 'svg') return 'image/svg+xml';
  if (doctype === undefined ? PAGE.has(element) : element === 'html') return 'text/html';
  if (isXml) return 'application/xml';
  if (tag === undefined || doctype !== undefined) return null;
  return PIECE.has(element) && !PLAIN_ENDINGS.has(ending) ? 'text/html' : null;
}
