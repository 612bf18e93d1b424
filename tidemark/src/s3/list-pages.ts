import type { ListObjectsV2CommandOutput, S3 } from '@aws-sdk/client-s3';

export interface ListRequest {
  readonly bucket: string;
  readonly prefix: string;
  readonly delimiter?: string;
  /** Keys come encoded as in a URL, for XML has no way to write every key; `keyOf` decodes them. */
  readonly encoded?: boolean;
  readonly signal?: AbortSignal;
}

/** The pages of a listing, at most 1,000 keys each. `call` wraps every request. */
export async function* listPages(
  s3: S3,
  { bucket, prefix, delimiter, encoded = false, signal }: ListRequest,
  call: (work: () => Promise<ListObjectsV2CommandOutput>) => Promise<ListObjectsV2CommandOutput>,
): AsyncGenerator<ListObjectsV2CommandOutput> {
  let from: string | undefined;
  do {
    const page = await call(async () => {
      const answer = await s3.listObjectsV2(
        {
          Bucket: bucket,
          Prefix: prefix,
          ...(delimiter !== undefined && { Delimiter: delimiter }),
          ...(encoded && { EncodingType: 'url' }),
          ...(from !== undefined && { ContinuationToken: from }),
        },
        signal === undefined ? {} : { abortSignal: signal },
      );
      const { IsTruncated, NextContinuationToken: next } = answer;
      // Half a listing must not look like a whole one.
      if (IsTruncated && (next === undefined || next === '' || next === from))
        throw new Error(`the listing of ${prefix} breaks off: it says that there is more, and not where`);
      return answer;
    });
    yield page;
    from = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (from !== undefined);
}

/** A key of a page as it is; null for one that is no text. Servers that know no encoding say none. */
export function keyOf(key: string, { EncodingType }: Pick<ListObjectsV2CommandOutput, 'EncodingType'>) {
  if (EncodingType !== 'url') return key;
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return null;
  }
}
