import { hash } from 'node:crypto';
import type { S3Location } from '../../model/s3-location.ts';
import type { HttpValidators } from '../http/validators.ts';
import { objectUri } from './object-location.ts';
import type { ListedObject } from './object-part.ts';

/** Where an object is, as a name: the same bucket at another endpoint is another. */
export function objectIdentity(
  { endpoint, bucket }: Pick<S3Location, 'endpoint' | 'bucket'>,
  key: string,
): string {
  return hash('sha256', `${endpoint ?? ''} ${objectUri({ bucket, key })}`);
}

/** What is kept with a receipt; null where nothing proves two answers to be the same bytes. */
export function validatorsOf(
  answer: {
    readonly etag: string | null;
    readonly sizeBytes: number;
    readonly modifiedAt: Date | null;
    readonly versionId: string | null;
  },
  answeredBy: string,
): HttpValidators | null {
  const etag = tagOf(answer.etag);
  if (etag === null) return null;
  const { sizeBytes, versionId } = answer;
  const lastModified = secondsOf(answer.modifiedAt);
  return { etag, lastModified, answeredBy, sizeBytes, ...(versionId !== null && { versionId }) };
}

/** Whether a listing shows what was received: one tag can be made to stand for two contents, hardly in one second of one size. */
export function isSame(listed: ListedObject, known: HttpValidators): boolean {
  return (
    listed.etag !== null &&
    listed.etag === known.etag &&
    listed.sizeBytes === known.sizeBytes &&
    listed.modifiedAt !== null &&
    listed.modifiedAt === known.lastModified
  );
}

/** A strong tag in its quotes, which some servers leave out. */
export function tagOf(etag: string | null | undefined): string | null {
  const [, bare] = /^"?([^"]+)"?$/.exec(etag ?? '') ?? [];
  return bare === undefined || /^W\//.test(bare) ? null : `"${bare}"`;
}

export function secondsOf(time: Date | null | undefined): string | null {
  const ms = time?.getTime() ?? Number.NaN;
  return Number.isNaN(ms) ? null : new Date(Math.floor(ms / 1000) * 1000).toISOString();
}
