import type { Contract } from '../../contract/contract.ts';
import { sniffJson } from '../../landing/sniff-json.ts';
import type { DeclaredFormat, FORMATS } from '../../model/declared-format.ts';
import { sniffDialect } from './csv/sniff-dialect.ts';
import { type Contradiction, RECORD_NAMES, type RecordFormat } from './decoding.ts';

/**
 * How records stand in a decoded stream: as declared, else by its name, whose word is good only where the bytes do not
 * begin as lines of JSON, whatever the file is called.
 */
export function recordFormatOf({
  name,
  head,
  isCut,
  declared,
  contract,
}: {
  /** Without the ending of a compression. */
  name: string;
  head: Buffer;
  isCut: boolean;
  declared: DeclaredFormat | null;
  contract: Contract;
}): RecordFormat | Contradiction {
  const format = declared?.format ?? formatOfName(name);
  if (format === 'jsonl') return { format };
  if (format === 'parquet') return parquetElsewhere(head);
  if (format === 'json') return jsonOf({ head, declared });
  if (declared?.format === undefined && isJsonLines(head)) return { format: 'jsonl' };
  return sniffDialect({ head, isCut, declared: { ...declared, format }, contract });
}

const FORMATS_BY_ENDING: Readonly<Record<string, 'json' | 'csv' | 'tsv' | 'parquet'>> = {
  json: 'json',
  csv: 'csv',
  tsv: 'tsv',
  tab: 'tsv',
  parquet: 'parquet',
};

type FormatName = (typeof FORMATS)[number];

const PARQUET = Buffer.from('PAR1');

/** Of a file as it is stored: a table of columns, which is read where it is; null where it is none. */
export function parquetOf({
  name,
  head,
  declared,
}: {
  name: string;
  head: Buffer;
  declared: DeclaredFormat | null;
}): RecordFormat | Contradiction | null {
  const isParquet = head.subarray(0, PARQUET.length).equals(PARQUET);
  const told = declared?.format ?? (formatOfName(name) === 'parquet' ? 'parquet' : null);
  if (isParquet && (told === 'parquet' || (told === null && !RECORD_NAMES.test(name)))) {
    const { binary = null, zone = null, nanoseconds = null } = declared ?? {};
    return { format: 'parquet', binary, zone, nanoseconds };
  }
  if (!isParquet && told !== 'parquet') return null;
  const by = declared?.format === undefined ? 'by its name' : 'as declared';
  return {
    rule: 'format_contradicted',
    expected: `${told === 'parquet' ? 'a Parquet file' : (told ?? 'plain text')}, ${by}`,
    received: isParquet ? 'a Parquet file' : head.length === 0 ? 'an empty file' : 'other bytes',
  };
}

/** What ends a Parquet file says where everything is, so it is not read out of a stream. */
function parquetElsewhere(head: Buffer): Contradiction {
  return {
    rule: 'format_contradicted',
    expected: 'a Parquet file that nothing is around: it is compressed in itself',
    received: head.subarray(0, PARQUET.length).equals(PARQUET) ? 'one within another file' : 'other bytes',
  };
}

/** What the ending of a name says; lines of JSON where it says nothing. */
export function formatOfName(name: string): FormatName {
  const ending = /\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(FORMATS_BY_ENDING, ending) ? (FORMATS_BY_ENDING[ending] ?? 'jsonl') : 'jsonl';
}

/** A `.json` that begins with no array is what lines of JSON begin with, a lone object included. */
function jsonOf({
  head,
  declared,
}: {
  head: Buffer;
  declared: DeclaredFormat | null;
}): RecordFormat | Contradiction {
  const pointer = declared?.pointer ?? '';
  const first = /^(?:\xef\xbb\xbf)?[\t\n\r ]*(.)/.exec(head.toString('latin1'))?.[1];
  const expected = pointer === '' ? '[' : '{';
  if (first === expected) return { format: 'json', pointer };
  if (declared?.format === undefined && pointer === '') return { format: 'jsonl' };
  return {
    rule: 'format_contradicted',
    expected: `a JSON ${pointer === '' ? 'array' : `document with an array at ${pointer}`}, as declared in tidemark.yaml`,
    received: first === undefined ? 'no document' : `a document that begins with ${JSON.stringify(first)}`,
  };
}

function isJsonLines(head: Buffer): boolean {
  return sniffJson({ text: head.toString('latin1'), ending: '' }) === 'application/x-ndjson';
}
