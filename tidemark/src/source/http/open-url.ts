import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { ERROR_CODES } from '../../errors/codes.ts';
import { shownUrl } from '../../model/secrets-in-url.ts';
import { answerFailure } from './answer-failure.ts';
import { type Asking, askOnce } from './ask-once.ts';
import { type Answer, followRedirects } from './follow-redirects.ts';
import { AGAIN, BeginAnew, HttpFailure } from './http-failure.ts';
import type { Patience } from './patience.ts';
import { type HttpValidators, restFrom, unlessSame, validatorsOf } from './validators.ts';

export interface UrlRequest {
  readonly url: URL;
  /** Headers of the origin that is declared. */
  readonly credentials: Readonly<Record<string, string>>;
  /** What came from it before and is stored; null to have the bytes sent. */
  readonly known: HttpValidators | null;
  /** As the manifest declares it: without it, a body whose end the server does not state is not taken. */
  readonly declaredBytes: number | null;
  readonly bytesMax: number;
  readonly redirectsMax: number;
  readonly asking: Asking;
  readonly patience: Patience;
}

export type UrlReading =
  /** The server says that the bytes are those that are known. */
  | { readonly kind: 'unchanged' }
  | {
      readonly kind: 'body';
      /** As the server states it before it sends. */
      readonly sizeBytes: number | null;
      readonly validators: HttpValidators | null;
      /** The bytes as they are sent. @throws BeginAnew when what came cannot be gone on from */
      chunks(): AsyncIterable<Uint8Array>;
      close(): void;
    };

/**
 * Asks for the bytes of a URL, following redirects.
 * @throws HttpFailure; AbortError when cancelled
 */
export async function openUrl(request: UrlRequest): Promise<UrlReading> {
  const { url, credentials, known, redirectsMax, asking } = request;
  const answer = await followRedirects(url, {
    headers: (hop) => unlessSame(known, hop),
    credentials,
    redirectsMax,
    asking,
  });
  const { response } = answer;
  if (response.statusCode === 304 && Object.keys(unlessSame(known, answer.url)).length > 0) {
    response.destroy();
    return { kind: 'unchanged' };
  }
  if (response.statusCode !== 200) {
    response.destroy();
    throw answerFailure(response, { url: answer.url, now: new Date() });
  }
  try {
    const sizeBytes = statedSize(request, answer);
    const validators = validatorsOf(response.headers, answer.url);
    return {
      kind: 'body',
      sizeBytes,
      validators,
      chunks: () => body(request, { answer, sizeBytes, validators }),
      close: () => response.destroy(),
    };
  } catch (error) {
    response.destroy();
    throw error;
  }
}

/** A body that ends with its connection cannot be told from one that was cut, unless its size is declared. */
function statedSize({ declaredBytes, bytesMax }: UrlRequest, { response, url }: Answer): number | null {
  const { 'content-length': length, 'transfer-encoding': encoding } = response.headers;
  const size = length === undefined ? null : Number(length);
  if (size === null && encoding === undefined && declaredBytes === null) {
    throw new HttpFailure({
      code: ERROR_CODES.http_body,
      message: `${shownUrl(url)} does not say where its bytes end, so a whole answer cannot be told from a cut one.`,
      next: 'Declare size_bytes for it in the manifest, then run again.',
    });
  }
  const stated = size ?? (encoding === undefined ? declaredBytes : null);
  if (stated !== null && stated > bytesMax) throw tooLarge(url, bytesMax);
  return stated;
}

interface Body {
  readonly answer: Answer;
  readonly sizeBytes: number | null;
  readonly validators: HttpValidators | null;
}

