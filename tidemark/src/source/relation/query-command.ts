import { type DatabaseKind, shownDatabaseUrl } from '../../model/database-url.ts';
import { fromClause, type Relation } from './relation.ts';

/** How a person asks a kind of database: how names are quoted, and the words of its own client. */
const CLIENTS: Readonly<
  Record<DatabaseKind, { quote(name: string): string; words(url: string, sql: string): string[] }>
> = {
  postgres: {
    quote: (name) => `"${name.replaceAll('"', '""')}"`,
    words: (url, sql) => ['psql', shownDatabaseUrl(url), '-c', sql],
  },
  mysql: {
    quote: (name) => `\`${name.replaceAll('`', '``')}\``,
    words: (url, sql) => {
      const { hostname, port, username, pathname } = new URL(url);
      const to = [`--host=${hostname}`, ...(port === '' ? [] : [`--port=${port}`])];
      const as = username === '' ? [] : [`--user=${decodeURIComponent(username)}`];
      return ['mysql', ...to, ...as, '--password', '--execute', sql, decodeURIComponent(pathname.slice(1))];
    },
  },
};

/** The command by which a person looks at rows in the database itself, word by word, without a password. */
export function queryCommand(
  { database, url, relation }: { database: DatabaseKind; url: string; relation: Relation },
  where: (quote: (name: string) => string) => string,
): string[] {
  const { quote, words } = CLIENTS[database];
  return words(url, `SELECT * FROM ${fromClause(relation, quote)} ${where(quote)}`);
}
