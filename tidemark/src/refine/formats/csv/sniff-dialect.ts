import { isUtf8 } from 'node:buffer';
import type { Contract } from '../../../contract/contract.ts';
import { shortenValue } from '../../../contract/shorten-value.ts';
import type { DeclaredFormat } from '../../../model/declared-format.ts';
import { isJsonObject, type JsonValue } from '../../../model/json.ts';
import type { Contradiction, RecordFormat } from '../decoding.ts';
import { COLUMN_NAME_BYTES_MAX, COLUMNS_MAX, DELIMITERS, type Dialect } from './dialect.ts';
import { QUOTED, RowScanner } from './row-scanner.ts';

interface SniffRequest {
  /** The first bytes of the decoded stream. */
  readonly head: Buffer;
  /** Whether there is more than them. */
  readonly isCut: boolean;
  readonly declared: DeclaredFormat;
  readonly contract: Contract;
}

type Csv = Extract<RecordFormat, { format: 'csv' }>;

/**
 * The dialect of delimited text: as declared, and where that is silent by its first row. The delimiter is the one under
 * which that row names most properties of the contract; so a wrong one is noticed before the first record.
 */
export function sniffDialect(request: SniffRequest): Csv | Contradiction {
  const { declared } = request;
  const declaredDelimiter = declared.delimiter ?? (declared.format === 'tsv' ? '\t' : undefined);
  const candidates = declaredDelimiter === undefined ? DELIMITERS : [declaredDelimiter];
  const properties = propertiesOf(request.contract);
  const readings = candidates.map((delimiter) => readFirstRow(request, delimiter));
  const known = (names: readonly string[]) => names.filter((name) => properties.includes(name)).length;
  const fits = ({ names }: FirstRow) =>
    declared.columns === undefined ? known(names) : Number(names.length === declared.columns.length);
  const [best] = [...readings].sort((a, b) => fits(b) - fits(a));
  if (best === undefined) throw new Error('no delimiter to try');
  const columns = declared.columns ?? best.names;
  const found = [
    ...(declaredDelimiter === undefined ? (['delimiter'] as const) : []),
    ...(declared.columns === undefined ? (['columns'] as const) : []),
  ];
  const problem =
    declared.columns === undefined && best.problem !== null
      ? best.problem
      : namesProblem({ columns, known: known(columns), properties });
  if (problem === null || best.isEmpty) {
    return {
      format: 'csv',
      dialect: { ...best.dialect, columns: best.isEmpty ? (declared.columns ?? []) : columns },
      found,
    };
  }
  return {
    rule: 'csv_header',
    expected: `a first row that names columns of ${request.contract.ref} (${shorten(properties)})`,
    received: problem,
  };
}

interface FirstRow {
  readonly dialect: Dialect;
  readonly names: readonly string[];
  readonly problem: string | null;
  readonly isEmpty: boolean;
}

function readFirstRow({ head, isCut, declared }: SniffRequest, delimiter: string): FirstRow {
  const quote = declared.quote === undefined ? '"' : declared.quote === '' ? null : declared.quote;
  const dialect: Dialect = {
    delimiter,
    quote,
    escape: declared.escape ?? quote ?? '"',
    header: declared.header ?? true,
    null: declared.null ?? '',
    columns: [],
  };
  const row = (names: readonly string[], problem: string | null, isEmpty = false): FirstRow => ({
    dialect,
    names,
    problem,
    isEmpty,
  });
  const start = firstRowOf(head);
  if (start === head.length) return row([], 'no row at all', true);
  const scanner = new RowScanner(dialect, COLUMNS_MAX + 1);
  if (scanner.scan(head, start, start, head.length) === -1) {
    if (isCut) return row([], `a first row longer than ${head.length} bytes`);
    scanner.finish(start, head.length);
  }
  const bytes = head.subarray(start, start + scanner.end);
  if (scanner.fault !== null) return row([], `${scanner.fault.rule} at byte ${start + scanner.fault.offset}`);
  if (!isUtf8(bytes)) return row([], 'a first row that is not UTF-8');
  const names = scanner.starts.map((from, index) => {
    const isQuoted = ((scanner.flags[index] ?? 0) & QUOTED) !== 0;
    const end = scanner.ends[index] ?? from;
    const text = isQuoted ? bytes.toString('utf8', from + 1, end - 1) : bytes.toString('utf8', from, end);
    return isQuoted && quote !== null ? text.replaceAll(dialect.escape + quote, quote) : text;
  });
  return row(names, null);
}

/** Behind a byte order mark and blank lines. */
function firstRowOf(head: Buffer): number {
  let at = head.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? 3 : 0;
  for (;;) {
    if (head[at] === 0x0a) at += 1;
    else if (head[at] === 0x0d && head[at + 1] === 0x0a) at += 2;
    else return at;
  }
}

function namesProblem({
  columns,
  known,
  properties,
}: {
  columns: readonly string[];
  known: number;
  properties: readonly string[];
}): string | null {
  if (columns.length > COLUMNS_MAX) return `more than ${COLUMNS_MAX} columns`;
  const long = columns.find((name) => Buffer.byteLength(name) > COLUMN_NAME_BYTES_MAX);
  if (long !== undefined) return `a name of more than ${COLUMN_NAME_BYTES_MAX} bytes`;
  const empty = columns.indexOf('');
  if (empty !== -1) return `no name for column ${empty + 1}`;
  const repeated = columns.find((name, index) => columns.indexOf(name) !== index);
  if (repeated !== undefined) return `${shortenValue(repeated)} twice`;
  return known === 0 && properties.length > 0 ? shorten(columns) : null;
}

function propertiesOf({ schema }: Contract): string[] {
  const properties = schema.properties as JsonValue | undefined;
  return isJsonObject(properties) ? Object.keys(properties) : [];
}

const SHOWN_MAX = 4;

function shorten(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN_MAX).map((name) => shortenValue(name));
  return names.length > SHOWN_MAX ? `${shown.join(', ')}, … ${names.length} in all` : shown.join(', ');
}
