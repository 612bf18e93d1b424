import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { RunReport } from '../../tidemark/src/evidence/run-report.ts';
import type { ManifestAsset } from '../../tidemark/src/manifest/source-manifest.ts';
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

const ETAG = '"one"';
const tickets = Buffer.from(jsonLines(Array.from({ length: 200 }, (_, number) => ticket(number))));
const sum = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

const LIMITS = { retryDelayMs: 1, sourceAttemptsMax: 3 };

/** A project with one source, a URL of the server. */
async function projectOf(
  server: HttpServer,
  {
    path = '/tickets.jsonl',
    allowed = '127.0.0.1',
    credentials = {},
    limits = {},
    asset = {},
  }: {
    path?: string;
    allowed?: string;
    credentials?: object;
    limits?: Record<string, number>;
    asset?: Partial<ManifestAsset>;
  } = {},
): Promise<SampleProject> {
  const project = await sampleProject();
  await configure(project, {
    limits: { ...LIMITS, ...limits },
    http: { allow_private: [allowed], credentials },
  });
  await project.manifest('m', {
    assets: [
      {
        source_id: 'remote',
        source_url_or_path: `${server.origin}${path}`,
        asset_type: 'jsonl',
        metadata_status: 'complete',
        pii_scan_status: 'clear',
        ...asset,
      },
    ],
  });
  return project;
}

/** Runs it, with connections cut where the server says. */
async function runCut(project: SampleProject): Promise<RunReport> {
  return await runOnly(project, {
    onEvent: (event) => {
      if (event.kind === 'asset_progress') cutReached(event);
    },
  });
}

function whyFailed(report: RunReport): string {
  assert.equal(report.state, 'failed');
  return `${report.assets[0]?.findings[0]?.message} ${report.assets[0]?.next}`;
}

async function landedBytes(project: SampleProject): Promise<Buffer[]> {
  const raw = join(homeOf(project), 'raw');
  const entries = await readdir(raw, { recursive: true, withFileTypes: true });
  return await Promise.all(
    entries.filter((entry) => entry.isFile()).map((entry) => readFile(join(entry.parentPath, entry.name))),
  );
}

