import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { RunReport } from '../../tidemark/src/evidence/run-report.ts';
import type { SourceManifest } from '../../tidemark/src/manifest/source-manifest.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { linkNext } from '../../tidemark/src/source/api/next-page.ts';
import { configure } from '../../tidemark/src/testing/configure.ts';
import { type HttpServer, serve } from '../../tidemark/src/testing/http-server.ts';
import { tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runOnly } from '../../tidemark/src/testing/run-project.ts';
import { type SampleProject, sampleProject, ticket } from '../../tidemark/src/testing/sample-project.ts';

const day = (of: number) => `2026-04-${String(of).padStart(2, '0')}T00:00:00Z`;
const tickets = Array.from({ length: 7 }, (_, number) => ticket(number, { updated_at: day(number + 1) }));

async function apiProject(
  server: HttpServer,
  { api, limits = {}, ...manifest }: { api: object; limits?: object } & Partial<SourceManifest>,
): Promise<SampleProject> {
  const project = await sampleProject();
  process.env.TIDEMARK_TEST_API = 'api-secret';
  const settings = {
    limits: { retryDelayMs: 1, sourceAttemptsMax: 3, ...limits },
    http: {
      allow_private: ['127.0.0.1'],
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference as users write it
      credentials: { [server.origin]: { bearer: '${env:TIDEMARK_TEST_API}' } },
    },
    apis: { desk: { url: `${server.origin}/tickets?sort=updated_at`, ...api } },
  };
  await configure(project, settings);
  await project.manifest('m', {
    assets: [
      {
        source_id: 'desk',
        source_url_or_path: 'api:desk',
        asset_type: 'jsonl',
        metadata_status: 'complete',
        pii_scan_status: 'clear',
      },
    ],
    ...manifest,
  });
  return project;
}

const queryOf = (url: string | undefined) => new URL(url ?? '', 'http://x').searchParams;
const asked = ({ requests }: HttpServer, name: string) => requests.map(({ url }) => queryOf(url).get(name));
const rows = async (project: SampleProject) => (await tablesAsSeen(homeOf(project))).ticket ?? [];

function why(report: RunReport): string {
  assert.equal(report.state, 'failed');
  return report.assets[0]?.findings[0]?.message ?? '';
}

describe('an API that gives pages', () => {
  it('is read to its end by page number', async () => {
    await using server = await serve(({ url, headers }, response) => {
      assert.equal(headers.authorization, 'Bearer api-secret');
      const page = Number(queryOf(url).get('p'));
      response.end(JSON.stringify({ data: { items: tickets.slice(3 * page, 3 * page + 3) } }));
    });
    await using project = await apiProject(server, {
      api: { records: '/data/items', paging: { kind: 'page', parameter: 'p', first: 0 } },
    });
    assert.equal((await runOnly(project)).recordTally.accepted, 7);
    assert.deepEqual(asked(server, 'p'), ['0', '1', '2', '3']);
    assert.deepEqual(asked(server, 'sort'), Array(4).fill('updated_at'));
  });

  it('is read to its end by offset, however many a page holds', async () => {
    await using server = await serve(({ url }, response) => {
      const offset = Number(queryOf(url).get('offset') ?? 0);
      response.end(JSON.stringify(tickets.slice(offset, offset + (offset === 0 ? 2 : 3))));
    });
    await using project = await apiProject(server, {
      api: { paging: { kind: 'offset', parameter: 'offset' } },
    });
    assert.equal((await runOnly(project)).recordTally.accepted, 7);
    assert.deepEqual(asked(server, 'offset'), [null, '2', '5', '7']);
  });

  for (const [how, nextOf, paging] of [
    [
      'a cursor',
      (at: number) => ({ next: `c${at}` }),
      { kind: 'cursor', next: '/meta/next', parameter: 'cursor' },
    ],
    [
      'the URL of the next page',
      (at: number) => ({ next: `/tickets?cursor=c${at}` }),
      { kind: 'cursor', next: '/meta/next' },
    ],
    [
      'a Link header',
      (at: number) => ({ link: `</>; rel="first", </tickets?cursor=c${at}>; rel="next"` }),
      { kind: 'link' },
    ],
  ] as const) {
    it(`is read to its end by ${how}`, async () => {
      await using server = await serve(({ url }, response) => {
        const at = Number((queryOf(url).get('cursor') ?? 'c0').slice(1));
        const next: { next?: string; link?: string } = at + 4 < 7 ? nextOf(at + 4) : {};
        if (next.link !== undefined) response.setHeader('link', next.link);
        response.setHeader('content-encoding', 'gzip');
        response.end(
          gzipSync(JSON.stringify({ items: tickets.slice(at, at + 4), meta: { next: next.next ?? null } })),
        );
      });
      await using project = await apiProject(server, { api: { records: '/items', paging } });
      assert.equal((await runOnly(project)).recordTally.accepted, 7);
      assert.deepEqual(asked(server, 'cursor'), [null, 'c4']);
    });
  }

  it('is asked from its cursor on, less the lookback, and a run without news commits nothing', async () => {
    await using server = await serve(({ url }, response) => {
      const since = queryOf(url).get('since') ?? '';
      response.end(JSON.stringify(tickets.filter(({ updated_at: at }) => String(at) >= since)));
    });
    await using project = await apiProject(server, {
      api: { since: 'since' },
      load_mode: 'incremental_cursor',
      selection_window: { cursor_field: 'updated_at', cursor_start: '2026-01-01T00:00:00Z' },
    });
    assert.equal((await runOnly(project)).recordTally.accepted, 7);
    const again = await runOnly(project);
    assert.equal(again.state, 'nothing_to_commit');
    assert.match(again.assets[0]?.note ?? '', /1 record read again at the boundary/);
    assert.deepEqual(asked(server, 'since'), ['2026-01-01T00:00:00Z', day(7)]);
  });

  it('is landed as canonical lines, in which no number is rounded', async () => {
    await using server = await serve((_, response) => {
      response.end(`[${JSON.stringify(tickets[0]).replace('{', '{"z":12345678901234567890,"a":1.10,')}]`);
    });
    await using project = await apiProject(server, { api: {} });
    await runOnly(project);
    const raw = join(homeOf(project), 'raw');
    const [file] = (await readdir(raw, { recursive: true, withFileTypes: true })).filter((one) =>
      one.isFile(),
    );
    const text = await readFile(join(file?.parentPath ?? '', file?.name ?? ''), 'utf8');
    assert.match(text, /^\{"a":1\.1,.*"z":12345678901234567890\}\n$/);
  });

  it('is waited for as it asks, page by page, and the evidence tells of it', async () => {
    await using server = await serve(({ url }, response, times) => {
      if (times === 2) response.writeHead(429, { 'retry-after': '0' }).end();
      else response.end(JSON.stringify(queryOf(url).get('p') === '1' ? tickets : []));
    });
    await using project = await apiProject(server, { api: { paging: { kind: 'page', parameter: 'p' } } });
    const report = await runOnly(project);
    assert.equal(report.recordTally.accepted, 7);
    assert.match(report.attempts[0]?.reason ?? '', /answered 429/);
  });

  it('is planned without being asked', async () => {
    await using server = await serve((_, response) => response.end('[]'));
    await using project = await apiProject(server, { api: {} });
    await using tidemark = await openTidemark({ project: project.root, readOnly: true });
    const { plans } = await tidemark.plan();
    assert.match(plans[0]?.assets[0]?.why ?? '', /known once its pages are read/);
    assert.deepEqual(server.requests, []);
  });
});

