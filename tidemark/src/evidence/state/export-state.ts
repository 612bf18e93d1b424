import { sql } from 'kysely';
import type { CatalogReader } from '../../catalog/catalog.ts';

/** What is exported, each in the order of its key. */
const TABLES = [
  ['cursors', 'table_name, source_id, cursor_field'],
  ['watermarks', 'table_name, source_id'],
  ['verified', 'table_name, source_id'],
  ['checkpoints', 'manifest_id, batch_id, source_id, split'],
  ['verifications', 'seq'],
  ['progress_moves', 'seq'],
] as const;

const ROWS_PER_PAGE = 1000;

/**
 * All progress as one JSON document, piece by piece: one line a row, in a fixed order and without the time of the export,
 * so that the same state gives the same text.
 */
export async function* exportState(catalog: CatalogReader): AsyncGenerator<string> {
  yield '{\n"format": "tidemark-state-1"';
  for (const [table, order] of TABLES) {
    yield `,\n${JSON.stringify(table)}: [`;
    let before = '\n';
    for (let offset = 0; ; offset += ROWS_PER_PAGE) {
      const { rows } = await sql`SELECT * FROM ${sql.table(table)} ORDER BY ${sql.raw(order)}
        LIMIT ${ROWS_PER_PAGE} OFFSET ${offset}`.execute(catalog);
      for (const row of rows) {
        yield `${before}${JSON.stringify(row)}`;
        before = ',\n';
      }
      if (rows.length < ROWS_PER_PAGE) break;
    }
    yield ']';
  }
  yield '\n}\n';
}
