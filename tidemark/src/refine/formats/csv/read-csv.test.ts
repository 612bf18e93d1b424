import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { tempFolder } from '../../../testing/temp-folder.ts';
import { fingerprintOfBytes } from '../../fingerprint.ts';
import type { ReadLine } from '../../split-lines.ts';
import type { Dialect } from './dialect.ts';
import { readCsv } from './read-csv.ts';

const PLAIN: Dialect = {
  delimiter: ',',
  quote: '"',
  escape: '"',
  header: false,
  null: '',
  columns: ['a', 'b', 'c'],
};

interface Seen {
  readonly rows: readonly unknown[][];
  readonly blank: number;
}

/** What was read, row by row: its place, and its record or what is wrong with it. */
async function read(text: string | Buffer, dialect: Partial<Dialect> = {}, limits = {}): Promise<Seen> {
  await using folder = await tempFolder();
  const path = await folder.write('rows.csv', text);
  const whole = { ...PLAIN, ...dialect };
  const rows: unknown[][] = [];
  let blank = 0;
  const { signal } = new AbortController();
  const kinds = whole.columns.map(() => 'text' as const);
  const given = { chunkBytes: 64 * 1024, lineBytesMax: 1024 * 1024, ...limits };
  for await (const batch of readCsv({ path, dialect: whole, kinds, limits: given, signal })) {
    blank += batch.blank;
    for (const line of batch.lines) rows.push([line.number, line.offset, ...seenOf(line, batch.bytes)]);
  }
  return { rows, blank };
}

function seenOf(line: ReadLine, bytes: Buffer): unknown[] {
  if (line.kind === 'held') return [line.length, JSON.parse(bytes.subarray(line.start, line.end).toString())];
  return line.kind === 'faulty'
    ? [line.length, line.violation.rule, line.fingerprint]
    : [line.length, 'overlong', line.fingerprint];
}

/**
 * A slow and simple reader of the same: a regular expression over the whole text, one row at a time. It knows no limits.
 */
function referenceRows(text: string, { columns }: Pick<Dialect, 'columns'> = PLAIN): Seen {
  const rows: unknown[][] = [];
  let blank = 0;
  let [at, number] = [0, 1];
  const bytesTo = (end: number) => Buffer.byteLength(text.slice(0, end));
  while (at < text.length) {
    let end = at;
    // A quote opens where a field begins, and closes at the next one that is not doubled.
    for (let begins = true; end < text.length && text[end] !== '\n'; ) {
      if (begins && text[end] === '"') {
        const [whole] = /^"(?:[^"]|"")*"?/.exec(text.slice(end)) as RegExpExecArray;
        end += whole.length;
      } else end += 1;
      begins = text[end - 1] === ',' && !inQuotes(text.slice(at, end));
    }
    const row = text.slice(at, end);
    const content = text[end] === '\n' && row.endsWith('\r') ? row.slice(0, -1) : row;
    const place = [number, bytesTo(at), Buffer.byteLength(content)];
    if (content === '') blank += 1;
    else rows.push([...place, ...outcome(content, columns)]);
    number += text.slice(at, end + 1).split('\n').length - 1;
    at = end + 1;
  }
  return { rows, blank };
}

function fieldsOf(row: string): string[] {
  const fields: string[] = [];
  for (let rest = row; ; ) {
    const [field = ''] = /^(?:"(?:[^"]|"")*"?[^,]*|[^,]*)/.exec(rest) as RegExpExecArray;
    fields.push(field);
    if (field.length === rest.length) return fields;
    rest = rest.slice(field.length + 1);
  }
}

/** Whether the last field of the text is open. */
function inQuotes(text: string): boolean {
  return /^"(?:[^"]|"")*$/.test(fieldsOf(text).at(-1) ?? '');
}

function outcome(row: string, columns: readonly string[]): unknown[] {
  const fields = fieldsOf(row);
  const fingerprint = fingerprintOfBytes(Buffer.from(row));
  for (const field of fields) {
    if (/^"(?:[^"]|"")*$/.test(field)) return ['csv_unclosed_quote', fingerprint];
    if (field.includes('"') && !/^"(?:[^"]|"")*"$/.test(field)) return ['csv_stray_quote', fingerprint];
  }
  if (fields.length !== columns.length) return ['csv_ragged_row', fingerprint];
  const values = fields.map((field) =>
    field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field,
  );
  return [Object.fromEntries(columns.flatMap((name, at) => (fields[at] === '' ? [] : [[name, values[at]]])))];
}

const hostile = fc
  .array(fc.constantFrom('"', '""', ',', '\n', '\r\n', '\r', 'x', 'é', ' ', '"a"', ',"b', '"\n', 'c,d\n'), {
    maxLength: 30,
  })
  .map((parts) => parts.join(''));
