import { ERROR_CODES } from '../errors/codes.ts';
import { assertRoomForFile } from '../landing/free-space.ts';
import { landChunks } from '../landing/land-chunks.ts';
import { ObjectChanged, openObject } from '../s3/open-object.ts';
import { isLost, statusOf } from '../s3/s3-failure.ts';
import { AGAIN, BeginAnew, HttpFailure } from '../source/http/http-failure.ts';
import { type Patience, patienceWith } from '../source/http/patience.ts';
import type { OpenBucket } from '../source/s3/buckets.ts';
import { objectFailure } from '../source/s3/object-failure.ts';
import { type ObjectLocation, objectUri } from '../source/s3/object-location.ts';
import type { ListedObject } from '../source/s3/object-part.ts';
import { isSame, objectIdentity, validatorsOf } from '../source/s3/object-version.ts';
import type { Unreachable } from '../source/unreachable.ts';
import type { Engine } from './engine.ts';
import type { UrlRead, UrlToRead } from './read-url.ts';

export interface ObjectToRead
  extends Pick<UrlToRead, 'known' | 'copyTo' | 'signal' | 'onBytes' | 'onFailedAttempt'> {
  readonly object: Extract<ObjectLocation, { kind: 'object' }>;
  /** What the listing that led to it says of it; null for one that is declared by itself. */
  readonly listed: ListedObject | null;
}

/**
 * Receives an object whole, from one version of it: the one that was listed, if it is still there. One that is replaced
 * meanwhile is told of and begun anew. What the listing, or for one object its server, shows to be what is stored is not read.
 */
export async function readObject(
  engine: Pick<Engine, 'limits' | 'home' | 'buckets'>,
  read: ObjectToRead,
): Promise<UrlRead> {
  const { limits } = engine;
  const { object } = read;
  const bucket = await engine.buckets.of(object);
  if (bucket.kind === 'unreachable') return bucket;
  const identity = objectIdentity(bucket.at, object.key);
  const known = read.known?.answeredBy === identity ? read.known : null;
  if (known !== null && read.listed !== null && isSame(read.listed, known)) return { kind: 'unchanged' };
  const place = objectUri(object);
  const deadline = AbortSignal.timeout(limits.httpTotalMs);
  const signal = AbortSignal.any([read.signal, deadline]);
  const patience = patienceWith(limits, { signal, onFailed: read.onFailedAttempt });
  try {
    // A listing may be older than the object: then what is there now is read, once that is told.
    let pinned = read.listed?.etag ?? null;
    for (;;) {
      try {
        const unless = read.listed === null ? (known?.etag ?? null) : null;
        return await readOnce(engine, { read, bucket, place, identity, pinned, unless, patience, signal });
      } catch (error) {
        // A reading that cannot be gone on from has told of its failure already.
        if (error instanceof BeginAnew) continue;
        if (!(error instanceof ObjectChanged)) throw error;
        pinned = null;
        await patience.afterFailure(replaced(place));
      }
    }
  } catch (error) {
    read.signal.throwIfAborted();
    if (deadline.aborted) return unreachable(tooLong(place, limits.httpTotalMs));
    if (error instanceof HttpFailure) return unreachable(error);
    if (!(error instanceof Refused)) throw error;
    return objectFailure(error.cause, { place, connection: bucket.connection });
  }
}

/** What the SDK threw, told from what our own disk did. */
class Refused extends Error {}

interface Attempt {
  readonly read: ObjectToRead;
  readonly bucket: OpenBucket;
  readonly place: string;
  readonly identity: string;
  readonly pinned: string | null;
  readonly unless: string | null;
  readonly patience: Patience;
  readonly signal: AbortSignal;
}

async function readOnce(
  { limits, home }: Pick<Engine, 'limits' | 'home'>,
  { read, bucket, place, identity, pinned, unless, patience, signal }: Attempt,
): Promise<UrlRead> {
  const failed = (passed: number, error: unknown) => broken(place, { passed, why: (error as Error).message });
  const opened = await openObject(bucket.s3, {
    bucket: bucket.at.bucket,
    key: read.object.key,
    range: null,
    ifMatch: pinned,
    ifNoneMatch: unless,
    signal,
    onBroken: async (error, passed) => {
      if (isChanged(error)) throw new ObjectChanged('', { cause: error });
      if (statusOf(error) !== undefined) throw error;
      patience.reached(passed);
      await patience.afterFailure(failed(passed, error));
    },
  }).catch((error: unknown) => {
    if (statusOf(error) === 304) return null;
    throw isLost(error) ? new ObjectChanged('', { cause: error }) : refused(error);
  });
  if (opened === null) return { kind: 'unchanged' };
  try {
    const { sizeBytes } = opened;
    if (sizeBytes > limits.httpBytesMax) throw tooLarge(place, limits.httpBytesMax);
    if (read.copyTo !== null)
      await assertRoomForFile(home.dir, { sizeBytes, reserveBytes: limits.freeBytesMin });
    let bytes = 0;
    const passed = await landChunks({
      chunks: told(opened.pieces()),
      copyTo: read.copyTo,
      onBytes: (more) => {
        bytes += more;
        read.onBytes({ bytes, totalBytes: sizeBytes });
      },
    });
    return { kind: 'read', bytes: passed, validators: validatorsOf(opened, identity) };
  } finally {
    opened.close();
  }

  async function* told(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let passed = 0;
    try {
      for await (const piece of pieces) {
        passed += piece.length;
        yield piece;
      }
    } catch (error) {
      if (error instanceof HttpFailure || error instanceof ObjectChanged) throw error;
      if (statusOf(error) !== undefined || signal.aborted) throw refused(error);
      // All of it came, and altered on its way: there is no place to go on from.
      await patience.afterFailure(failed(passed, error));
      throw new BeginAnew('the bytes are not those that were announced');
    }
  }
}

/** Asked for the rest, a server whose object is shorter by now may say just that. */
function isChanged(error: unknown): boolean {
  return error instanceof ObjectChanged || isLost(error) || statusOf(error) === 416;
}

function refused(error: unknown): Error {
  return error instanceof ObjectChanged ? error : new Refused('', { cause: error });
}

function unreachable({ code, message, next }: HttpFailure): Unreachable {
  return { kind: 'unreachable', cause: 'unreadable', code, message, next };
}

function replaced(place: string): HttpFailure {
  return new HttpFailure({
    code: ERROR_CODES.source_changed,
    message: `${place} was replaced while it was read.`,
    next: 'Wait until its writer has finished, then run the same command again.',
    passing: true,
  });
}

function broken(place: string, { passed, why }: { passed: number; why: string }): HttpFailure {
  return new HttpFailure({
    code: ERROR_CODES.bucket_unanswered,
    message: `${place} broke off after ${passed} bytes: ${why}.`,
    next: AGAIN,
    passing: true,
  });
}

function tooLarge(place: string, bytesMax: number): HttpFailure {
  return new HttpFailure({
    code: ERROR_CODES.http_limit,
    message: `${place} holds more than ${bytesMax} bytes.`,
    next: 'Raise limits.httpBytesMax in tidemark.yaml if it is meant to be read, then run again.',
  });
}

function tooLong(place: string, totalMs: number): HttpFailure {
  return new HttpFailure({
    code: ERROR_CODES.http_limit,
    message: `${place} was not received whole within ${totalMs / 1000} s.`,
    next: 'Raise limits.httpTotalMs in tidemark.yaml if it is meant to take longer, then run again.',
  });
}
