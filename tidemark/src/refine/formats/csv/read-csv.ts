import { isUtf8 } from 'node:buffer';
import { type FileHandle, open } from 'node:fs/promises';
import type { Violation } from '../../../contract/contract.ts';
import type { Encoding } from '../../../model/declared-format.ts';
import type { Limits } from '../../../model/limits.ts';
import { fingerprintOfBytes } from '../../fingerprint.ts';
import { type OverlongReader, overlongReader } from '../../overlong-line.ts';
import { invalidText } from '../../parse-record.ts';
import type { LineBatch, ReadLine } from '../../split-lines.ts';
import { type CellKind, cellJson } from './cells.ts';
import type { Dialect } from './dialect.ts';
import { ESCAPED, QUOTED, type RowFault, RowScanner } from './row-scanner.ts';

export interface CsvRequest {
  readonly path: string;
  readonly dialect: Dialect;
  /** Of the columns, in their order. */
  readonly kinds: readonly CellKind[];
  readonly limits: Pick<Limits, 'chunkBytes' | 'lineBytesMax'>;
  readonly signal: AbortSignal;
  /** Of the source; the file is UTF-8. */
  readonly encoding?: Encoding;
}

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * The rows of delimited text as lines of JSON, so that both lanes judge them as they judge any line; their places are those
 * of the rows: the physical line and the byte that they begin at, and their length. A row that is none is a fault of its
 * own, and no other row suffers from it; but a quote that is never closed takes in all that follows, as it says. Memory is
 * bounded by the chunk and the longest row allowed.
 */
export async function* readCsv({ path, signal, ...rules }: CsvRequest): AsyncGenerator<LineBatch<ReadLine>> {
  await using file = await open(path, 'r');
  const reader = new CsvReader(rules);
  for (let atEnd = false; !atEnd; ) {
    signal.throwIfAborted();
    atEnd = (await reader.read(file)) === 0;
    for (let more = true; more; ) {
      const batch = reader.takeRows(atEnd);
      more = batch !== null;
      if (batch !== null) yield batch;
    }
  }
}

class CsvReader {
  readonly #rules: Omit<CsvRequest, 'path' | 'signal'>;
  readonly #scanner: RowScanner;
  readonly #heads: readonly string[];
  #buffer: Buffer;
  /** The row that is being read begins here; below 0 where its beginning was read past. */
  #row = 0;
  #scanned = 0;
  #filled = 0;
  #position = 0;
  #line = 1;
  #overlong: OverlongReader | null = null;
  #headerDue: boolean;
  #begun = false;
  #isDone = false;

  constructor(rules: Omit<CsvRequest, 'path' | 'signal'>) {
    const { dialect, limits } = rules;
    this.#rules = rules;
    this.#scanner = new RowScanner(dialect, dialect.columns.length);
    this.#heads = dialect.columns.map((name) => `${JSON.stringify(name)}:`);
    this.#headerDue = dialect.header;
    this.#buffer = Buffer.allocUnsafe(limits.chunkBytes);
  }

