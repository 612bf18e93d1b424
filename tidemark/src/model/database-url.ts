/** Kinds of databases, by the scheme of a source that is read from one. */
export const DATABASES = ['postgres', 'mysql'] as const;
export type DatabaseKind = (typeof DATABASES)[number];

const URLS: Readonly<Record<DatabaseKind, RegExp>> = {
  postgres: /^postgres(ql)?:\/\//i,
  mysql: /^mysql:\/\//i,
};

/** By its scheme alone: a URL with references in it is none yet. */
export function databaseOf(text: string): DatabaseKind | null {
  return DATABASES.find((database) => URLS[database].test(text)) ?? null;
}

export function isDatabaseUrl(text: string, database: DatabaseKind | null = databaseOf(text)): boolean {
  return database !== null && URLS[database].test(text) && URL.canParse(text);
}

/** For messages and evidence: never a password, nor a parameter that could hold one. */
export function shownDatabaseUrl(url: string): string {
  const { username, hostname, port, pathname } = new URL(url);
  return `${databaseOf(url)}://${username && `${username}@`}${hostname}${port && `:${port}`}${pathname}`;
}
