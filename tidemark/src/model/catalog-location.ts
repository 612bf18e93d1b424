/** Where a catalog is: a file of this machine, or a database that many machines share. */
export type CatalogLocation =
  | { readonly kind: 'sqlite'; readonly path: string }
  /** `url` may hold a password: show `locationText` instead. */
  | { readonly kind: 'postgres'; readonly url: string };

/** The database that is configured, else a file of the home. */
export function catalogLocation({ url, path }: { url: string | null; path: string }): CatalogLocation {
  return url === null ? { kind: 'sqlite', path } : { kind: 'postgres', url };
}

const POSTGRES_URL = /^postgres(ql)?:\/\//i;

export function isPostgresUrl(text: string): boolean {
  return POSTGRES_URL.test(text) && URL.canParse(text);
}

/** For messages and evidence: never a password, nor a parameter that could hold one. */
export function locationText(location: CatalogLocation): string {
  if (location.kind === 'sqlite') return location.path;
  const { username, hostname, port, pathname } = new URL(location.url);
  return `postgres://${username && `${username}@`}${hostname}${port && `:${port}`}${pathname}`;
}