describe('a URL as a source', () => {
  it('comes in byte for byte, known by its sum', async () => {
    await using server = await serve((request, response) =>
      giveFile(request, response, { content: tickets, etag: ETAG }),
    );
    await using project = await projectOf(server);
    const report = await runOnly(project);
    assert.equal(report.state, 'committed');
    assert.equal(report.assets[0]?.sourceFingerprint, sum(tickets));
    assert.deepEqual(await landedBytes(project), [tickets]);
    assert.equal((await tablesAsSeen(homeOf(project))).ticket?.length, 200);
  });

  it('is not sent again while its server says that it is unchanged, and the outcome says so', async () => {
    await using server = await serve((request, response) =>
      giveFile(request, response, { content: tickets, etag: ETAG }),
    );
    await using project = await projectOf(server);
    await runOnly(project);
    const again = await runOnly(project);
    assert.equal(again.state, 'nothing_to_commit');
    assert.equal(again.assets[0]?.outcome, 'already_committed');
    assert.match(again.assets[0]?.note ?? '', /^unchanged by the word of its server, which sent nothing/);
    assert.equal(server.requests[1]?.headers['if-none-match'], ETAG);
    // What was known by the first delivery is known by the second too.
    await runOnly(project);
    assert.equal(server.requests[2]?.headers['if-none-match'], ETAG);
  });

  it('is sent again where its server gives no strong tag, and comes to the same', async () => {
    await using server = await serve((request, response) =>
      giveFile(request, response, { content: tickets, etag: 'W/"one"' }),
    );
    await using project = await projectOf(server);
    await runOnly(project);
    const again = await runOnly(project);
    assert.equal(again.state, 'nothing_to_commit');
    assert.doesNotMatch(again.assets[0]?.note ?? '', /word of its server/);
    assert.equal(server.requests[1]?.headers['if-none-match'], undefined);
  });

  it('is asked anew where a redirect leads elsewhere by now, though the tag is the same', async () => {
    const other = Buffer.from(jsonLines([ticket(900)]));
    await using server = await serve((request, response, times) => {
      const { url } = request;
      if (url === '/tickets.jsonl')
        response.writeHead(302, { location: times === 1 ? '/a.jsonl' : '/b.jsonl' }).end();
      else giveFile(request, response, { content: url === '/a.jsonl' ? tickets : other, etag: ETAG });
    });
    await using project = await projectOf(server);
    await runOnly(project);
    const again = await runOnly(project);
    assert.equal(again.assets[0]?.sourceFingerprint, sum(other));
    assert.equal((await tablesAsSeen(homeOf(project))).ticket?.length, 201);
  });

  it('is read whole by a rerun, whatever its server says', async () => {
    await using server = await serve((request, response) =>
      giveFile(request, response, { content: tickets, etag: ETAG }),
    );
    await using project = await projectOf(server);
    await runOnly(project);
    await using tidemark = await openTidemark({ project: project.root });
    const plan = await tidemark.planRecovery({
      verb: 'rerun',
      manifestId: 'manifest-m-20260401-001',
      batchId: 'batch-m',
      reason: 'to be sure',
    });
    assert.match(JSON.stringify(plan), /unchanged at the source/);
    assert.equal(server.requests.at(-1)?.headers['if-none-match'], undefined);
  });

  it('that is sent compressed though it was asked for as it is, is kept as it was sent', async () => {
    const packed = gzipSync(tickets);
    await using server = await serve((request, response) => {
      assert.equal(request.headers['accept-encoding'], 'identity');
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.length }).end(packed);
    });
    await using project = await projectOf(server, { asset: { checksum_sha256: sum(packed) } });
    const report = await runOnly(project);
    assert.equal(report.assets[0]?.sourceFingerprint, sum(packed));
    assert.deepEqual(
      (await landedBytes(project)).map((bytes) => gunzipSync(bytes)),
      [tickets],
    );
  });

  it('is planned without being asked', async () => {
    await using server = await serve((_, response) => response.end());
    await using project = await projectOf(server);
    await using tidemark = await openTidemark({ project: project.root, readOnly: true });
    const { plans } = await tidemark.plan();
    assert.equal(plans[0]?.assets[0]?.action, 'unknown');
    assert.match(plans[0]?.assets[0]?.why ?? '', /known once it is asked for/);
    assert.deepEqual(server.requests, []);
  });
});