const chunkBytes = fc.integer({ min: 1, max: 40 });

describe('reading delimited text', () => {
  it('comes to what a slow and simple reader comes to, on any text, however the reads cut it', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, chunkBytes, async (text, chunk) => {
        assert.deepEqual(await read(text, {}, { chunkBytes: chunk }), referenceRows(text));
      }),
      { numRuns: 400 },
    );
  });

  it('gives back every table that is written by the book', async () => {
    const cell = fc.oneof(
      fc.string({ maxLength: 8, unit: 'grapheme' }),
      fc.constantFrom('"', ',', '\n', '\r\n', 'a;b'),
    );
    const table = fc.array(fc.tuple(cell, cell, cell), { maxLength: 8 });
    const style = fc.record({
      delimiter: fc.constantFrom(',', ';', '\t', '|'),
      end: fc.constantFrom('\n', '\r\n'),
      bom: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(table, style, chunkBytes, async (cells, { delimiter, end, bom }, chunk) => {
        const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;
        const lines = cells.map((row) => row.map(quoted).join(delimiter) + end);
        const { rows } = await read(
          `${bom ? '\uFEFF' : ''}${lines.join('')}`,
          { delimiter },
          { chunkBytes: chunk },
        );
        assert.deepEqual(
          rows.map((row) => row[3]),
          cells.map(([a, b, c]) => ({ a, b, c })),
        );
      }),
      { numRuns: 150 },
    );
  });

  it('has the place of a row where its first byte is, behind a byte order mark, a header and embedded newlines', async () => {
    const text = '\uFEFFa,b,c\r\n1,"two\nlines",3\r\n\r\n4,5,6';
    assert.deepEqual(await read(text, { header: true }), {
      rows: [
        [2, 10, 15, { a: '1', b: 'two\nlines', c: '3' }],
        [5, 29, 5, { a: '4', b: '5', c: '6' }],
      ],
      blank: 1,
    });
  });

  it('says of each bad row what is wrong where, and of its neighbours nothing', async () => {
    const rules = async (text: string | Buffer) =>
      (await read(text)).rows.map(([line, , , what]) => [line, typeof what === 'string' ? what : 'good']);
    assert.deepEqual(await rules('1,2,3\n1,2\n1,2,3,4\n1,b"c,3\n1,"b"c,3\n"1"\r,2,3\n4,5,6\n'), [
      [1, 'good'],
      [2, 'csv_ragged_row'],
      [3, 'csv_ragged_row'],
      [4, 'csv_stray_quote'],
      [5, 'csv_stray_quote'],
      [6, 'csv_stray_quote'],
      [7, 'good'],
    ]);
    assert.deepEqual(await rules('1,2,3\n1,"2,3\n4,5,6\n'), [
      [1, 'good'],
      [2, 'csv_unclosed_quote'],
    ]);
    assert.deepEqual(await rules(Buffer.from('1,2,3\n1,\xe9,3\n4,5,6\n', 'latin1')), [
      [1, 'good'],
      [2, 'invalid_utf8'],
      [3, 'good'],
    ]);
  });

  it('reads past a row that is longer than allowed, quoted or not, in bounded memory', async () => {
    const long = 'x'.repeat(10_000);
    for (const row of [`1,${long},3`, `1,"${long}\n${long}",3`, ','.repeat(10_000)]) {
      const text = `1,2,3\n${row}\r\n4,5,6\n`;
      const limits = { lineBytesMax: 1000, chunkBytes: 256 };
      const { rows } = await read(text, {}, limits);
      const lines = row.split('\n').length;
      assert.deepEqual(rows, [
        [1, 0, 5, { a: '1', b: '2', c: '3' }],
        [2, 6, row.length, 'overlong', fingerprintOfBytes(Buffer.from(row))],
        [2 + lines, 6 + row.length + 2, 5, { a: '4', b: '5', c: '6' }],
      ]);
    }
  });

  it('follows the dialect: other marks, escapes in front of quotes, no quotes at all, what says that there is no value', async () => {
    const values = async (text: string, dialect: Partial<Dialect>) =>
      (await read(text, dialect)).rows.map((row) => row[3]);
    assert.deepEqual(
      await values("'a;b';'it\\'s';\\N\n", { delimiter: ';', quote: "'", escape: '\\', null: '\\N' }),
      [{ a: 'a;b', b: "it's" }],
    );
    assert.deepEqual(await values('say "a",b,"c\n', { quote: null }), [{ a: 'say "a"', b: 'b', c: '"c' }]);
    assert.deepEqual(await values('NULL,"NULL",\n', { null: 'NULL' }), [{ b: 'NULL', c: '' }]);
  });
});