describe('an API that answers otherwise than it should', () => {
  for (const [what, answer, api, message] of [
    ['with what is no JSON', 'oops', {}, /TM4722 .*no JSON in UTF-8/],
    ['with no list', '{"items":{}}', { records: '/items' }, /no list at \/items/],
    [
      'with a next page elsewhere',
      '{"items":[],"next":"https://example.com/x"}',
      { records: '/items', paging: { kind: 'cursor', next: '/next' } },
      /another origin, https:\/\/example\.com/,
    ],
    [
      'with the same page for ever',
      '{"items":[],"next":"c"}',
      { records: '/items', paging: { kind: 'cursor', next: '/next', parameter: 'c' } },
      /names an earlier one/,
    ],
    [
      'with a cursor that is none',
      '{"items":[],"next":{}}',
      { records: '/items', paging: { kind: 'cursor', next: '/next', parameter: 'c' } },
      /neither text nor a number/,
    ],
    ['with pages without end', '[{}]', { paging: { kind: 'page', parameter: 'p' } }, /more than 5 pages/],
    ['with a page beyond the limit', `["${'x'.repeat(5000)}"]`, {}, /larger than 4096 bytes/],
  ] as const) {
    it(`is not taken: ${what}`, async () => {
      await using server = await serve((_, response) => response.end(answer));
      await using project = await apiProject(server, {
        api,
        limits: { apiPagesMax: 5, apiPageBytesMax: 4096 },
      });
      assert.match(why(await runOnly(project)), message);
    });
  }

  it('has nothing kept of the pages before', async () => {
    await using server = await serve(({ url }, response) => {
      if (queryOf(url).get('p') === '1') response.end(JSON.stringify(tickets));
      else response.writeHead(500).end();
    });
    await using project = await apiProject(server, { api: { paging: { kind: 'page', parameter: 'p' } } });
    assert.match(why(await runOnly(project)), /TM4704 .*answered 500/);
    assert.deepEqual(await rows(project), []);
  });

  it('or that nobody declared says what to mend', async () => {
    await using server = await serve((_, response) => response.end('[]'));
    await using project = await apiProject(server, { api: {} });
    const text = await readFile(join(project.root, 'data/seed_manifests/m.json'), 'utf8');
    await project.write('data/seed_manifests/m.json', text.replace('api:desk', 'api:dsk'));
    assert.match(why(await runOnly(project)), /TM4721 .*no API dsk; it has desk/);
  });
});

describe('a Link header', () => {
  for (const [header, next] of [
    ['<https://a/2>; rel="next"', 'https://a/2'],
    ['<https://a/1>; rel="prev", <https://a/3>; rel=next', 'https://a/3'],
    ['<https://a/9>; title="x; rel=no"; rel="last next"', 'https://a/9'],
    ['<https://a/1>; rel="nextish"', null],
    ['', null],
  ] as const)
    it(`${header || 'that is empty'} leads ${next ?? 'nowhere'}`, () => assert.equal(linkNext(header), next));
});
