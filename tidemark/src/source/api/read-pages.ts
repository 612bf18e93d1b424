import { gunzipSync } from 'node:zlib';
import type { ApiSettings } from '../../config/api-settings.ts';
import { ERROR_CODES } from '../../errors/codes.ts';
import { canonicalJson } from '../../model/canonical-json.ts';
import type { ExactValue } from '../../model/exact-number.ts';
import { parseExact } from '../../model/parse-exact.ts';
import { shownUrl } from '../../model/secrets-in-url.ts';
import { answerFailure } from '../http/answer-failure.ts';
import type { Asking } from '../http/ask-once.ts';
import { type Answer, followRedirects } from '../http/follow-redirects.ts';
import { AGAIN, HttpFailure } from '../http/http-failure.ts';
import type { Patience } from '../http/patience.ts';
import { firstPage, nextPage, valueAt } from './next-page.ts';

export interface PagesRequest {
  readonly api: ApiSettings;
  /** From where on records are wanted; null: all. */
  readonly startAt: string | null;
  readonly credentials: Readonly<Record<string, string>>;
  readonly asking: Asking;
  readonly redirectsMax: number;
  readonly pageBytesMax: number;
  readonly pagesMax: number;
  /** How patient one page is asked for. */
  patience(): Patience;
}

/**
 * The records of all pages as canonical JSON lines, page by page, one page in memory. A page that names an earlier one, or
 * itself, would never end and is a fault; so is a page without a list where the list should be.
 * @throws HttpFailure
 */
export async function* readPages(request: PagesRequest): AsyncGenerator<string> {
  const { api, pagesMax } = request;
  const seen = new Set<string>();
  let url: URL | null = firstPage(api.url, { ...api, startAt: request.startAt });
  let recordsSoFar = 0;
  for (let number = 0; url !== null; number += 1) {
    if (number >= pagesMax) throw fault(url, `there are more than ${pagesMax} pages`, 'limits.apiPagesMax');
    if (seen.has(url.href)) throw fault(url, 'a page names an earlier one as the next');
    seen.add(url.href);
    const { body, headers } = await askPage(url, request);
    const records = valueAt(body, api.records);
    if (!Array.isArray(records))
      throw fault(url, `its answer has no list at ${api.records === '' ? 'its root' : api.records}`);
    for (const record of records as readonly ExactValue[]) yield `${canonicalJson(record)}\n`;
    recordsSoFar += records.length;
    const next = nextPage(api.paging, { url, body, headers, records: records.length, recordsSoFar, number });
    if (typeof next === 'string') throw fault(url, next);
    url = next;
  }
}

async function askPage(
  url: URL,
  request: PagesRequest,
): Promise<{ body: ExactValue; headers: Answer['response']['headers'] }> {
  const { credentials, redirectsMax, asking } = request;
  const patience = request.patience();
  for (;;) {
    try {
      const answer = await followRedirects(url, {
        headers: () => ({ accept: 'application/json' }),
        credentials,
        redirectsMax,
        asking,
      });
      const { response } = answer;
      if (response.statusCode !== 200) {
        response.destroy();
        throw answerFailure(response, { url: answer.url, now: new Date() });
      }
      return { body: await bodyOf(answer, request), headers: response.headers };
    } catch (error) {
      if (!(error instanceof HttpFailure)) throw error;
      await patience.afterFailure(error);
    }
  }
}

async function bodyOf(
  { response, url }: Answer,
  { pageBytesMax, asking }: PagesRequest,
): Promise<ExactValue> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > pageBytesMax)
        throw fault(url, `a page is larger than ${pageBytesMax} bytes`, 'limits.apiPageBytesMax');
      chunks.push(chunk);
    }
  } catch (error) {
    asking.signal.throwIfAborted();
    if (error instanceof HttpFailure) throw error;
    throw cut(url, (error as Error).message);
  }
  if (!response.complete) throw cut(url, 'the connection ended');
  try {
    const raw = Buffer.concat(chunks);
    const zipped = response.headers['content-encoding'] === 'gzip';
    const text = zipped ? gunzipSync(raw, { maxOutputLength: pageBytesMax }) : raw;
    return parseExact(new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch {
    throw fault(url, 'its answer is no JSON in UTF-8');
  }
}

function cut(url: URL, why: string): HttpFailure {
  return new HttpFailure({
    code: ERROR_CODES.http_body,
    message: `${shownUrl(url)} broke off: ${why}.`,
    next: AGAIN,
    passing: true,
  });
}

function fault(url: URL, what: string, limit?: string): HttpFailure {
  return new HttpFailure({
    code: ERROR_CODES.api_answer_refused,
    message: `${shownUrl(url)}: ${what}.`,
    next:
      limit === undefined
        ? 'Mend what apis says of it in tidemark.yaml, then run the same command again.'
        : `Raise ${limit} in tidemark.yaml if that is meant to be read, then run again.`,
  });
}
