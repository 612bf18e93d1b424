import type { DatabaseKind } from '../model/database-url.ts';
import type { Dialect } from './relation/dialect.ts';

/** By what a kind of database is read. Who has none of it does not load its driver. */
export async function loadDialect(database: DatabaseKind): Promise<Dialect> {
  const dialect =
    database === 'postgres'
      ? (await import('./postgres/dialect.ts')).POSTGRES
      : (await import('./mysql/dialect.ts')).MYSQL;
  // Each takes only the sessions and the forms that it made itself.
  return dialect as unknown as Dialect;
}