describe('a URL that stumbles', () => {
  it('is asked again after 503, and the evidence tells of every attempt', async () => {
    await using server = await serve((request, response, times) => {
      if (times < 3) response.writeHead(503, { 'retry-after': '0' }).end('down');
      else giveFile(request, response, { content: tickets, etag: ETAG });
    });
    await using project = await projectOf(server);
    const report = await runOnly(project);
    assert.equal(report.state, 'committed');
    assert.deepEqual(
      report.attempts.map(({ attempt, reason }) => [attempt, reason.replace(server.origin, '')]),
      [
        [1, '/tickets.jsonl answered 503.'],
        [2, '/tickets.jsonl answered 503.'],
      ],
    );
  });

  it('is given up after a bounded number of attempts, and the batch waits', async () => {
    await using server = await serve((_, response) => response.writeHead(500).end());
    await using project = await projectOf(server);
    assert.match(whyFailed(await runOnly(project)), /TM4704 .*answered 500\./);
    assert.equal(server.requests.length, 3);
    assert.deepEqual(await heads(homeOf(project)), {});
  });

  it('is not waited for longer than the limit, however long its server asks', async () => {
    await using server = await serve((_, response) =>
      response.writeHead(429, { 'retry-after': '86400' }).end(),
    );
    await using project = await projectOf(server);
    assert.match(whyFailed(await runOnly(project)), /answered 429\. It asks to wait for 86400 s\./);
    assert.equal(server.requests.length, 1);
  });

  it('is not asked again after 404 or 401, which say what to mend', async () => {
    for (const [status, advice] of [
      [404, /Mend the URL in the manifest/],
      [401, /http\.credentials in tidemark\.yaml/],
    ] as const) {
      await using server = await serve((_, response) => response.writeHead(status).end());
      await using project = await projectOf(server);
      assert.match(whyFailed(await runOnly(project)), advice);
      assert.equal(server.requests.length, 1);
    }
  });

  it('that falls silent before or within its answer is asked again, a bounded number of times', async () => {
    await using server = await serve((_, response, times) => {
      if (times === 1) return;
      response.writeHead(200, { 'content-length': 100, etag: ETAG });
      response.write('{');
    });
    await using project = await projectOf(server, { limits: { httpIdleMs: 100 } });
    const report = await runOnly(project);
    assert.match(whyFailed(report), /TM470[36]/);
    assert.match(report.attempts[0]?.reason ?? '', /sent nothing for 0\.1 s/);
    assert.match(report.attempts[1]?.reason ?? '', /broke off after 1 of 100 bytes/);
  });

  it('is not received for longer than the limit, though its bytes keep coming', async () => {
    await using server = await serve((_, response) => {
      const drip = setInterval(() => response.write('{}\n'), 10);
      response.on('close', () => clearInterval(drip));
    });
    await using project = await projectOf(server, { limits: { httpTotalMs: 300 } });
    assert.match(whyFailed(await runOnly(project)), /TM4707 .*not received whole within 0\.3 s/);
  });

  it('is not received beyond the limit of bytes, stated or not', async () => {
    for (const stated of [true, false]) {
      await using server = await serve((_, response) => {
        if (stated) response.setHeader('content-length', tickets.length);
        response.end(tickets);
      });
      await using project = await projectOf(server, { limits: { httpBytesMax: 1000 } });
      assert.match(whyFailed(await runOnly(project)), /TM4707 .*holds more than 1000 bytes/);
      assert.deepEqual(await readdir(join(homeOf(project), 'landing')).catch(() => []), []);
    }
  });
});

