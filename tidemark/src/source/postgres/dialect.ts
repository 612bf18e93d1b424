import { addAbortSignal } from 'node:stream';
import { to as copyTo } from 'pg-copy-streams';
import { cursorColumn } from '../relation/cursor-column.ts';
import type { Dialect } from '../relation/dialect.ts';
import { jsonLines } from './copy-rows.ts';
import { CURSORS } from './cursor-column.ts';
import { describeRelation, quoted } from './describe-relation.ts';
import { failureOf } from './failure-of.ts';
import { hidesRows } from './row-security.ts';
import { transactionId, transactionStart } from './safe-bound.ts';
import { beginSnapshot, connect, type Session } from './session.ts';

/** PostgreSQL 13 and later: one `COPY` brings the rows, with every value as the text that loses nothing. */
export const POSTGRES: Dialect<Session> = {
  connect,
  versionOf: async ({ rows }) => {
    const [[version] = []] = await rows('SHOW server_version');
    // Some builds tell more after it.
    return `PostgreSQL ${String(version).split(' ', 1)[0]}`;
  },
  transactionStart,
  transactionId,
  beginSnapshot,
  hidesRows,
  describe: describeRelation,
  quote: quoted,
  cursorColumn: (wanted) => cursorColumn(CURSORS, wanted),
  lines: ({ client }, { select, forms, rowBytesMax, signal }) => {
    const copy = addAbortSignal(signal, client.query(copyTo(`COPY (${select}) TO STDOUT`)));
    // Escapes of COPY at most double a row.
    return jsonLines(copy, { forms, rowBytesMax: 2 * rowBytesMax });
  },
  failureOf,
};
