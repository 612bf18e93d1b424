import { ERROR_CODES } from '../errors/codes.ts';
import { landChunks } from '../landing/land-chunks.ts';
import type { Passed } from '../landing/pass-bytes.ts';
import type { FailedAttempt } from '../landing/read-patiently.ts';
import { readPages } from '../source/api/read-pages.ts';
import { credentialHeaders } from '../source/http/credential-headers.ts';
import { HttpFailure } from '../source/http/http-failure.ts';
import { patienceWith } from '../source/http/patience.ts';
import { inChunks } from '../source/in-chunks.ts';
import type { RowInterval } from '../source/row-source.ts';
import type { Unreachable } from '../source/unreachable.ts';
import type { Engine } from './engine.ts';

/**
 * Lands what an API gives page by page, whole or not at all. It is no row source: an API gives no bound below which nothing
 * can appear any more, and no counts by which to find what appeared later.
 */
export async function readApi(
  engine: Pick<Engine, 'limits' | 'root' | 'http' | 'apis'>,
  request: {
    name: string;
    wanted: RowInterval | null;
    copyTo: string | null;
    signal: AbortSignal;
    onBytes(bytes: number): void;
    onFailedAttempt(failed: FailedAttempt): void;
  },
): Promise<{ readonly kind: 'read'; readonly bytes: Passed } | Unreachable> {
  const { limits, root, http, apis } = engine;
  const { name, wanted, copyTo, onBytes } = request;
  const api = Object.hasOwn(apis, name) ? apis[name] : undefined;
  if (api === undefined) return unknownApi(name, Object.keys(apis));
  const deadline = AbortSignal.timeout(limits.httpTotalMs);
  const signal = AbortSignal.any([request.signal, deadline]);
  try {
    const lines = readPages({
      api,
      startAt: wanted?.startAt ?? null,
      credentials: credentialHeaders(new URL(api.url), { credentials: http.credentials, root }),
      asking: { allowPrivate: http.allowPrivate, idleMs: limits.httpIdleMs, signal },
      redirectsMax: limits.httpRedirectsMax,
      pageBytesMax: limits.apiPageBytesMax,
      pagesMax: limits.apiPagesMax,
      patience: () => patienceWith(limits, { signal, onFailed: request.onFailedAttempt }),
    });
    return {
      kind: 'read',
      bytes: await landChunks({ chunks: inChunks(lines, limits.chunkBytes), copyTo, onBytes }),
    };
  } catch (error) {
    request.signal.throwIfAborted();
    if (error instanceof HttpFailure)
      return {
        kind: 'unreachable',
        cause: 'unreadable',
        code: error.code,
        message: error.message,
        next: error.next,
      };
    if (deadline.aborted) return tooLong(name, limits.httpTotalMs);
    throw error;
  }
}

function unknownApi(name: string, known: readonly string[]): Unreachable {
  return {
    kind: 'unreachable',
    cause: 'unreadable',
    code: ERROR_CODES.api_unknown,
    message: `tidemark.yaml has no API ${name}; it has ${known.join(', ') || 'none'}.`,
    next: `Declare apis.${name} in tidemark.yaml, or mend the manifest; then run again.`,
  };
}

function tooLong(name: string, totalMs: number): Unreachable {
  return {
    kind: 'unreachable',
    cause: 'unreadable',
    code: ERROR_CODES.http_limit,
    message: `The pages of ${name} were not all received within ${totalMs / 1000} s.`,
    next: 'Raise limits.httpTotalMs in tidemark.yaml if it is meant to take longer, then run again.',
  };
}