describe('a URL whose connection is cut', () => {
  it('is gone on with from where it was cut, while its tag is the same', async () => {
    await using server = await serve((request, response, times) => {
      const cutAt = { 1: 1000, 2: 30_000 }[times];
      giveFile(request, response, { content: tickets, etag: ETAG, ...(cutAt !== undefined && { cutAt }) });
    });
    await using project = await projectOf(server);
    const report = await runCut(project);
    assert.equal(report.assets[0]?.sourceFingerprint, sum(tickets));
    assert.deepEqual(await landedBytes(project), [tickets]);
    const asked = server.requests.map(({ headers }) => [headers.range, headers['if-range']]);
    assert.deepEqual(asked, [
      [undefined, undefined],
      ['bytes=1000-', ETAG],
      ['bytes=30000-', ETAG],
    ]);
  });

  it('is begun anew where it changed in between: never half of one and half of another', async () => {
    const later = Buffer.from(jsonLines(Array.from({ length: 200 }, (_, number) => ticket(number + 500))));
    await using server = await serve((request, response, times) => {
      if (times === 1) giveFile(request, response, { content: tickets, etag: ETAG, cutAt: 1000 });
      else giveFile(request, response, { content: later, etag: '"two"' });
    });
    await using project = await projectOf(server);
    const report = await runCut(project);
    assert.equal(report.assets[0]?.sourceFingerprint, sum(later));
    assert.deepEqual(await landedBytes(project), [later]);
  });

  for (const [what, headers] of [
    ['that begins elsewhere', { 'content-range': `bytes 900-${tickets.length - 1}/${tickets.length}` }],
    [
      'of another size',
      { 'content-range': `bytes 1000-${tickets.length}/${tickets.length + 1}`, etag: ETAG },
    ],
    [
      'with another tag',
      { 'content-range': `bytes 1000-${tickets.length - 1}/${tickets.length}`, etag: '"two"' },
    ],
    ['that ends early', { 'content-range': `bytes 1000-1999/${tickets.length}`, etag: ETAG }],
  ] as const) {
    it(`takes no part ${what} for the rest`, async () => {
      await using server = await serve((request, response, times) => {
        if (times === 2) response.writeHead(206, headers).end(randomBytes(1000));
        else
          giveFile(request, response, {
            content: tickets,
            etag: ETAG,
            ...(times === 1 && { cutAt: 1000 }),
          });
      });
      await using project = await projectOf(server);
      const report = await runCut(project);
      assert.deepEqual([report.state, server.requests.length], ['committed', 3]);
      assert.deepEqual(await landedBytes(project), [tickets]);
    });
  }

  it('always at the same place is given up, and nothing of it is taken', async () => {
    await using server = await serve((_, response) => {
      giveFile({ headers: {} }, response, { content: tickets, etag: 'W/"one"', cutAt: 5000 });
    });
    await using project = await projectOf(server);
    assert.match(
      whyFailed(await runCut(project)),
      new RegExp(`TM4706 .*broke off after 5000 of ${tickets.length} bytes`),
    );
    assert.equal(server.requests.length, 3);
    assert.deepEqual(await heads(homeOf(project)), {});
  });

  it('is resumed however often, as long as it gets further', async () => {
    await using server = await serve((request, response, times) => {
      const cutAt = times * 4096;
      const more = cutAt < tickets.length;
      giveFile(request, response, { content: tickets, etag: ETAG, ...(more && { cutAt }) });
    });
    await using project = await projectOf(server, { limits: { chunkBytes: 4096 } });
    const report = await runCut(project);
    assert.equal(report.assets[0]?.sourceFingerprint, sum(tickets));
    assert.ok(report.attempts.length > LIMITS.sourceAttemptsMax);
  });

  it('where its end is not stated: it is taken only if its size is declared', async () => {
    const untilClosed = (_: IncomingMessage, response: ServerResponse) => {
      response.socket?.end(Buffer.concat([Buffer.from('HTTP/1.0 200 OK\r\n\r\n'), tickets]));
    };
    await using server = await serve(untilClosed);
    await using undeclared = await projectOf(server);
    assert.match(
      whyFailed(await runOnly(undeclared)),
      /TM4706 .*does not say where its bytes end.* size_bytes/,
    );
    await using declared = await projectOf(server, { asset: { size_bytes: tickets.length } });
    assert.equal((await runOnly(declared)).state, 'committed');
    await using longer = await projectOf(server, { asset: { size_bytes: tickets.length + 1 } });
    assert.match(whyFailed(await runOnly(longer)), /TM4706 .*broke off/);
  });
});

describe('a URL that redirects', () => {
  it('is followed, relative or absolute', async () => {
    await using server = await serve((request, response) => {
      if (request.url === '/tickets.jsonl') response.writeHead(301, { location: 'next' }).end();
      else if (request.url === '/next')
        response.writeHead(307, { location: `${server.origin}/there?sig=hidden` }).end();
      else giveFile(request, response, { content: tickets, etag: ETAG });
    });
    await using project = await projectOf(server);
    assert.equal((await runOnly(project)).state, 'committed');
  });

  for (const [what, location, message] of [
    ['in a circle', '/tickets.jsonl', /TM4705 .*leads back to/],
    ['to another protocol', 'file:///etc/hostname', /TM4705 .*redirects from http:\/\/ to file:\/\//],
    ['nowhere', undefined, /TM4705 .*without saying where to/],
    ['with a user in the URL', 'http://me:hidden@example.com/x', /TM4705 .*with a user in the URL/],
    ['to the address of a cloud’s metadata', 'http://169.254.169.254/latest', /TM4702 .*169\.254\.169\.254/],
    ['to this machine by a number', 'http://2130706434/x', /TM4702 .*127\.0\.0\.2/],
    ['to this machine in IPv6', 'http://[::ffff:127.0.0.2]/x', /TM4702 /],
  ] as const) {
    it(`${what} is not followed there, and its secrets are not told`, async () => {
      await using server = await serve((_, response) => {
        response.writeHead(302, location === undefined ? {} : { location }).end();
      });
      await using project = await projectOf(server);
      const why = whyFailed(await runOnly(project));
      assert.match(why, message);
      assert.doesNotMatch(why, /hidden/);
      assert.equal(server.requests.length, 1);
    });
  }

  it('more often than the limit is not followed', async () => {
    await using server = await serve((_, response, times) => {
      response.writeHead(302, { location: `/${times}` }).end();
    });
    await using project = await projectOf(server);
    assert.match(whyFailed(await runOnly(project)), /TM4705 .*more than 5 redirects/);
    assert.equal(server.requests.length, 6);
  });
});

describe('a URL of a private address', () => {
  it('is not asked unless that is allowed, whatever name it has', async () => {
    await using server = await serve((request, response) =>
      giveFile(request, response, { content: tickets, etag: ETAG }),
    );
    for (const name of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '2130706433', '127.1']) {
      await using project = await projectOf(server, {
        allowed: 'elsewhere.internal',
        asset: { source_url_or_path: `http://${name}:${server.port}/tickets.jsonl` },
      });
      assert.match(whyFailed(await runOnly(project)), /TM4702 .*http\.allow_private in tidemark\.yaml/);
    }
    assert.deepEqual(server.requests, []);
  });

  it('is allowed for one port alone where the setting names it', async () => {
    await using other = await serve((_, response) => response.end());
    await using server = await serve((_, response) =>
      response.writeHead(302, { location: `${other.origin}/admin` }).end(),
    );
    await using project = await projectOf(server, { allowed: `127.0.0.1:${server.port}` });
    assert.match(whyFailed(await runOnly(project)), /TM4702 /);
    assert.deepEqual([server.requests.length, other.requests.length], [1, 0]);
  });
});

