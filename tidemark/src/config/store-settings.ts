import type { Node } from 'yaml';
import { parseS3Uri, type S3Location } from '../model/s3-location.ts';
import type { Refuse } from './refuse.ts';
import { resolveReferences } from './resolve-references.ts';
import { isHttp, S3_URL_EXPECTED, s3FieldsFrom, s3LocationOf } from './s3-settings.ts';

/**
 * `store: s3://bucket/prefix`, or a mapping with `url` and what an S3 other than Amazon's needs. What is secret is a
 * reference, and is never shown. Null: durable files are in the home.
 */
export function storeFrom(
  node: Node | undefined,
  { root, refuse }: { root: string; refuse: Refuse },
): S3Location | null {
  if (node === undefined) return null;
  const { written, nodeOf } = s3FieldsFrom('store', { node, refuse });
  const store = s3LocationOf(written, (text) => resolveReferences(text, { root }));
  if (!('reason' in store)) return store;
  const { field, reason } = store;
  return refuse(nodeOf(field), `store${field === null || field === 'url' ? '' : `.${field}`}: ${reason}`);
}

/** What the environment says of a store, over what the file says. A faulty value comes back as the name of its variable. */
export function storeOverridden(
  store: S3Location | null,
  env: NodeJS.ProcessEnv,
): S3Location | null | StoreVariable {
  const { TIDEMARK_STORE: url, TIDEMARK_STORE_ENDPOINT: endpoint, TIDEMARK_STORE_REGION: region } = env;
  const place = url ? parseS3Uri(url) : store;
  if (url && place === null) return 'TIDEMARK_STORE';
  if (place === null) return null;
  if (endpoint && !isHttp(endpoint)) return 'TIDEMARK_STORE_ENDPOINT';
  const base = store ?? {
    endpoint: null,
    region: null,
    pathStyle: false,
    checksums: 'when_supported',
    credentials: null,
  };
  return {
    ...base,
    bucket: place.bucket,
    prefix: place.prefix,
    ...(endpoint && { endpoint, pathStyle: true, region: base.region ?? 'us-east-1' }),
    ...(region && { region }),
  };
}

export const STORE_VARIABLES = {
  TIDEMARK_STORE: S3_URL_EXPECTED,
  TIDEMARK_STORE_ENDPOINT: 'expected a URL such as https://storage.example.com',
  TIDEMARK_STORE_REGION: 'expected the name of a region',
} as const;

export type StoreVariable = keyof typeof STORE_VARIABLES;
