import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import type { RunReport } from '../../tidemark/src/evidence/run-report.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { configure } from '../../tidemark/src/testing/configure.ts';
import { cutReached, giveFile, type HttpServer, serve } from '../../tidemark/src/testing/http-server.ts';
import { heads, tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runOnly } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';

/** What is silent on purpose is waited for so long; anything else as long as ever. */
const IDLE_MS = 500;
const RECORDS = 210;

/** What goes wrong with one request, by what a person would say of it. */
const FAULTS: Readonly<Record<string, (response: ServerResponse) => void>> = {
  'an answer of 503': (response) => response.writeHead(503, { 'retry-after': '0' }).end('down'),
  'an answer of 429': (response) => response.writeHead(429, { 'retry-after': '0' }).end('slower'),
  'a connection that is cut before its answer': (response) => response.socket?.destroy(),
  'a connection that is cut within its answer': (response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('[', () => response.socket?.destroy());
  },
  'silence instead of an answer': () => undefined,
  'silence within its answer': (response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('[');
  },
};

type Answer = (request: IncomingMessage, response: ServerResponse, times: number) => void;

/** How a source is asked: the calls that one reading of it takes, and what its server says when all is well. */
const SOURCES: Readonly<Record<string, { requests: number; location: string; answers: () => Answer }>> = {
  'an API of three pages': {
    requests: 4,
    location: 'api:desk',
    answers: () => (request, response) => {
      const page = Number(new URL(request.url ?? '', 'http://x').searchParams.get('p'));
      response.end(JSON.stringify(tickets.slice((page * RECORDS) / 3, ((page + 1) * RECORDS) / 3)));
    },
  },
  'a file that is gone on with twice': {
    requests: 3,
    location: '/tickets.jsonl',
    answers: () => {
      const cuts = [1000, 30_000];
      return (request, response) => {
        const [, from = '0'] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
        while (Number(from) >= (cuts[0] ?? Infinity)) cuts.shift();
        const [cutAt] = cuts;
        giveFile(request, response, { content, etag: '"one"', ...(cutAt !== undefined && { cutAt }) });
      };
    },
  },
};

const tickets = Array.from({ length: RECORDS }, (_, number) => ticket(number));
const content = Buffer.from(jsonLines(tickets));

async function projectOf(
  { origin }: HttpServer,
  { location, what = '' }: { location: string; what?: string },
): Promise<SampleProject> {
  const project = await sampleProject();
  await configure(project, {
    limits: {
      retryDelayMs: 1,
      sourceAttemptsMax: 5,
      ...(what.startsWith('silence') && { httpIdleMs: IDLE_MS }),
    },
    http: { allow_private: ['127.0.0.1'] },
    apis: { desk: { url: `${origin}/tickets`, paging: { kind: 'page', parameter: 'p', first: 0 } } },
  });
  const source_url_or_path = location.startsWith('/') ? `${origin}${location}` : location;
  const asset = { source_id: 'desk', source_url_or_path, asset_type: 'jsonl' } as const;
  await project.manifest('m', {
    assets: [{ ...asset, metadata_status: 'complete', pii_scan_status: 'clear' }],
  });
  return project;
}

async function run(project: SampleProject): Promise<RunReport> {
  return await runOnly(project, {
    onEvent: (event) => {
      if (event.kind === 'asset_progress') cutReached(event);
    },
  });
}

/** Everything of the source is there, once. */
async function assertWhole(project: SampleProject): Promise<void> {
  const { ticket: seen = [] } = await tablesAsSeen(homeOf(project));
  assert.deepEqual([seen.length, new Set(seen).size], [RECORDS, RECORDS]);
}

// What is cut is told by the bytes of whichever run is under way.
for (const [source, { requests, location, answers }] of Object.entries(SOURCES))
  describe(source, { concurrency: location.startsWith('api:') ? 4 : 1 }, () => {
    it(`takes ${requests} requests where nothing goes wrong`, async () => {
      await using server = await serve(answers());
      await using project = await projectOf(server, { location });
      assert.equal((await run(project)).state, 'committed');
      assert.equal(server.requests.length, requests);
    });

    for (let wrong = 1; wrong <= requests; wrong += 1)
      for (const [index, [what, fault]] of Object.entries(FAULTS).entries()) {
        it(`comes in whole where request ${wrong} meets ${what}, and the evidence tells of it`, async () => {
          const answer = answers();
          await using server = await serve((request, response, times) =>
            times === wrong ? fault(response) : answer(request, response, times),
          );
          await using project = await projectOf(server, { location, what });
          const report = await run(project);
          assert.deepEqual([report.state, report.failure], ['committed', null]);
          assert.ok(report.attempts.length > 0);
          await assertWhole(project);
        });

        // A server that stays away is the same whatever it says: each request has two ways of it.
        if (index % 3 !== wrong % 3) continue;
        it(`ends in one error where every request from ${wrong} on meets ${what}, and comes in with the next run`, async () => {
          let answer = answers();
          let away = true;
          await using server = await serve((request, response, times) =>
            away && times >= wrong ? fault(response) : answer(request, response, times),
          );
          await using project = await projectOf(server, { location, what });
          const failed = await run(project);
          assert.equal(failed.state, 'failed');
          assert.match(failed.assets[0]?.findings[0]?.message ?? '', /^TM47\d\d /);
          assert.notEqual(failed.assets[0]?.next ?? '', '');
          assert.deepEqual(await heads(homeOf(project)), {});
          [answer, away] = [answers(), false];
          assert.equal((await run(project)).state, 'committed');
          await assertWhole(project);
          await using tidemark = await openTidemark({ project: project.root });
          assert.deepEqual((await tidemark.verify({ quick: true })).symptoms, []);
        });
      }
  });
