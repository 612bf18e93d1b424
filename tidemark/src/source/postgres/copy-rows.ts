import type { ColumnForm } from './column-form.ts';
import { unreadableRelation } from './relation-failure.ts';

/**
 * The rows of a `COPY … TO STDOUT` in text form, as JSON lines. NULL is a property left out. Lines end at line feeds alone:
 * those of values are escaped. All is UTF-8, to which the server holds itself.
 */
export async function* jsonLines(
  stream: AsyncIterable<Uint8Array>,
  { forms, rowBytesMax }: { forms: readonly ColumnForm[]; rowBytesMax: number },
): AsyncGenerator<string> {
  const names = forms.map(({ name }) => `${JSON.stringify(name)}:`);
  for await (const rows of wholeRows(stream, rowBytesMax)) {
    const lines = rows.toString().split('\n');
    lines.pop();
    for (const line of lines) yield rowLine(line, { forms, names });
  }
}

function rowLine(
  line: string,
  { forms, names }: { forms: readonly ColumnForm[]; names: readonly string[] },
): string {
  const escaped = line.includes('\\');
  const cells = line.split('\t');
  let json = '';
  for (let at = 0; at < forms.length; at += 1) {
    const cell = cells[at] ?? '\\N';
    if (cell === '\\N') continue;
    const text = escaped ? unescaped(cell) : cell;
    json += `${json === '' ? '{' : ','}${names[at]}${forms[at]?.toJson(text)}`;
  }
  return json === '' ? '{}\n' : `${json}}\n`;
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
    if (begunBytes > rowBytesMax)
      throw unreadableRelation(
        `a row is longer than ${rowBytesMax} bytes`,
        'Raise limits.lineBytesMax in tidemark.yaml, or declare a query there that leaves the long column out; then run again.',
      );
  }
}
