import { lookup as systemLookup } from 'node:dns';
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { ERROR_CODES } from '../../errors/codes.ts';
import { shownUrl } from '../../model/secrets-in-url.ts';
import { AGAIN, HttpFailure } from './http-failure.ts';
import { isAllowed, isPublicAddress } from './public-address.ts';

/** Resolves a name to all of its addresses; the system's where nothing else is said. */
export type ResolveName = (
  name: string,
  options: { all: true; order: 'verbatim' },
  done: (error: NodeJS.ErrnoException | null, addresses: { address: string; family: number }[]) => void,
) => void;

export interface Asking {
  readonly allowPrivate: readonly string[];
  /** Longest time without a byte, and for connecting. */
  readonly idleMs: number;
  readonly signal: AbortSignal;
  readonly resolveName?: ResolveName;
}

/**
 * One GET over a connection of its own. The name is resolved here, every address of it is judged, and the socket connects
 * to what was judged: a second answer of the name server is never asked for. `node:http` and not `fetch`: the bytes come as
 * they are sent, where fetch decodes them, and fetch lets nobody see the address without another library.
 * @throws HttpFailure; AbortError when cancelled
 */
export async function askOnce(
  url: URL,
  headers: Readonly<Record<string, string>>,
  { allowPrivate, idleMs, signal, resolveName = systemLookup }: Asking,
): Promise<IncomingMessage> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const judge = (address: string) => {
    if (!isPublicAddress(address) && !isAllowed({ host, port, address }, allowPrivate))
      throw privateAddress(url, address);
  };
  if (isIP(host) !== 0) judge(host);
  const lookup: LookupFunction = (name, options, done) => {
    resolveName(name, { all: true, order: 'verbatim' }, (error, addresses) => {
      if (error !== null) return done(error, []);
      try {
        for (const { address } of addresses) judge(address);
      } catch (refused) {
        return done(refused as Error, []);
      }
      const [first] = addresses;
      if (options.all) done(null, addresses);
      else done(null, first?.address ?? '', first?.family);
    });
  };
  const options: RequestOptions = {
    headers: { 'user-agent': 'tidemark', accept: '*/*', 'accept-encoding': 'identity', ...headers },
    agent: false,
    timeout: idleMs,
    lookup,
    signal,
  };
  return await new Promise<IncomingMessage>((resolve, reject) => {
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options);
    request.once('response', resolve);
    request.once('timeout', () => request.destroy(silent(url, idleMs)));
    // Also after the response has begun: then its body tells of it, and nobody waits here any more.
    request.on('error', (error) => reject(asFailure(error, { url, signal })));
    request.end();
  });
}

/** What the system says of a connection, as a failure; it may pass, all but a name or a certificate that is wrong. */
function asFailure(error: unknown, { url, signal }: { url: URL; signal: AbortSignal }): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof HttpFailure) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  return new HttpFailure({
    code: ERROR_CODES.http_unanswered,
    message: `${shownUrl(url)} cannot be reached: ${message}.`,
    next: `See that ${url.host} runs and can be reached from here, then run the same command again.`,
    passing: code !== 'ENOTFOUND' && !/^(ERR_TLS|CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO)/.test(code),
  });
}

function silent(url: URL, idleMs: number): HttpFailure {
  return new HttpFailure({
    code: ERROR_CODES.http_unanswered,
    message: `${shownUrl(url)} sent nothing for ${idleMs / 1000} s.`,
    next: AGAIN,
    passing: true,
  });
}

function privateAddress(url: URL, address: string): HttpFailure {
  return new HttpFailure({
    code: ERROR_CODES.private_address,
    message: `${shownUrl(url)} leads to ${address}, which is not an address of the public internet.`,
    next: `If it is meant to be read, name it under http.allow_private in tidemark.yaml (- ${url.host}), then run the same command again.`,
  });
}
