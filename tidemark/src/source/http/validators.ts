import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** What a server said of the bytes that it sent: kept with their receipt, and shown to it the next time. */
export interface HttpValidators {
  /** A strong one, which changes with every byte; null where there is none. */
  readonly etag: string | null;
  readonly lastModified: string | null;
  /** SHA-256 of the URL that answered: another one may give the same tag to other bytes. The URL itself may hold a signature. */
  readonly answeredBy: string;
  /** Of an object in S3, whose listing tells it too. */
  readonly sizeBytes?: number;
  readonly versionId?: string;
}

/** Within this time two versions can bear one date, so a date is no proof of them being the same (RFC 9110, 8.8.2.2). */
const DATE_MS = 60_000;

/** Null where nothing that a server said proves two answers to be byte for byte the same. */
export function validatorsOf(headers: IncomingHttpHeaders, url: URL): HttpValidators | null {
  const etag = /^"[^"]*"$/.test(headers.etag ?? '') ? (headers.etag ?? null) : null;
  const modified = headers['last-modified'];
  const old = Date.parse(headers.date ?? '') - Date.parse(modified ?? '') >= DATE_MS;
  const lastModified = old ? (modified ?? null) : null;
  return etag === null && lastModified === null ? null : { etag, lastModified, answeredBy: urlSum(url) };
}

/** Asks for bytes unless they are those that are known, where this URL gave them. */
export function unlessSame(known: HttpValidators | null, url: URL): Record<string, string> {
  if (known === null || known.answeredBy !== urlSum(url)) return {};
  if (known.etag !== null) return { 'if-none-match': known.etag };
  return known.lastModified === null ? {} : { 'if-modified-since': known.lastModified };
}

/** Asks for the rest of bytes, if they are still those that came before. */
export function restFrom({ etag, lastModified }: HttpValidators, offset: number): Record<string, string> {
  return { range: `bytes=${offset}-`, 'if-range': etag ?? lastModified ?? '' };
}

function urlSum(url: URL): string {
  return hash('sha256', url.href);
}
