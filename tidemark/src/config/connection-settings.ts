import { isMap, type Node, type YAMLMap } from 'yaml';
import { databaseOf, isDatabaseUrl } from '../model/database-url.ts';
import { s3Uri } from '../model/s3-location.ts';
import { type BucketSettings, bucketFrom } from './bucket-settings.ts';
import { namedEntries, textOf } from './named-entries.ts';
import type { Refuse } from './refuse.ts';
import { withoutReferences } from './resolve-references.ts';

/** `connections.<name>` of `tidemark.yaml`: a database that manifests may name, and queries that they may name of it. */
export interface ConnectionSettings {
  /** References are put in when it is used, so no secret is held. */
  readonly url: string;
  /** SQL is the project's own: none stands in a manifest. */
  readonly queries: Readonly<Record<string, string>>;
  /** `accept`: what row-level security hides from the role is meant to be left out; absent: such a reading is refused. */
  readonly rowSecurity?: 'accept';
}

const FIELDS = ['url', 'queries', 'row_security'];

const EXPECTED =
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference as users write it
  'expected the URL of a database, such as postgres://reader:${env:PASSWORD}@host/name or mysql://…, or s3://bucket/prefix';

/** What `connections` names, by kind: their `url` says which. Both share the names. */
export interface Connections {
  readonly databases: Readonly<Record<string, ConnectionSettings>>;
  readonly buckets: Readonly<Record<string, BucketSettings>>;
}

export function connectionSettingsFrom(node: Node | undefined, refuse: Refuse): Connections {
  const databases: Record<string, ConnectionSettings> = {};
  const buckets: Record<string, BucketSettings> = {};
  namedEntries('connections', { node, refuse }, (at, value, name) => {
    if (!isMap(value)) return refuse(value, `${at}: expected a mapping, with url`);
    const url = value.get('url', true) as Node | undefined;
    if (!/^s3:/i.test(textOf(url))) {
      databases[name] = databaseFrom(at, { node: value, refuse });
      return;
    }
    const bucket = bucketFrom(at, { node: value, refuse });
    // A location leads to the connection of its place: there can be one.
    const twin = Object.entries(buckets).find(([, other]) => s3Uri(other) === s3Uri(bucket));
    if (twin !== undefined) refuse(url, `${at}.url: connection ${twin[0]} is for ${s3Uri(bucket)} already`);
    buckets[name] = bucket;
  });
  return { databases, buckets };
}

function databaseFrom(
  at: string,
  { node, refuse }: { node: YAMLMap<unknown, unknown>; refuse: Refuse },
): ConnectionSettings {
  const unknown = node.items.find(({ key }) => !FIELDS.includes(textOf(key)));
  if (unknown !== undefined)
    refuse(
      unknown.key as Node,
      `${at}: unknown field ${textOf(unknown.key)}; known are ${FIELDS.join(', ')}`,
    );
  const rowSecurity = node.get('row_security', true) as Node | undefined;
  if (rowSecurity !== undefined && !/^(refuse|accept)$/.test(textOf(rowSecurity)))
    refuse(rowSecurity, `${at}.row_security: expected refuse or accept`);
  const queries = node.get('queries', true) as Node | undefined;
  return {
    url: urlFrom(`${at}.url`, { node: (node.get('url', true) as Node | undefined) ?? node, refuse }),
    queries: namedEntries(`${at}.queries`, { node: queries, refuse }, (of, query) =>
      textOf(query).trim() === ''
        ? refuse(query, `${of}: expected a query, such as SELECT …`)
        : textOf(query),
    ),
    ...(textOf(rowSecurity) === 'accept' && { rowSecurity: 'accept' as const }),
  };
}

/** Never shown: one that should be a reference may be the password itself. */
function urlFrom(at: string, { node, refuse }: { node: Node; refuse: Refuse }): string {
  const url = textOf(node);
  if (databaseOf(url) === null) return refuse(node, `${at}: ${EXPECTED}`);
  const bare = withoutReferences(url);
  const password = /^[^/]*\/\/[^/?#]*?:([^/?#]*)@|[?&](?:ssl)?password=([^&#]+)/i.exec(bare);
  if (password !== null && (password[1] || password[2]))
    return refuse(node, `${at}: a password is given by reference; ${EXPECTED}`);
  // A host or a port by reference is known when it is put in.
  if (bare === url && !isDatabaseUrl(url)) return refuse(node, `${at}: ${EXPECTED}`);
  return url;
}
