/** How the records of a source are written, as far as it is declared; the rest is found in its name and its bytes. */
export interface DeclaredFormat {
  readonly format?: (typeof FORMATS)[number];
  readonly compression?: (typeof COMPRESSION_NAMES)[number];
  /** Of a zip archive: the name of a member, or a pattern of several; default: its only file. */
  readonly member?: string;
  /** Of Parquet: how bytes come in; default: a column of them refuses the file. */
  readonly binary?: 'base64';
  /** Of Parquet: what times without a zone are in; default: they come without one. */
  readonly zone?: 'utc';
  /** Of Parquet: columns that cannot be read beyond microseconds are cut; default: they refuse the file. */
  readonly nanoseconds?: 'truncate';
  /** Default: UTF-8, or UTF-16 where a byte order mark says so. */
  readonly encoding?: Encoding;
  /** Of delimited text: one ASCII character each. */
  readonly delimiter?: string;
  /** Empty: quotes are characters like others. */
  readonly quote?: string;
  readonly escape?: string;
  /** Whether the first row names the columns; default true. */
  readonly header?: boolean;
  /** The properties that the fields of a row are, in place of what the first row names. */
  readonly columns?: readonly string[];
  /** What an unquoted field says that is no value; default: nothing. */
  readonly null?: string;
  /** Of JSON: where its array is, RFC 6901; default: the document. */
  readonly pointer?: string;
}

export const FORMATS = ['jsonl', 'json', 'csv', 'tsv', 'parquet'] as const;
export const ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'latin-1', 'windows-1252'] as const;
export type Encoding = (typeof ENCODINGS)[number];
export const COMPRESSION_NAMES = ['none', 'gzip', 'zstd', 'bzip2', 'zip'] as const;

export type FormatField = keyof DeclaredFormat;

type Reader = (value: unknown) => boolean;

const isMark: Reader = (value) => typeof value === 'string' && /^[\t\x20-\x7e]$/.test(value);
const isPointer: Reader = (value) => typeof value === 'string' && /^(\/[^/]*)*$/.test(value);
const isText: Reader = (value) => typeof value === 'string';
const oneOf =
  (known: readonly string[]): Reader =>
  (value) =>
    known.some((name) => name === value);
const isList: Reader = (value) => Array.isArray(value) && value.length > 0 && value.every(isText);

/** What each field may be, and in words. */
export const FORMAT_FIELDS: Readonly<Record<FormatField, { readonly expected: string; is: Reader }>> = {
  format: { expected: `one of ${FORMATS.join(', ')}`, is: oneOf(FORMATS) },
  compression: { expected: `one of ${COMPRESSION_NAMES.join(', ')}`, is: oneOf(COMPRESSION_NAMES) },
  member: { expected: 'the name of a member, or a pattern', is: (value) => isText(value) && value !== '' },
  binary: { expected: 'base64', is: oneOf(['base64']) },
  zone: { expected: 'utc', is: oneOf(['utc']) },
  nanoseconds: { expected: 'truncate', is: oneOf(['truncate']) },
  encoding: { expected: `one of ${ENCODINGS.join(', ')}`, is: oneOf(ENCODINGS) },
  delimiter: { expected: 'one ASCII character', is: isMark },
  quote: { expected: 'one ASCII character, or "" for none', is: (value) => value === '' || isMark(value) },
  escape: { expected: 'one ASCII character', is: isMark },
  header: { expected: 'true or false', is: (value) => typeof value === 'boolean' },
  columns: { expected: 'a list of properties', is: isList },
  null: { expected: 'a text', is: isText },
  pointer: { expected: 'a JSON pointer such as /data/items', is: isPointer },
};

/** Marks that could not be told apart, or columns that nobody names; null where the fields go together. */
export function formatFault({ delimiter, quote, columns, header, ...marks }: DeclaredFormat): string | null {
  if (delimiter !== undefined && (delimiter === (quote ?? '"') || delimiter === marks.escape))
    return 'delimiter, quote and escape have to differ';
  if (header === false && columns === undefined)
    return 'without a header the columns have to be named, as in columns: [id, name]';
  return null;
}
