import { isMap, isScalar, type Node } from 'yaml';
import { secretIn } from '../model/secrets-in-url.ts';
import { namedEntries, textOf } from './named-entries.ts';
import type { Refuse } from './refuse.ts';

/** `apis.<name>` of `tidemark.yaml`: a list that a server gives page by page, as JSON. */
export interface ApiSettings {
  /** Of the first page; credentials stand under `http.credentials`. */
  readonly url: string;
  /** JSON pointer to the list in a page; empty: the page is the list. */
  readonly records: string;
  readonly paging: Paging;
  /** The parameter that says from where on records are wanted; null: the server always gives all. */
  readonly since: string | null;
}

export type Paging =
  | { readonly kind: 'none' }
  /** A number that grows by one, until a page is empty. */
  | { readonly kind: 'page'; readonly parameter: string; readonly first: number }
  /** How many records were there already, until a page is empty. */
  | { readonly kind: 'offset'; readonly parameter: string }
  /** What a page says of the next one, at a JSON pointer; where it is a URL it is asked as it stands. */
  | { readonly kind: 'cursor'; readonly parameter: string | null; readonly next: string }
  /** The `Link` header with `rel="next"`. */
  | { readonly kind: 'link' };

const FIELDS = ['url', 'records', 'paging', 'since'];
const KINDS = 'page, offset, cursor or link';

export function apiSettingsFrom(
  node: Node | undefined,
  refuse: Refuse,
): Readonly<Record<string, ApiSettings>> {
  return namedEntries('apis', { node, refuse }, (at, value) => apiFrom(at, { node: value, refuse }));
}

interface Place {
  readonly node: Node;
  readonly refuse: Refuse;
}

function apiFrom(at: string, { node, refuse }: Place): ApiSettings {
  const fields = fieldsOf(at, { node, refuse }, FIELDS);
  const url = textOf(fields.url);
  const secret = secretIn(url);
  if (secret !== null)
    refuse(fields.url, `${at}.url: it holds ${secret}; give it by reference under http.credentials`);
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url))
    refuse(fields.url ?? node, `${at}.url: expected a URL such as https://api.example.com/v1/tickets`);
  return {
    url,
    records: pointerFrom(`${at}.records`, { node: fields.records, refuse }) ?? '',
    paging: pagingFrom(`${at}.paging`, { node: fields.paging, refuse }),
    since: nameFrom(`${at}.since`, { node: fields.since, refuse }),
  };
}

function pagingFrom(at: string, { node, refuse }: { node: Node | undefined; refuse: Refuse }): Paging {
  if (node === undefined) return { kind: 'none' };
  const fields = fieldsOf(at, { node, refuse }, ['kind', 'parameter', 'first', 'next']);
  const parameter = nameFrom(`${at}.parameter`, { node: fields.parameter, refuse });
  const next = pointerFrom(`${at}.next`, { node: fields.next, refuse });
  const kind = textOf(fields.kind);
  if (kind === 'link') return { kind };
  if (kind === 'cursor')
    return next === null
      ? refuse(node, `${at}.next: expected a JSON pointer such as /meta/next`)
      : { kind, parameter, next };
  if (kind !== 'page' && kind !== 'offset')
    return refuse(fields.kind ?? node, `${at}.kind: expected ${KINDS}`);
  if (parameter === null) return refuse(node, `${at}.parameter: expected the name of a parameter of the URL`);
  if (kind === 'offset') return { kind, parameter };
  const first = isScalar(fields.first) ? fields.first.value : 1;
  return typeof first === 'number' && Number.isSafeInteger(first) && first >= 0
    ? { kind, parameter, first }
    : refuse(fields.first, `${at}.first: expected the number of the first page`);
}

function fieldsOf(
  at: string,
  { node, refuse }: Place,
  known: readonly string[],
): Record<string, Node | undefined> {
  if (!isMap(node)) return refuse(node, `${at}: expected a mapping of ${known.join(', ')}`);
  return Object.fromEntries(
    node.items.map(({ key, value }) => {
      const name = textOf(key);
      if (!known.includes(name))
        refuse(key as Node, `${at}: unknown field ${name}; known are ${known.join(', ')}`);
      return [name, value as Node];
    }),
  );
}

function pointerFrom(
  at: string,
  { node, refuse }: { node: Node | undefined; refuse: Refuse },
): string | null {
  if (node === undefined) return null;
  const text = textOf(node);
  return text === '' || text.startsWith('/')
    ? text
    : refuse(node, `${at}: expected a JSON pointer such as /data`);
}

function nameFrom(at: string, { node, refuse }: { node: Node | undefined; refuse: Refuse }): string | null {
  if (node === undefined) return null;
  return textOf(node) || refuse(node, `${at}: expected the name of a parameter of the URL`);
}
