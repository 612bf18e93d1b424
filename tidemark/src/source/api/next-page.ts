import type { IncomingHttpHeaders } from 'node:http';
import type { Paging } from '../../config/api-settings.ts';
import type { ExactObject, ExactValue } from '../../model/exact-number.ts';

export interface Page {
  readonly url: URL;
  readonly body: ExactValue;
  readonly headers: IncomingHttpHeaders;
  /** Records of it, and of all pages so far with it. */
  readonly records: number;
  readonly recordsSoFar: number;
  /** From 0. */
  readonly number: number;
}

/** The first page as the settings and the interval want it. */
export function firstPage(
  url: string,
  { paging, since, startAt }: { paging: Paging; since: string | null; startAt: string | null },
): URL {
  const first = new URL(url);
  if (since !== null && startAt !== null) first.searchParams.set(since, startAt);
  if (paging.kind === 'page') first.searchParams.set(paging.parameter, String(paging.first));
  return first;
}

/** The page after one; null where it is the last, and a string says why that cannot be told. Pure. */
export function nextPage(paging: Paging, page: Page): URL | null | string {
  switch (paging.kind) {
    case 'none':
      return null;
    case 'page':
      return page.records === 0
        ? null
        : withParameter(page.url, paging.parameter, paging.first + page.number + 1);
    case 'offset':
      return page.records === 0 ? null : withParameter(page.url, paging.parameter, page.recordsSoFar);
    case 'link':
      return resolved(page.url, linkNext(String(page.headers.link ?? '')));
    case 'cursor': {
      const next = valueAt(page.body, paging.next);
      if (next === undefined || next === null || next === '' || next === false) return null;
      if (typeof next !== 'string' && typeof next !== 'number')
        return `${paging.next} is neither text nor a number`;
      const text = String(next);
      if (/^https?:\/\//i.test(text) || text.startsWith('/')) return resolved(page.url, text);
      return paging.parameter === null
        ? `${paging.next} is no URL, and no parameter is declared for it`
        : withParameter(page.url, paging.parameter, text);
    }
  }
}

/** The value at a JSON pointer (RFC 6901); undefined where there is none. */
export function valueAt(value: ExactValue, pointer: string): ExactValue | undefined {
  let at: ExactValue | undefined = value;
  for (const step of pointer.split('/').slice(1)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(at)) at = at[Number(name)];
    else if (typeof at === 'object' && at !== null && Object.hasOwn(at, name)) at = (at as ExactObject)[name];
    else return undefined;
  }
  return at;
}

/** The target of `rel="next"` in a Link header (RFC 8288). */
export function linkNext(header: string): string | null {
  for (const [, target = '', parameters = ''] of header.matchAll(/<([^>]*)>([^<]*)/g)) {
    const pairs = parameters.matchAll(/;\s*([\w*-]+)\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/g);
    const rel = [...pairs].find(([, name = '']) => name.toLowerCase() === 'rel');
    const kinds = (rel?.[2] ?? rel?.[3] ?? '').toLowerCase().split(/\s+/);
    if (kinds.includes('next')) return target;
  }
  return null;
}

function withParameter(url: URL, name: string, value: string | number): URL {
  const next = new URL(url);
  next.searchParams.set(name, String(value));
  return next;
}

/** Credentials go along with a page, so the next one has to be at the same origin. */
function resolved(url: URL, target: string | null): URL | null | string {
  if (target === null) return null;
  if (!URL.canParse(target, url.href)) return 'the next page is at no URL';
  const next = new URL(target, url.href);
  if (next.origin !== url.origin || next.username !== '')
    return `the next page is at another origin, ${next.origin}`;
  next.hash = '';
  return next;
}
