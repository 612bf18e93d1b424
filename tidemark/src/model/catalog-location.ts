import { isDatabaseUrl, shownDatabaseUrl } from './database-url.ts';

/** Where a catalog is: a file of this machine, or a database that many machines share. */
export type CatalogLocation =
  | { readonly kind: 'sqlite'; readonly path: string }
  /** `url` may hold a password: show `locationText` instead. */
  | { readonly kind: 'postgres'; readonly url: string };

/** The database that is configured, else a file of the home. */
export function catalogLocation({ url, path }: { url: string | null; path: string }): CatalogLocation {
  return url === null ? { kind: 'sqlite', path } : { kind: 'postgres', url };
}

export function isPostgresUrl(text: string): boolean {
  return isDatabaseUrl(text, 'postgres');
}

/** For messages and evidence: never a password, nor a parameter that could hold one. */
export function locationText(location: CatalogLocation): string {
  return location.kind === 'sqlite' ? location.path : shownDatabaseUrl(location.url);
}
