import type { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import type { GetObjectCommandOutput, S3 } from '@aws-sdk/client-s3';

export interface ObjectRequest {
  readonly bucket: string;
  readonly key: string;
  /** Null: all of it. */
  readonly range: { readonly offset: number; readonly length: number } | null;
  /** Its ETag: of another version nothing is given (412). */
  readonly ifMatch?: string | null;
  /** The same bytes are not sent (304). */
  readonly ifNoneMatch?: string | null;
  readonly signal?: AbortSignal;
  /** Called when a body broke off after so many bytes: returns to have it gone on with, throws to give up. */
  onBroken(error: unknown, passed: number): Promise<void> | void;
}

export interface OpenedObject {
  /** Of what is asked for, as it was announced. */
  readonly sizeBytes: number;
  readonly etag: string | null;
  readonly modifiedAt: Date | null;
  readonly versionId: string | null;
  /** Each byte once, of one version. @throws ObjectChanged, or what the SDK throws */
  pieces(): AsyncGenerator<Uint8Array>;
  close(): void;
}

/** What is there is no longer what was begun, or nothing proves that it is. */
export class ObjectChanged extends Error {}

/**
 * Asks for an object. Where its body breaks off the next request begins there, of the very same version. The SDK checks no
 * sum of a part, so the sum of the whole is taken here: without it, a body that broke off because of its altered bytes
 * would be gone on with.
 */
export async function openObject(s3: S3, request: ObjectRequest): Promise<OpenedObject> {
  const { bucket, key, range, signal } = request;
  const start = range?.offset ?? 0;
  const ask = async (from: { at: number; end: number | null; version: string | null }) => {
    const isPart = range !== null || from.at > 0;
    const answer = await s3.getObject(
      {
        Bucket: bucket,
        Key: key,
        ...(isPart && { Range: `bytes=${from.at}-${from.end === null ? '' : from.end - 1}` }),
        ...(from.version !== null && { IfMatch: from.version }),
        ...(request.ifNoneMatch && from.at === start && { IfNoneMatch: request.ifNoneMatch }),
      },
      signal === undefined ? {} : { abortSignal: signal },
    );
    // It may break before anybody reads it: whoever does is told then, and as an event it would end the process.
    (answer.Body as Readable).on('error', () => undefined);
    return answer;
  };
  const wanted = range === null ? null : start + range.length;
  const first = await ask({ at: start, end: wanted, version: request.ifMatch ?? null });
  const sizeBytes = first.ContentLength ?? 0;
  const version = first.ETag ?? null;
  let body = first.Body as Readable;
  if (request.ifMatch && version !== null && bare(version) !== bare(request.ifMatch)) {
    body.destroy();
    throw new ObjectChanged('it is another version than was asked for');
  }

  async function* pieces(): AsyncGenerator<Uint8Array> {
    const end = start + sizeBytes;
    const announced = range === null && first.ChecksumType !== 'COMPOSITE' ? first.ChecksumCRC32 : undefined;
    let at = start;
    let sum = 0;
    for (;;) {
      try {
        for await (const piece of body as AsyncIterable<Uint8Array>) {
          at += piece.length;
          sum = crc32(piece, sum);
          yield piece;
        }
        if (at < end) throw new Error(`the body ended ${end - at} bytes early`);
        if (announced === undefined || base64Of(sum) === announced) return;
        throw new Error(`the bytes came altered: CRC32 ${base64Of(sum)} where ${announced} was sent`);
      } catch (error) {
        signal?.throwIfAborted();
        // Every byte came, and they are not what was announced: there is nothing to go on with.
        if (at >= end) throw error;
        await request.onBroken(error, at - start);
      }
      const rest = await askRest({ at, end });
      body = rest.Body as Readable;
    }
  }

  /** Asks until it is answered, or until it is given up. */
  async function askRest({ at, end }: { at: number; end: number }): Promise<GetObjectCommandOutput> {
    if (version === null) throw new ObjectChanged('the server gave no ETag to go on by');
    for (;;) {
      try {
        const rest = await ask({ at, end, version });
        const isRest =
          rest.ETag === version &&
          (at === 0 || (rest.ContentRange ?? '').startsWith(`bytes ${at}-${end - 1}/`));
        if (isRest) return rest;
        (rest.Body as Readable).destroy();
        throw new ObjectChanged('what was sent is not the rest of the same version');
      } catch (error) {
        signal?.throwIfAborted();
        await request.onBroken(error, at - start);
      }
    }
  }

  return {
    sizeBytes,
    etag: version,
    modifiedAt: first.LastModified ?? null,
    versionId: first.VersionId ?? null,
    pieces,
    close: () => body.destroy(),
  };
}

/** Some servers leave the quotes out in one place or the other. */
function bare(etag: string): string {
  return etag.replaceAll('"', '');
}

function base64Of(sum: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(sum);
  return bytes.toString('base64');
}
