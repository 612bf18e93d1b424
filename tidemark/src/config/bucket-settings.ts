import type { Node } from 'yaml';
import type { S3Location } from '../model/s3-location.ts';
import type { Refuse } from './refuse.ts';
import { holdsReference, resolveReferences } from './resolve-references.ts';
import { type S3Fault, type S3Written, s3FieldsFrom, s3LocationOf } from './s3-settings.ts';

/** `connections.<name>` with a `url` of S3: a place that manifests may name objects of. */
export interface BucketSettings {
  readonly bucket: string;
  /** Without a slash at either end; empty for the whole bucket. */
  readonly prefix: string;
  /** References are put in when it is used, so no secret is held. */
  readonly written: S3Written;
}

export function bucketFrom(at: string, { node, refuse }: { node: Node; refuse: Refuse }): BucketSettings {
  const { written, nodeOf } = s3FieldsFrom(at, { node, refuse });
  // What a reference stands for is judged when it is put in; the place itself is written out.
  const judged = s3LocationOf(written, (text, field) => ({
    kind: 'resolved',
    text: field === 'endpoint' && holdsReference(text) ? 'https://by.reference' : text,
  }));
  if (!('reason' in judged)) return { bucket: judged.bucket, prefix: judged.prefix, written };
  const { field, reason } = judged;
  return refuse(nodeOf(field), `${at}${field === null ? '' : `.${field}`}: ${reason}`);
}

/** Where it is, references put in: holds secrets, is never stored. */
export function resolveBucket({ written }: BucketSettings, { root }: { root: string }): S3Location | S3Fault {
  return s3LocationOf(written, (text) => resolveReferences(text, { root }));
}
