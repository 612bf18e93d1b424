import { isMap, isScalar, type Node } from 'yaml';
import { parseS3Uri, type S3Location } from '../model/s3-location.ts';
import type { Refuse } from './refuse.ts';
import { holdsReference, type Resolved } from './resolve-references.ts';

export const S3_FIELDS = [
  'url',
  'endpoint',
  'region',
  'path_style',
  'checksums',
  'access_key_id',
  'secret_access_key',
  'session_token',
] as const;
export type S3Field = (typeof S3_FIELDS)[number];

const SECRET: readonly S3Field[] = ['secret_access_key', 'session_token'];

export const S3_URL_EXPECTED = 'expected s3://bucket/prefix (a prefix of letters, digits and . _ = - /)';

/** What is written of a place in S3, references as they stand. */
export type S3Written = Readonly<Partial<Record<S3Field, unknown>>>;

/** What is wrong, and with which field; null for all of it. */
export interface S3Fault {
  readonly field: S3Field | null;
  readonly reason: string;
}

/** The fields of a mapping, each with its place. What is secret has to be a reference, and is never shown. */
export function s3FieldsFrom(
  at: string,
  { node, refuse }: { node: Node; refuse: Refuse },
): { readonly written: S3Written; nodeOf(field: S3Field | null): Node } {
  const nodes: Partial<Record<S3Field, Node>> = {};
  const written: Partial<Record<S3Field, unknown>> = {};
  if (isMap(node)) {
    for (const { key, value } of node.items) {
      const name = String(isScalar(key) ? key.value : key) as S3Field;
      if (!S3_FIELDS.includes(name))
        refuse(key as Node, `${at}: unknown field ${name}; known: ${S3_FIELDS.join(', ')}`);
      nodes[name] = value as Node;
      written[name] = isScalar(value) ? value.value : value;
    }
  } else {
    nodes.url = node;
    written.url = isScalar(node) ? node.value : null;
  }
  for (const name of SECRET) {
    const value = written[name];
    if (value !== undefined && !(typeof value === 'string' && holdsReference(value)))
      refuse(
        nodes[name],
        `${at}.${name}: expected a reference, such as \${env:STORE_SECRET} or \${file:secrets/store}`,
      );
  }
  return { written, nodeOf: (field) => (field === null ? node : (nodes[field] ?? node)) };
}

/** Where it is and how it is spoken to, with references put in. Pure, but for what `resolve` reads. */
export function s3LocationOf(
  written: S3Written,
  resolve: (text: string, field: S3Field) => Resolved,
): S3Location | S3Fault {
  const texts: Partial<Record<S3Field, string>> = {};
  for (const field of S3_FIELDS) {
    const value = written[field];
    if (value === undefined || field === 'path_style') continue;
    if (typeof value !== 'string' || value === '') {
      if (field === 'url') continue;
      return { field, reason: 'expected a text' };
    }
    const resolved = resolve(value, field);
    if (resolved.kind === 'unresolved') return { field, reason: resolved.reason };
    texts[field] = resolved.text;
  }
  const place = parseS3Uri(texts.url ?? '');
  if (place === null) return { field: 'url', reason: S3_URL_EXPECTED };
  const { endpoint = null, checksums = 'when_supported' } = texts;
  if (endpoint !== null && !isHttp(endpoint))
    return { field: 'endpoint', reason: 'expected a URL such as https://storage.example.com' };
  if (checksums !== 'when_supported' && checksums !== 'when_required')
    return { field: 'checksums', reason: 'expected when_supported or when_required' };
  const pathStyle = written.path_style ?? endpoint !== null;
  if (typeof pathStyle !== 'boolean') return { field: 'path_style', reason: 'expected true or false' };
  const {
    access_key_id: accessKeyId,
    secret_access_key: secretAccessKey,
    session_token: sessionToken,
  } = texts;
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined))
    return { field: null, reason: 'expected access_key_id and secret_access_key, or neither' };
  return {
    ...place,
    endpoint,
    region: texts.region ?? (endpoint === null ? null : 'us-east-1'),
    pathStyle,
    checksums,
    credentials:
      accessKeyId === undefined || secretAccessKey === undefined
        ? null
        : { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
  };
}

export function isHttp(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}
