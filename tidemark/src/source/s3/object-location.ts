// Objects of S3: s3://bucket/key, s3://bucket/prefix/, glob:s3://bucket/events/*.jsonl.gz
const LOCATION = /^(glob:)?s3[an]?:\/\//i;
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
/** What S3 takes of a key. */
const KEY_BYTES_MAX = 1024;

export type ObjectLocation =
  | { readonly kind: 'object'; readonly bucket: string; readonly key: string }
  | ObjectsLocation;

/** A source of many objects: those whose keys begin with `base`, or of these those that a pattern means. */
export interface ObjectsLocation {
  readonly kind: 'prefix' | 'pattern';
  readonly bucket: string;
  /** Empty, or with a `/` at its end: names of parts are what follows it in their keys. */
  readonly base: string;
  /** What follows the base in the keys that are meant; empty for a prefix. */
  readonly pattern: string;
}

export function isObjectLocation(declared: string): boolean {
  return LOCATION.test(declared);
}

/** A string says what is wrong with it. */
export function parseObjectLocation(declared: string): ObjectLocation | string {
  const [, glob, scheme, bucket = '', slash, key = ''] =
    /^(glob:)?(s3[an]?):\/\/([^/]*)(\/)?(.*)$/is.exec(declared) ?? [];
  if (scheme !== 's3') return 'it is written with s3:// in front';
  if (!BUCKET.test(bucket)) return 'what follows s3:// is no name of a bucket';
  const fault = keyFault(key);
  if (fault !== null) return fault;
  if (glob === undefined) {
    if (slash === undefined || key === '' || key.endsWith('/'))
      return { kind: 'prefix', bucket, base: key, pattern: '' };
    return { kind: 'object', bucket, key };
  }
  const first = key.search(/[*?]/);
  if (first === -1) return 'it has no * or ? in its key';
  const base = key.slice(0, key.lastIndexOf('/', first) + 1);
  return { kind: 'pattern', bucket, base, pattern: key.slice(base.length) };
}

/** What all keys that are meant begin with: as much as can be listed at once. */
export function listedPrefix({ base, pattern }: ObjectsLocation): string {
  const first = pattern.search(/[*?]/);
  return `${base}${pattern.slice(0, Math.max(0, first))}`;
}

/** The object of a part, as if it had been declared by itself. */
export function objectPath(declared: string, name: string): string {
  const location = parseObjectLocation(declared);
  if (typeof location === 'string' || location.kind === 'object') return declared;
  return objectUri({ bucket: location.bucket, key: `${location.base}${name}` });
}

export function objectUri({ bucket, key }: { bucket: string; key: string }): string {
  return `s3://${bucket}/${key}`;
}

/**
 * Why a key is not asked for; null for one that is. On the way to a server `.` and `..` may be taken for steps, and another
 * object be sent; a control character has no place in what people read. `//`, and a `/` in front, are parts of a name.
 */
export function keyFault(key: string): string | null {
  if (/\p{Cc}/u.test(key) || !key.isWellFormed()) return 'there is a control character in its key';
  if (key.split('/').some((part) => part === '.' || part === '..')) return 'a part of its key is . or ..';
  return Buffer.byteLength(key) > KEY_BYTES_MAX ? `its key is longer than ${KEY_BYTES_MAX} bytes` : null;
}
