import { ERROR_CODES } from '../../errors/codes.ts';
import { ConfigurationError, TidemarkError, TransientError } from '../../errors/tidemark-error.ts';
import { isRefused, type S3Failure, statusOf } from '../../s3/s3-failure.ts';

/** An error of the store as one that says what to do. `doing` names the call and its key. */
export function s3Error(error: unknown, { doing, location }: { doing: string; location: string }): Error {
  if (error instanceof TidemarkError) return error;
  const failure = error as S3Failure;
  const status = statusOf(error);
  const why = [status, failure.name, failure.message]
    .filter((part) => part !== undefined && part !== '')
    .join(' ');
  const facts = { location, doing, status: status ?? null, name: failure.name };
  if (isRefused(error))
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
