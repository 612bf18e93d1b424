import type { IncomingHttpHeaders } from 'node:http';
import { ERROR_CODES } from '../../errors/codes.ts';
import { shownUrl } from '../../model/secrets-in-url.ts';
import { AGAIN, HttpFailure } from './http-failure.ts';

const PASSING: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** An answer that holds no bytes of the source. The server's own words are not repeated: they are whatever it likes. */
export function answerFailure(
  { statusCode = 0, headers }: { statusCode?: number | undefined; headers: IncomingHttpHeaders },
  { url, now }: { url: URL; now: Date },
): HttpFailure {
  return new HttpFailure({
    code: ERROR_CODES.http_refused,
    message: `${shownUrl(url)} answered ${statusCode}.`,
    next: nextAfter(statusCode, url),
    passing: PASSING.has(statusCode),
    retryAfterMs: retryAfter(headers['retry-after'], now),
  });
}

function nextAfter(statusCode: number, { origin }: URL): string {
  if (statusCode === 401 || statusCode === 403)
    return `Give credentials for ${origin} by reference under http.credentials in tidemark.yaml, or mend those that are there; then run again.`;
  if (statusCode === 404 || statusCode === 410) return 'Mend the URL in the manifest, then run again.';
  return AGAIN;
}

/** Seconds, or a date. Null for what is neither. */
export function retryAfter(value: string | undefined, now: Date): number | null {
  if (value === undefined) return null;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000;
  const at = /^[A-Z]/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime());
}
