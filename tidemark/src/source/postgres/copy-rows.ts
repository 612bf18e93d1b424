import type { ColumnForm } from '../relation/column-form.ts';
import { lineWriter } from '../relation/json-form.ts';
import { holdToRowLimit } from '../relation/relation-failure.ts';

/**
 * The rows of a `COPY … TO STDOUT` in text form, as JSON lines, as many at once as came together. NULL is a property left
 * out. Lines end at line feeds alone: those of values are escaped. All is UTF-8, to which the server holds itself.
 */
export async function* jsonLines(
  stream: AsyncIterable<Uint8Array>,
  { forms, rowBytesMax }: { forms: readonly ColumnForm[]; rowBytesMax: number },
): AsyncGenerator<readonly string[]> {
  const write = lineWriter(forms);
  for await (const rows of wholeRows(stream, rowBytesMax)) {
    const lines = rows.toString().split('\n');
    lines.pop();
    yield lines.map((line) => write(cellsOf(line)));
  }
}

function cellsOf(line: string): (string | null)[] {
  const cells: (string | null)[] = line.split('\t');
  if (!line.includes('\\')) return cells;
  return cells.map((cell) => (cell === null || cell === '\\N' ? null : unescaped(cell)));
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

function unescaped(cell: string): string {
  if (!cell.includes('\\')) return cell;
  return cell.replaceAll(/\\(.)/gs, (_, character: string) => ESCAPES[character] ?? character);
}

const LINE_FEED = 0x0a;

/** Pieces that end where a row does. */
async function* wholeRows(stream: AsyncIterable<Uint8Array>, rowBytesMax: number): AsyncGenerator<Buffer> {
  let begun: Uint8Array[] = [];
  let begunBytes = 0;
  for await (const piece of stream) {
    const end = piece.lastIndexOf(LINE_FEED) + 1;
    if (end > 0) {
      yield Buffer.concat([...begun, piece.subarray(0, end)]);
      begun = [];
      begunBytes = 0;
    }
    if (end === piece.length) continue;
    begun.push(piece.subarray(end));
    begunBytes += piece.length - end;
    holdToRowLimit(begunBytes, rowBytesMax);
  }
}
