/** Where an S3 store is and how it is spoken to. Credentials are resolved by then; null: the chain of the SDK finds them. */
export interface S3Location {
  readonly bucket: string;
  /** Without a slash at either end; empty for the whole bucket. */
  readonly prefix: string;
  /** Of another S3 than Amazon's. */
  readonly endpoint: string | null;
  /** Null: what the environment or the profile of the SDK says. */
  readonly region: string | null;
  /** Whether the bucket stands in the path, not in the host's name. */
  readonly pathStyle: boolean;
  /** `when_required` for an S3 that knows no CRC32 checksums. */
  readonly checksums: 'when_supported' | 'when_required';
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  } | null;
}

/** Bucket and prefix of `s3://bucket/prefix`; null for anything else, such as a name that tables could not hold. */
export function parseS3Uri(text: string): Pick<S3Location, 'bucket' | 'prefix'> | null {
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:\/[A-Za-z0-9._=-]+)*)\/?$/.exec(text);
  if (match === null) return null;
  const [, bucket = '', path = ''] = match;
  return path.split('/').some((part) => part === '.' || part === '..')
    ? null
    : { bucket, prefix: path.slice(1) };
}

export function s3Uri({ bucket, prefix }: Pick<S3Location, 'bucket' | 'prefix'>): string {
  return prefix === '' ? `s3://${bucket}` : `s3://${bucket}/${prefix}`;
}
