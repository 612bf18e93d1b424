import { isMap, isScalar, type Node } from 'yaml';
import { isPostgresUrl } from '../model/catalog-location.ts';
import type { Refuse } from './refuse.ts';
import { withoutReferences } from './resolve-references.ts';

/** `connections.<name>` of `tidemark.yaml`: a database that manifests may name, and queries that they may name of it. */
export interface ConnectionSettings {
  /** References are put in when it is used, so no secret is held. */
  readonly url: string;
  /** SQL is the project's own: none stands in a manifest. */
  readonly queries: Readonly<Record<string, string>>;
}

const NAME = /^[a-z0-9][a-z0-9_-]*$/i;
// biome-ignore lint/suspicious/noTemplateCurlyInString: a reference as users write it
const EXPECTED = 'expected the URL of a database, such as postgres://reader:${env:PASSWORD}@host/name';

export function connectionSettingsFrom(
  node: Node | undefined,
  refuse: Refuse,
): Readonly<Record<string, ConnectionSettings>> {
  return mapped('connections', { node, refuse }, (at, value) => {
    if (!isMap(value)) return refuse(value, `${at}: expected a mapping of url and queries`);
    const unknown = value.items.find(({ key }) => !['url', 'queries'].includes(textOf(key)));
    if (unknown !== undefined)
      refuse(unknown.key as Node, `${at}: unknown field ${textOf(unknown.key)}; known are url and queries`);
    const queries = value.get('queries', true) as Node | undefined;
    return {
      url: urlFrom(`${at}.url`, { node: (value.get('url', true) as Node | undefined) ?? value, refuse }),
      queries: mapped(`${at}.queries`, { node: queries, refuse }, (of, query) =>
        textOf(query).trim() === ''
          ? refuse(query, `${of}: expected a query, such as SELECT …`)
          : textOf(query),
      ),
    };
  });
}

function mapped<T>(
  at: string,
  { node, refuse }: { node: Node | undefined; refuse: Refuse },
  read: (at: string, value: Node) => T,
): Readonly<Record<string, T>> {
  if (node === undefined) return {};
  if (!isMap(node)) return refuse(node, `${at}: expected a mapping of names`);
  return Object.fromEntries(
    node.items.map(({ key, value }) => {
      const name = textOf(key);
      if (!NAME.test(name)) refuse(key as Node, `${at}: expected a name of letters, digits, - and _`);
      return [name, read(`${at}.${name}`, value as Node)];
    }),
  );
}

/** Never shown: one that should be a reference may be the password itself. */
function urlFrom(at: string, { node, refuse }: { node: Node; refuse: Refuse }): string {
  const url = textOf(node);
  if (!/^postgres(ql)?:\/\//i.test(url)) return refuse(node, `${at}: ${EXPECTED}`);
  const bare = withoutReferences(url);
  const password = /^[^/]*\/\/[^/?#]*?:([^/?#]*)@|[?&](?:ssl)?password=([^&#]+)/i.exec(bare);
  if (password !== null && (password[1] || password[2]))
    return refuse(node, `${at}: a password is given by reference; ${EXPECTED}`);
  // A host or a port by reference is known when it is put in.
  if (bare === url && !isPostgresUrl(url)) return refuse(node, `${at}: ${EXPECTED}`);
  return url;
}

function textOf(node: unknown): string {
  return isScalar(node) && typeof node.value === 'string' ? node.value : '';
}
