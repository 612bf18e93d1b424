import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { SampleProject } from './sample-project.ts';

/** Opens a database below a project's root for writing; the caller closes it. */
export async function openDatabase(project: SampleProject, path: string): Promise<DatabaseSync> {
  const file = join(project.root, path);
  await mkdir(dirname(file), { recursive: true });
  return new DatabaseSync(file);
}

/** A table whose columns are those of the first record; lists and objects are kept as JSON text. */
export function createTable(database: DatabaseSync, name: string, record: Record<string, unknown>): void {
  const columns = Object.entries(record).map(
    ([column, value]) => `"${column}" ${typeof value === 'object' ? 'JSON' : ''}`,
  );
  database.exec(`CREATE TABLE "${name}" (${columns.join(', ')})`);
}

export function insertRows(
  database: DatabaseSync,
  name: string,
  records: readonly Record<string, unknown>[],
): void {
  database.exec('BEGIN');
  for (const record of records) {
    const columns = Object.keys(record).map((column) => `"${column}"`);
    const places = columns.map(() => '?');
    const values = Object.values(record).map((value) =>
      typeof value === 'object' && value !== null ? JSON.stringify(value) : value,
    );
    database
      .prepare(`INSERT INTO "${name}" (${columns.join(', ')}) VALUES (${places.join(', ')})`)
      .run(...(values as (string | number | bigint | null)[]));
  }
  database.exec('COMMIT');
}
