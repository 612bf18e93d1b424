import { ERROR_CODES } from '../../errors/codes.ts';
import { ConfigurationError, TidemarkError, TransientError } from '../../errors/tidemark-error.ts';

/** What the SDK throws, as far as it is looked at. */
interface S3Failure extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly Code?: string;
}

export function statusOf(error: unknown): number | undefined {
  return (error as S3Failure)?.$metadata?.httpStatusCode;
}

/** Nothing is there. A bucket that is not there is another thing. */
export function isMissing(error: unknown): boolean {
  return statusOf(error) === 404 && (error as Error).name !== 'NoSuchBucket';
}

/** A conditional request that lost: 412, or 409 where two raced. */
export function isLost(error: unknown): boolean {
  const status = statusOf(error);
  return status === 412 || status === 409;
}

/** Attempts were refused for good: who asks, or for what, has to change. Throttling and time are none of these. */
const REFUSED = new Set([
  'AccessDenied',
  'AllAccessDisabled',
  'AuthorizationHeaderMalformed',
  'CredentialsProviderError',
  'ExpiredToken',
  'InvalidAccessKeyId',
  'InvalidBucketName',
  'NoSuchBucket',
  'PermanentRedirect',
  'SignatureDoesNotMatch',
]);

/** An error of the store as one that says what to do. `doing` names the call and its key. */
export function s3Error(error: unknown, { doing, location }: { doing: string; location: string }): Error {
  if (error instanceof TidemarkError) return error;
  const failure = error as S3Failure;
  const status = statusOf(error);
  const why = [status, failure.name, failure.message]
    .filter((part) => part !== undefined && part !== '')
    .join(' ');
  const facts = { location, doing, status: status ?? null, name: failure.name };
  if (REFUSED.has(failure.name) || status === 401 || status === 403 || status === 301 || status === 501)
    return new ConfigurationError({
      code: ERROR_CODES.store_refused,
      message: `${location} refuses to ${doing}: ${why}`,
      next: 'Mend bucket, region, endpoint or credentials below `store:` in tidemark.yaml, then: tidemark doctor',
      facts,
      cause: error,
    });
  return new TransientError({
    code: ERROR_CODES.store_unreachable,
    message: `${location} did not answer to ${doing}: ${why}`,
    next: 'Run the same command again once the store answers: landed and prepared work is kept.',
    facts,
    cause: error,
  });
}