/** Goes on where a connection was cut, at the same URL, as long as the server proves that the bytes are still the same. */
async function* body(request: UrlRequest, from: Body): AsyncGenerator<Uint8Array> {
  const { patience, bytesMax, asking } = request;
  const { url } = from.answer;
  let { sizeBytes } = from;
  let received = 0;
  let response = from.answer.response;
  for (;;) {
    const why = yield* connection(response);
    if (why === null) return;
    patience.reached(received);
    await patience.afterFailure(cut(url, { received, sizeBytes, why }));
    for (;;) {
      try {
        const rest = await askRest(request, { ...from, sizeBytes, received });
        ({ response, sizeBytes } = rest);
        break;
      } catch (error) {
        if (!(error instanceof HttpFailure)) throw error;
        await patience.afterFailure(error);
      }
    }
  }

  /** One connection to its end; why that was not the end of the bytes, or null. */
  async function* connection(one: IncomingMessage): AsyncGenerator<Uint8Array, string | null> {
    try {
      for await (const chunk of one as AsyncIterable<Buffer>) {
        if (received + chunk.length > bytesMax) throw tooLarge(url, bytesMax);
        if (received + chunk.length > (sizeBytes ?? bytesMax)) return 'more bytes came than were stated';
        received += chunk.length;
        yield chunk;
      }
    } catch (error) {
      asking.signal.throwIfAborted();
      if (error instanceof HttpFailure && !error.passing) throw error;
      return (error as Error).message;
    }
    return one.complete && received === (sizeBytes ?? received) ? null : 'the connection ended';
  }
}

/** The rest of bytes of which so many are here, and the size of the whole. */
async function askRest(
  request: UrlRequest,
  from: Body & { readonly received: number },
): Promise<{ response: IncomingMessage; sizeBytes: number }> {
  const { validators, answer, received, sizeBytes } = from;
  const { url, trusted } = answer;
  if (validators === null) throw new BeginAnew('the server gave nothing to go on by');
  if (received === 0 || received >= (sizeBytes ?? Number.POSITIVE_INFINITY))
    throw new BeginAnew('there is nothing to go on from');
  const headers = { ...restFrom(validators, received), ...(trusted && request.credentials) };
  const response = await askOnce(url, headers, request.asking);
  const whole = response.statusCode === 206 ? wholeOf(response.headers, from) : null;
  if (whole !== null) return { response, sizeBytes: whole };
  response.destroy();
  const failure = answerFailure(response, { url, now: new Date() });
  // Whatever else it answers (the whole, a redirect, a refusal): what is here already is not gone on from.
  throw failure.passing ? failure : new BeginAnew('the bytes changed, or ranges are not served');
}

/** The size of the whole that a part is the rest of; null where it is not the rest of what is here. */
function wholeOf(
  headers: IncomingHttpHeaders,
  { answer, received, sizeBytes }: Body & { readonly received: number },
): number | null {
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers['content-range'] ?? '') ?? [];
  const whole = total === undefined || total === '*' ? sizeBytes : Number(total);
  if (whole === null || whole !== (sizeBytes ?? whole)) return null;
  if (Number(first) !== received || Number(last) !== whole - 1) return null;
  const before = answer.response.headers;
  if (headers['content-encoding'] !== before['content-encoding']) return null;
  return headers.etag === undefined || headers.etag === before.etag ? whole : null;
}

function cut(
  url: URL,
  { received, sizeBytes, why }: { received: number; sizeBytes: number | null; why: string },
): HttpFailure {
  const of = sizeBytes === null ? '' : ` of ${sizeBytes}`;
  return new HttpFailure({
    code: ERROR_CODES.http_body,
    message: `${shownUrl(url)} broke off after ${received}${of} bytes: ${why}.`,
    next: AGAIN,
    passing: true,
  });
}

function tooLarge(url: URL, bytesMax: number): HttpFailure {
  return new HttpFailure({
    code: ERROR_CODES.http_limit,
    message: `${shownUrl(url)} holds more than ${bytesMax} bytes.`,
    next: 'Raise limits.httpBytesMax in tidemark.yaml if that is meant to be read, then run again.',
  });
}
