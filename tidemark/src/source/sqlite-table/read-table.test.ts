import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describeRowSource } from '../../testing/row-source-conformance.ts';
import { tempFolder } from '../../testing/temp-folder.ts';
import { openTable } from './read-table.ts';

describeRowSource('A table of a SQLite database', async () => {
  const folder = await tempFolder();
  const path = join(folder.path, 'rows.db');
  const writer = new DatabaseSync(path);
  // With a write-ahead log others may write while a reading is open, so the suite has writers at work.
  writer.exec('PRAGMA journal_mode = WAL; CREATE TABLE rows (id INTEGER PRIMARY KEY, at)');
  const insertion = writer.prepare('INSERT INTO rows (id, at) VALUES (?, ?)');
  const location = { path: 'rows.db', table: 'rows', jsonColumns: [] };
  return {
    insert: async (rows) => {
      writer.exec('BEGIN');
      for (const { id, at } of rows) insertion.run(id, at);
      writer.exec('COMMIT');
    },
    open: async (wanted) => openTable({ path, location, ...wanted }),
    [Symbol.asyncDispose]: async () => {
      writer.close();
      await folder[Symbol.asyncDispose]();
    },
  };
});
