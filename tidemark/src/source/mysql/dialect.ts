import { isUtf8 } from 'node:buffer';
import { addAbortSignal } from 'node:stream';
import { cursorColumn } from '../relation/cursor-column.ts';
import type { Dialect } from '../relation/dialect.ts';
import { lineWriter } from '../relation/json-form.ts';
import { holdToRowLimit, notHad } from '../relation/relation-failure.ts';
import type { MysqlForm } from './column-form.ts';
import { CURSORS } from './cursor-column.ts';
import { describeRelation, quoted } from './describe-relation.ts';
import { failureOf } from './failure-of.ts';
import { transactionStart } from './safe-bound.ts';
import { AS_WRITTEN, beginSnapshot, connect, isMariadb, type Session } from './session.ts';

/** MySQL and MariaDB: one SELECT in the text form of the protocol brings the rows, with every value as the server writes it. */
export const MYSQL: Dialect<Session, MysqlForm> = {
  connect,
  versionOf: async (session) =>
    `${isMariadb(session) ? 'MariaDB' : 'MySQL'} ${session.version.split('-', 1)[0]}`,
  transactionStart,
  transactionId: null,
  beginSnapshot,
  hidesRows: null,
  describe: describeRelation,
  quote: quoted,
  cursorColumn: (wanted) => cursorColumn(CURSORS, wanted),
  lines: jsonLines,
  failureOf,
};

/** Rows between the socket and us. */
const ROWS_AHEAD = 16;

async function* jsonLines(
  session: Session,
  {
    select,
    forms,
    rowBytesMax,
    signal,
  }: { select: string; forms: readonly MysqlForm[]; rowBytesMax: number; signal: AbortSignal },
): AsyncGenerator<readonly string[]> {
  const write = lineWriter(forms);
  const { connection } = session;
  const query = connection.query({ sql: select, ...AS_WRITTEN });
  const rows = addAbortSignal(signal, query.stream({ highWaterMark: ROWS_AHEAD }));
  // The driver tells the loss of its connection to the connection alone, and a stream of rows would wait for ever.
  const lost = (error: Error) => void rows.destroy(error);
  connection.once('error', lost);
  let whole = false;
  try {
    for await (const cells of rows as AsyncIterable<readonly (Buffer | null)[]>) {
      holdToRowLimit(
        cells.reduce((sum, cell) => sum + (cell?.length ?? 0), 0),
        rowBytesMax,
      );
      yield [write(forms.map((form, at) => textOf(form, cells[at] ?? null)))];
    }
    whole = true;
  } finally {
    connection.off('error', lost);
    if (!whole) session.cut();
  }
}

const REPLACED = '\ufffd';

function textOf({ name, bytes }: MysqlForm, cell: Buffer | null): string | null {
  if (cell === null) return null;
  if (bytes) return cell.toString('hex');
  const text = cell.toString();
  if (text.includes(REPLACED) && !isUtf8(cell))
    throw notHad(`column ${name} holds bytes that are no UTF-8, and are declared as text`, undefined);
  return text;
}
