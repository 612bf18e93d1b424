import { isIP } from 'node:net';
import { isMap, isScalar, isSeq, type Node } from 'yaml';
import type { Refuse } from './refuse.ts';
import { holdsReference } from './resolve-references.ts';

/** `http:` of `tidemark.yaml`: how sources are read that are URLs. */
export interface HttpSettings {
  /** Hosts, `host:port`, addresses and networks that may be read though they are not public. */
  readonly allowPrivate: readonly string[];
  /** By origin, such as `https://api.example.com`. References are put in when they are used, so no secret is held. */
  readonly credentials: Readonly<Record<string, HttpCredential>>;
}

export type HttpCredential =
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'basic'; readonly userAndPassword: string }
  | { readonly kind: 'headers'; readonly headers: Readonly<Record<string, string>> };

export const NO_HTTP_SETTINGS: HttpSettings = { allowPrivate: [], credentials: {} };

const FIELDS = 'allow_private and credentials';
// biome-ignore lint/suspicious/noTemplateCurlyInString: references as users write them
const FORMS = 'bearer: ${env:TOKEN}, basic: user:${env:PASSWORD}, or headers: { X-Api-Key: ${env:KEY} }';
/** What a request says by itself. */
const OWN_HEADERS =
  /^(host|connection|content-.*|transfer-encoding|te|upgrade|expect|range|if-.*|accept-encoding|user-agent)$/i;

export function httpSettingsFrom(node: Node | undefined, refuse: Refuse): HttpSettings {
  if (node === undefined) return NO_HTTP_SETTINGS;
  if (!isMap(node)) return refuse(node, `http: expected a mapping of ${FIELDS}`);
  let settings = NO_HTTP_SETTINGS;
  for (const { key, value } of node.items) {
    const name = textOf(key);
    if (name === 'allow_private')
      settings = { ...settings, allowPrivate: privateFrom(value as Node, refuse) };
    else if (name === 'credentials')
      settings = { ...settings, credentials: credentialsFrom(value as Node, refuse) };
    else refuse(key as Node, `http: unknown field ${name}; known are ${FIELDS}`);
  }
  return settings;
}

function privateFrom(node: Node, refuse: Refuse): string[] {
  if (!isSeq(node))
    return refuse(node, 'http.allow_private: expected a list of hosts, addresses or networks');
  return node.items.map((item) => {
    const text = textOf(item).toLowerCase();
    if (isNetwork(text) || /^[a-z0-9._-]+(:\d{1,5})?$/.test(text)) return text;
    return refuse(
      item as Node,
      'http.allow_private: expected a host, host:port, an address or a network such as 10.1.0.0/16',
    );
  });
}

function isNetwork(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}

function credentialsFrom(node: Node, refuse: Refuse): Record<string, HttpCredential> {
  if (!isMap(node)) return refuse(node, 'http.credentials: expected a mapping of origins');
  return Object.fromEntries(
    node.items.map(({ key, value }) => {
      const text = textOf(key);
      const origin = URL.canParse(text) ? new URL(text).origin : null;
      if (origin === null || !/^https?:\/\/[^/@?#]+\/?$/i.test(text))
        refuse(key as Node, 'http.credentials: expected an origin such as https://api.example.com');
      return [origin, credentialFrom(value as Node, refuse)];
    }),
  );
}

/** Values are never shown: one that should be a reference may be the secret itself. */
function credentialFrom(node: Node, refuse: Refuse): HttpCredential {
  const at = 'http.credentials';
  const [pair, ...others] = isMap(node) ? node.items : [];
  if (pair === undefined || others.length > 0) return refuse(node, `${at}: expected one of ${FORMS}`);
  const value = pair.value as Node;
  const byReference = (of: Node): string => {
    const text = textOf(of);
    if (holdsReference(text)) return text;
    return refuse(of, `${at}: a secret is given by reference, as in ${FORMS}`);
  };
  switch (textOf(pair.key)) {
    case 'bearer':
      return { kind: 'bearer', token: byReference(value) };
    case 'basic':
      return { kind: 'basic', userAndPassword: byReference(value) };
    case 'headers': {
      if (!isMap(value)) return refuse(value, `${at}.headers: expected a mapping of names`);
      const headers = value.items.map((header) => {
        const name = textOf(header.key).toLowerCase();
        if (!/^[a-z0-9-]+$/.test(name) || OWN_HEADERS.test(name))
          refuse(header.key as Node, `${at}.headers: ${name} cannot be set`);
        return [name, byReference(header.value as Node)];
      });
      return { kind: 'headers', headers: Object.fromEntries(headers) };
    }
    default:
      return refuse(pair.key as Node, `${at}: expected one of ${FORMS}`);
  }
}

function textOf(node: unknown): string {
  return isScalar(node) && typeof node.value === 'string' ? node.value : '';
}
