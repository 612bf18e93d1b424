import { isMap, isScalar, type Node } from 'yaml';
import { parseS3Uri, type S3Location } from '../model/s3-location.ts';
import type { Refuse } from './refuse.ts';
import { holdsReference, resolveReferences } from './resolve-references.ts';

const FIELDS = [
  'url',
  'endpoint',
  'region',
  'path_style',
  'checksums',
  'access_key_id',
  'secret_access_key',
  'session_token',
] as const;
type Field = (typeof FIELDS)[number];

const SECRET: readonly Field[] = ['secret_access_key', 'session_token'];

const URL_EXPECTED = 'expected s3://bucket/prefix (a prefix of letters, digits and . _ = - /)';

/**
 * `store: s3://bucket/prefix`, or a mapping with `url` and what an S3 other than Amazon's needs. What is secret is a
 * reference, and is never shown. Null: durable files are in the home.
 */
export function storeFrom(
  node: Node | undefined,
  { root, refuse }: { root: string; refuse: Refuse },
): S3Location | null {
  if (node === undefined) return null;
  const values: Partial<Record<Field, { readonly value: unknown; readonly node: Node }>> = {};
  if (isMap(node)) {
    for (const { key, value } of node.items) {
      const name = String(isScalar(key) ? key.value : key) as Field;
      if (!FIELDS.includes(name))
        refuse(key as Node, `store: unknown field ${name}; known: ${FIELDS.join(', ')}`);
      values[name] = { value: isScalar(value) ? value.value : value, node: value as Node };
    }
  } else values.url = { value: isScalar(node) ? node.value : null, node };
  const text = (name: Field): string | null => {
    const given = values[name];
    if (given === undefined) return null;
    if (typeof given.value !== 'string' || given.value === '')
      return refuse(given.node, `store.${name}: expected a text`);
    const resolved = resolveReferences(given.value, { root });
    return resolved.kind === 'resolved'
      ? resolved.text
      : refuse(given.node, `store.${name}: ${resolved.reason}`);
  };
  for (const name of SECRET) {
    const given = values[name];
    if (given !== undefined && !(typeof given.value === 'string' && holdsReference(given.value)))
      refuse(
        given.node,
        `store.${name}: expected a reference, such as \${env:STORE_SECRET} or \${file:secrets/store}`,
      );
  }
  const place = parseS3Uri(text('url') ?? '');
  if (place === null) return refuse(values.url?.node ?? node, `store: ${URL_EXPECTED}`);
  const endpoint = text('endpoint');
  if (endpoint !== null && !isHttp(endpoint))
    refuse(values.endpoint?.node, 'store.endpoint: expected a URL such as https://storage.example.com');
  const checksums = text('checksums') ?? 'when_supported';
  if (checksums !== 'when_supported' && checksums !== 'when_required')
    return refuse(values.checksums?.node, 'store.checksums: expected when_supported or when_required');
  const pathStyle = values.path_style?.value ?? endpoint !== null;
  if (typeof pathStyle !== 'boolean')
    return refuse(values.path_style?.node, 'store.path_style: expected true or false');
  const accessKeyId = text('access_key_id');
  const secretAccessKey = text('secret_access_key');
  const sessionToken = text('session_token');
  if ((accessKeyId === null) !== (secretAccessKey === null))
    refuse(node, 'store: expected access_key_id and secret_access_key, or neither');
  return {
    ...place,
    endpoint,
    region: text('region') ?? (endpoint === null ? null : 'us-east-1'),
    pathStyle,
    checksums,
    credentials:
      accessKeyId === null || secretAccessKey === null
        ? null
        : { accessKeyId, secretAccessKey, ...(sessionToken !== null && { sessionToken }) },
  };
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
  TIDEMARK_STORE: URL_EXPECTED,
  TIDEMARK_STORE_ENDPOINT: 'expected a URL such as https://storage.example.com',
  TIDEMARK_STORE_REGION: 'expected the name of a region',
} as const;

export type StoreVariable = keyof typeof STORE_VARIABLES;

function isHttp(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}