describe('the credentials of a URL', () => {
  it('go to the origin that is declared and to no other, and are kept and told nowhere', async () => {
    const secret = `s3cret-${sum(Buffer.from('x')).slice(0, 12)}`;
    process.env.TIDEMARK_TEST_TOKEN = secret;
    await using other = await serve((request, response) =>
      giveFile(request, response, { content: tickets, etag: ETAG }),
    );
    await using server = await serve((request, response) => {
      if (request.url === '/hop') response.writeHead(302, { location: `${other.origin}/x` }).end();
      else response.writeHead(302, { location: '/hop' }).end();
    });
    await using project = await projectOf(server, {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference as users write it
      credentials: { [server.origin]: { bearer: '${env:TIDEMARK_TEST_TOKEN}' } },
    });
    const report = await runOnly(project);
    assert.equal(report.state, 'committed');
    assert.deepEqual(
      server.requests.map(({ headers }) => headers.authorization),
      [`Bearer ${secret}`, `Bearer ${secret}`],
    );
    assert.equal(other.requests[0]?.headers.authorization, undefined);
    assert.doesNotMatch(JSON.stringify(report), new RegExp(secret));
    for (const entry of await readdir(homeOf(project), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const bytes = await readFile(join(entry.parentPath, entry.name));
      assert.equal(bytes.includes(secret), false, entry.name);
    }
  });

  it('that cannot be put in are named by their reference, and nothing is asked', async () => {
    await using server = await serve((_, response) => response.end());
    await using project = await projectOf(server, {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference as users write it
      credentials: { [server.origin]: { basic: 'me:${file:no-such-file}' } },
    });
    assert.match(whyFailed(await runOnly(project)), /TM4708 .*\$\{file:no-such-file\} is not readable/);
    assert.deepEqual(server.requests, []);
  });

  it('in the URL refuse the manifest, and are not told', async () => {
    await using project = await sampleProject();
    for (const url of ['https://me:hunter2@example.com/t.jsonl', 'https://example.com/t.jsonl?sig=hunter2']) {
      const asset = await project.asset({ source_id: 'a', path: 'data/a.jsonl', content: tickets });
      await project.manifest('m', { assets: [{ ...asset, source_url_or_path: url }] });
      await using tidemark = await openTidemark({ project: project.root });
      const { refused } = await tidemark.run();
      assert.equal(refused.length, 1);
      assert.match(JSON.stringify(refused), /secret_in_url.*http\.credentials/);
      assert.doesNotMatch(JSON.stringify(refused), /hunter2/);
    }
  });
});
