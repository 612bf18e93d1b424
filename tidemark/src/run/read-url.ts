import { ERROR_CODES } from '../errors/codes.ts';
import { assertRoomForFile } from '../landing/free-space.ts';
import { landChunks } from '../landing/land-chunks.ts';
import type { Passed } from '../landing/pass-bytes.ts';
import type { FailedAttempt } from '../landing/read-patiently.ts';
import { shownUrl } from '../model/secrets-in-url.ts';
import { credentialHeaders } from '../source/http/credential-headers.ts';
import { BeginAnew, HttpFailure } from '../source/http/http-failure.ts';
import { openUrl, type UrlRequest } from '../source/http/open-url.ts';
import { patienceWith } from '../source/http/patience.ts';
import type { HttpValidators } from '../source/http/validators.ts';
import type { Unreachable } from '../source/unreachable.ts';
import type { Engine } from './engine.ts';

export interface UrlToRead {
  readonly url: URL;
  /** What came from it before and is stored; null to have the bytes sent whatever they are. */
  readonly known: HttpValidators | null;
  readonly declaredBytes: number | null;
  readonly copyTo: string | null;
  readonly signal: AbortSignal;
  onBytes(read: { bytes: number; totalBytes: number }): void;
  onFailedAttempt(failed: FailedAttempt): void;
}

export type UrlRead =
  | { readonly kind: 'unchanged' }
  | {
      readonly kind: 'read';
      readonly bytes: Passed;
      readonly validators: HttpValidators | null;
    }
  | Unreachable;

/** Receives a URL whole: from one version of it, however many connections and beginnings that takes. */
export async function readUrl(
  engine: Pick<Engine, 'limits' | 'home' | 'root' | 'http'>,
  read: UrlToRead,
): Promise<UrlRead> {
  const { limits, root, http } = engine;
  const { url } = read;
  const deadline = AbortSignal.timeout(limits.httpTotalMs);
  const signal = AbortSignal.any([read.signal, deadline]);
  const patience = patienceWith(limits, { signal, onFailed: read.onFailedAttempt });
  try {
    const request: UrlRequest = {
      url,
      credentials: credentialHeaders(url, { credentials: http.credentials, root }),
      known: read.known,
      declaredBytes: read.declaredBytes,
      bytesMax: limits.httpBytesMax,
      redirectsMax: limits.httpRedirectsMax,
      asking: { allowPrivate: http.allowPrivate, idleMs: limits.httpIdleMs, signal },
      patience,
    };
    for (;;) {
      try {
        return await readOnce(engine, { ...read, request });
      } catch (error) {
        // A reading that cannot be gone on from has told of its failure already.
        if (error instanceof BeginAnew) continue;
        if (!(error instanceof HttpFailure)) throw error;
        await patience.afterFailure(error);
      }
    }
  } catch (error) {
    read.signal.throwIfAborted();
    if (error instanceof HttpFailure) return unreachable(error);
    if (deadline.aborted) return unreachable(tooLong(url, limits.httpTotalMs));
    throw error;
  }
}

async function readOnce(
  { limits, home }: Pick<Engine, 'limits' | 'home'>,
  { request, copyTo, onBytes }: UrlToRead & { request: UrlRequest },
): Promise<UrlRead> {
  const reading = await openUrl(request);
  if (reading.kind === 'unchanged') return reading;
  try {
    const { sizeBytes } = reading;
    if (copyTo !== null && sizeBytes !== null)
      await assertRoomForFile(home.dir, { sizeBytes, reserveBytes: limits.freeBytesMin });
    let bytes = 0;
    const passed = await landChunks({
      chunks: reading.chunks(),
      copyTo,
      onBytes: (more) => {
        bytes += more;
        onBytes({ bytes, totalBytes: sizeBytes ?? bytes });
      },
    });
    return { kind: 'read', bytes: passed, validators: reading.validators };
  } finally {
    reading.close();
  }
}

function unreachable({ code, message, next }: HttpFailure): Unreachable {
  return { kind: 'unreachable', cause: 'unreadable', code, message, next };
}

function tooLong(url: URL, totalMs: number): HttpFailure {
  return new HttpFailure({
    code: ERROR_CODES.http_limit,
    message: `${shownUrl(url)} was not received whole within ${totalMs / 1000} s.`,
    next: 'Raise limits.httpTotalMs in tidemark.yaml if it is meant to take longer, then run again.',
  });
}