  async read(file: FileHandle): Promise<number> {
    const { chunkBytes } = this.#rules.limits;
    this.#makeRoom(chunkBytes);
    let read = 0;
    do {
      const { bytesRead } = await file.read(this.#buffer, this.#filled, chunkBytes, this.#position);
      if (bytesRead === 0) break;
      read += bytesRead;
      this.#filled += bytesRead;
      this.#position += bytesRead;
      this.#makeRoom(chunkBytes);
    } while (this.#position < BOM.length);
    if (!this.#begun && this.#buffer.subarray(0, Math.min(this.#filled, BOM.length)).equals(BOM))
      this.#row = this.#scanned = BOM.length;
    this.#begun = true;
    return read;
  }

  #makeRoom(chunkBytes: number): void {
    if (this.#row > 0) {
      this.#buffer.copyWithin(0, this.#row, this.#filled);
      this.#filled -= this.#row;
      this.#scanned -= this.#row;
      this.#row = 0;
    }
    const needed = this.#filled + chunkBytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#filled);
    this.#buffer = larger;
  }

  /** Rows that are read whole, as many as make a chunk of JSON; null once there is none. */
  takeRows(atEnd: boolean): LineBatch<ReadLine> | null {
    const { chunkBytes, lineBytesMax } = this.#rules.limits;
    if (this.#isDone) return null;
    const lines: ReadLine[] = [];
    const text: string[] = [];
    let [written, blank] = [0, 0];
    const write = (json: string) => {
      const start = written;
      written += Buffer.byteLength(json);
      text.push(json);
      return { start, end: written };
    };
    while (written < chunkBytes) {
      const lf = this.#scanner.scan(this.#buffer, this.#row, this.#scanned, this.#filled);
      const terminated = lf !== -1;
      this.#scanned = terminated ? lf + 1 : this.#filled;
      if (!terminated) {
        if (atEnd) {
          this.#isDone = true;
          if (this.#row === this.#filled && this.#overlong === null) break;
          this.#scanner.finish(this.#row, this.#filled);
        } else {
          if (this.#overlong !== null || this.#filled - this.#row > lineBytesMax + 1)
            this.#readPast(this.#filled);
          break;
        }
      }
      const line = this.#takeRow(terminated ? lf : this.#filled, { terminated, write });
      if (line === 'blank') blank += 1;
      else if (line !== null) lines.push(line);
      this.#line += this.#scanner.lines;
      this.#row = this.#scanned;
      this.#scanner.begin();
      if (this.#isDone) break;
    }
    const bytes = Buffer.from(text.join(''));
    return lines.length === 0 && blank === 0 && !atEnd
      ? null
      : { bytes, lines, blank, position: this.#position };
  }

  #readPast(until: number): void {
    this.#overlong ??= overlongReader(this.#offset);
    this.#overlong.add(this.#buffer.subarray(Math.max(0, this.#row), until));
    this.#row -= until;
    this.#filled = this.#scanned = 0;
  }

  /** Of the row's first byte, in the file. */
  get #offset(): number {
    return this.#position - this.#filled + this.#row;
  }

  #takeRow(
    stop: number,
    { terminated, write }: { terminated: boolean; write(json: string): { start: number; end: number } },
  ): ReadLine | 'blank' | null {
    const number = this.#line;
    const scanner = this.#scanner;
    const { lineBytesMax } = this.#rules.limits;
    if (this.#overlong !== null || scanner.end > lineBytesMax) {
      const overlong = this.#overlong ?? overlongReader(this.#offset);
      this.#overlong = null;
      overlong.add(this.#buffer.subarray(Math.max(0, this.#row), stop));
      return { kind: 'overlong', number, offset: overlong.offset, ...overlong.finish(terminated) };
    }
    if (scanner.count === 1 && scanner.end === 0) return 'blank';
    if (this.#headerDue) {
      this.#headerDue = false;
      return null;
    }
    const row = this.#buffer.subarray(this.#row, this.#row + scanner.end);
    const place = { number, offset: this.#offset, length: row.length };
    const violation = this.#violationOf(row);
    if (violation !== null)
      return { kind: 'faulty', ...place, fingerprint: fingerprintOfBytes(row), violation };
    return { kind: 'held', ...place, ...write(this.#jsonOf(row)) };
  }

  #violationOf(row: Buffer): Violation | null {
    const { count, fault } = this.#scanner;
    const { columns } = this.#rules.dialect;
    if (fault !== null) return faultOf(fault, { row, columns });
    if (!isUtf8(row)) return invalidText(row, this.#rules.encoding);
    if (count === columns.length) return null;
    return {
      rule: 'csv_ragged_row',
      pointer: '',
      expected: `${columns.length} fields`,
      received: `${count} ${count === 1 ? 'field' : 'fields'}`,
    };
  }

  #jsonOf(row: Buffer): string {
    const { dialect, kinds } = this.#rules;
    const { starts, ends, flags } = this.#scanner;
    let json = '{';
    for (let index = 0; index < starts.length; index += 1) {
      const flag = flags[index] as number;
      const isQuoted = (flag & QUOTED) !== 0;
      const [start, end] = [starts[index] as number, ends[index] as number];
      let text = isQuoted ? row.toString('utf8', start + 1, end - 1) : row.toString('utf8', start, end);
      if (!isQuoted && text === dialect.null) continue;
      if ((flag & ESCAPED) !== 0) text = withoutEscapes(text, dialect);
      json += `${json === '{' ? '' : ','}${this.#heads[index]}${cellJson(text, kinds[index] ?? 'text')}`;
    }
    return `${json}}`;
  }
}

function withoutEscapes(text: string, { quote, escape: mark }: Dialect): string {
  if (quote === null) return text;
  if (mark === quote) return text.replaceAll(quote + quote, quote);
  let plain = '';
  for (let at = 0; at < text.length; at += 1) plain += text[at] === mark ? (text[++at] ?? '') : text[at];
  return plain;
}

function faultOf(
  { rule, field, offset }: RowFault,
  { row, columns }: { row: Buffer; columns: readonly string[] },
): Violation {
  const column = columns[field];
  const pointer = column === undefined ? '' : `/${column.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const expected =
    rule === 'csv_unclosed_quote'
      ? 'a closing quote'
      : 'quotes around a whole field, those inside it doubled';
  const at = rule === 'csv_unclosed_quote' ? 'the end of the file, opened' : `0x${row[offset]?.toString(16)}`;
  return { rule, pointer, expected, received: `${at} at byte ${offset}` };
}
