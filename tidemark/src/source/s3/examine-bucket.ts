import { s3Uri } from '../../model/s3-location.ts';
import type { Unreachable } from '../unreachable.ts';
import type { OpenBucket } from './buckets.ts';
import { objectFailure } from './object-failure.ts';

/** As long as a person waits for a look. */
const LOOK_MS = 30_000;

/** Lists one key at most; what reading needs beyond it, reading tells. */
export async function examineBucket({
  s3,
  at,
  connection,
}: OpenBucket): Promise<{ readonly kind: 'seen'; readonly place: string } | Unreachable> {
  const place = s3Uri(at);
  try {
    await s3.listObjectsV2(
      { Bucket: at.bucket, MaxKeys: 1, ...(at.prefix !== '' && { Prefix: `${at.prefix}/` }) },
      { abortSignal: AbortSignal.timeout(LOOK_MS) },
    );
    return { kind: 'seen', place };
  } catch (error) {
    return objectFailure(error, { place, connection });
  }
}
