import { ERROR_CODES } from '../../errors/codes.ts';
import { secretIn } from '../../model/secrets-in-url.ts';
import type { Unreachable } from '../unreachable.ts';

export function isHttpLocation(declared: string): boolean {
  return /^https?:\/\//i.test(declared);
}

/** The URL as it is asked for, without its fragment, which no server sees. */
export function parseHttpLocation(declared: string): URL | Unreachable {
  const secret = secretIn(declared);
  // Not even its host is told: where a password has a slash in it, the parts are not what they look like.
  if (secret !== null) return refused(`A URL that holds ${secret} is no source`);
  if (!URL.canParse(declared)) return refused(`${declared} is no URL`);
  const url = new URL(declared);
  url.hash = '';
  return url;
}

function refused(what: string): Unreachable {
  return {
    kind: 'unreachable',
    cause: 'refused',
    code: ERROR_CODES.url_refused,
    message: `${what}.`,
    next: 'Declare https://<host>/<path> in the manifest, and its credentials by reference under http.credentials in tidemark.yaml; then run: tidemark check',
  };
}
