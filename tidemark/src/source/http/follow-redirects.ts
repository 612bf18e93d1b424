import type { IncomingMessage } from 'node:http';
import { ERROR_CODES } from '../../errors/codes.ts';
import { shownUrl } from '../../model/secrets-in-url.ts';
import { type Asking, askOnce } from './ask-once.ts';
import { HttpFailure } from './http-failure.ts';

export interface Answer {
  readonly response: IncomingMessage;
  /** Who gave it, after all redirects. */
  readonly url: URL;
  /** Whether it was asked with the credentials of the origin that was declared. */
  readonly trusted: boolean;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Asks a URL and goes where its answers lead, each hop judged as if it had been declared. Credentials go to the origin
 * that was declared and to no other; once it is left they are not sent again, though a later hop leads back.
 */
export async function followRedirects(
  from: URL,
  request: {
    /** What is asked of a hop. */
    headers(url: URL): Readonly<Record<string, string>>;
    credentials: Readonly<Record<string, string>>;
    redirectsMax: number;
    asking: Asking;
  },
): Promise<Answer> {
  let url = from;
  let trusted = true;
  const seen = new Set<string>();
  for (;;) {
    seen.add(url.href);
    const headers = { ...request.headers(url), ...(trusted && request.credentials) };
    const response = await askOnce(url, headers, request.asking);
    if (!REDIRECTS.has(response.statusCode ?? 0)) return { response, url, trusted };
    response.destroy();
    const next = nextHop(url, response.headers.location);
    if (seen.has(next.href)) throw redirected(url, `leads back to ${shownUrl(next)}`);
    if (seen.size > request.redirectsMax)
      throw redirected(from, `leads through more than ${request.redirectsMax} redirects`);
    trusted &&= next.origin === from.origin;
    url = next;
  }
}

function nextHop(url: URL, location: string | undefined): URL {
  if (location === undefined || !URL.canParse(location, url.href))
    throw redirected(url, 'redirects without saying where to');
  const next = new URL(location, url.href);
  if (next.protocol !== 'https:' && (next.protocol !== 'http:' || url.protocol === 'https:'))
    throw redirected(url, `redirects from ${url.protocol}// to ${next.protocol}//`);
  // A user in it would be sent as a credential that nobody declared.
  if (next.username !== '' || next.password !== '')
    throw redirected(url, `redirects to ${shownUrl(next)} with a user in the URL`);
  next.hash = '';
  return next;
}

function redirected(url: URL, does: string): HttpFailure {
  return new HttpFailure({
    code: ERROR_CODES.redirect_refused,
    message: `${shownUrl(url)} ${does}.`,
    next: 'Declare the URL that the bytes are at in the manifest, then run again.',
  });
}
