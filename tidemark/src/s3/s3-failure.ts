/** What the SDK throws, as far as it is looked at. */
export interface S3Failure extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
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

export function isRefused(error: unknown): boolean {
  const status = statusOf(error);
  return (
    REFUSED.has((error as S3Failure).name) ||
    status === 401 ||
    status === 403 ||
    status === 301 ||
    status === 501
  );
}
