import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { examine } from '../../tidemark/src/doctor/examine.ts';
import { ERROR_CODES } from '../../tidemark/src/errors/codes.ts';
import type { RunReport } from '../../tidemark/src/evidence/run-report.ts';
import { type BucketProject, bucketProject } from '../../tidemark/src/testing/bucket-project.ts';
import { homeOf, runOnly } from '../../tidemark/src/testing/run-project.ts';
import type { Fault, Operation, Refusal } from '../../tidemark/src/testing/s3-server.ts';
import { jsonLines, ticket } from '../../tidemark/src/testing/sample-project.ts';
import { typed } from '../../tidemark/src/testing/type-command.ts';

const KEY = 'in/tickets.jsonl';
const before = jsonLines(Array.from({ length: 50 }, (_, number) => ticket(number)));
const after = jsonLines([ticket(100), ticket(101)]);

/** One object behind a prefix; the first `times` requests of an operation go wrong. */
async function failing({
  operation = 'GetObject',
  fault,
  times = 1,
  limits = {},
}: {
  operation?: Operation;
  fault: Fault | Refusal;
  times?: number;
  limits?: Record<string, number>;
}): Promise<BucketProject> {
  const at = await bucketProject();
  await at.connect({}, { limits: { retryDelayMs: 1, sourceAttemptsMax: 3, ...limits } });
  at.put(KEY, before);
  let left = times;
  at.server.fault = (request) => {
    if (request.operation !== operation || left === 0) return null;
    left -= 1;
    return fault;
  };
  return at;
}

function whyFailed(report: RunReport): string {
  assert.equal(report.state, 'failed');
  const { findings, next, splits } = report.assets[0] ?? {};
  const finding = findings?.[0] ?? splits?.flatMap((split) => split.findings)[0];
  return `${finding?.message} ${next}`;
}

const attemptsOf = (report: RunReport) => report.attempts.map(({ reason }) => reason).join('\n');

describe('S3 as a source that fails', { concurrency: 4 }, () => {
  for (const operation of ['GetObject', 'ListObjectsV2'] as const) {
    it(`is asked again where ${operation} is refused for a moment, or cut`, async () => {
      await using at = await failing({ operation, fault: 'unavailable_before' });
      const once = at.server.fault;
      let cuts = 1;
      at.server.fault = async (request) =>
        (await once(request)) ?? (request.operation === operation && cuts-- > 0 ? 'cut_before' : null);
      const report = await runOnly(at.project);
      assert.equal(report.state, 'committed');
      assert.equal(report.recordTally.accepted, 50);
    });

    it(`is given up where every ${operation} fails, and the batch comes in once it answers`, async () => {
      await using at = await failing({ operation, fault: 'unavailable_before', times: 3 });
      const why = whyFailed(await runOnly(at.project));
      assert.match(
        why,
        /^TM4744 s3:\/\/lake\/in\/.* was not answered, 3 times: 503 SlowDown\. Run the same command again/,
      );
      assert.equal((await runOnly(at.project)).recordTally.accepted, 50);
    });
  }

  it('is gone on with from the byte where it fell silent or was cut, and the attempt is in the evidence', async () => {
    await using at = await failing({ fault: 'stalled_body', limits: { httpIdleMs: 1000 } });
    const report = await runOnly(at.project);
    assert.equal(report.recordTally.accepted, 50);
    const half = Math.floor(Buffer.byteLength(before) / 2);
    const ranges = at.server.requests.flatMap(({ operation, range }) =>
      operation === 'GetObject' ? [range] : [],
    );
    assert.deepEqual(ranges, [null, `bytes=${half}-${Buffer.byteLength(before) - 1}`]);
    assert.match(attemptsOf(report), new RegExp(`broke off after ${half} bytes`));
  });

  it('comes in whole where it is cut', async () => {
    await using at = await failing({ fault: 'truncated_body' });
    assert.equal((await runOnly(at.project)).recordTally.accepted, 50);
  });

  it('has nothing kept of it where it breaks off again and again', async () => {
    await using at = await failing({ fault: 'truncated_body', times: Number.POSITIVE_INFINITY });
    assert.match(whyFailed(await runOnly(at.project)), /^TM4744 .* broke off after \d+ bytes/);
  });

  it('is begun anew where the bytes came altered', async () => {
    await using at = await failing({ fault: 'altered_body' });
    assert.equal((await runOnly(at.project)).recordTally.accepted, 50);
  });

  it('has half a listing not taken for a whole one', async () => {
    await using at = await failing({ operation: 'ListObjectsV2', fault: 'endless_listing' });
    assert.match(whyFailed(await runOnly(at.project)), /^TM4744 .*the listing of in\/ breaks off/);
  });

  for (const [what, refusal, told] of [
    [
      'keys that may not read',
      { status: 403, code: 'AccessDenied' },
      /TM4743 .*403 AccessDenied.*connections\.lake list .*s3:GetObject.*doctor/,
    ],
    [
      'an archived object',
      { status: 403, code: 'InvalidObjectState' },
      /TM4743 .*It is archived: restore it/,
    ],
    [
      'a token that has expired',
      { status: 400, code: 'ExpiredToken' },
      /TM4743 .*Renew what session_token of connections\.lake/,
    ],
    ['another region', { status: 301, code: 'PermanentRedirect' }, /TM4743 .*Mend region or endpoint/],
    [
      'a clock that is off',
      { status: 403, code: 'RequestTimeTooSkewed' },
      /TM4743 .*Set the clock of this machine/,
    ],
  ] as const)
    it(`says what to do about ${what}`, async () => {
      await using at = await failing({ fault: refusal, times: Number.POSITIVE_INFINITY });
      const why = whyFailed(await runOnly(at.project));
      assert.match(why, told);
      assert.doesNotMatch(why, /Words of a server/);
    });

  it('says so where the bucket, or the object, is not there', async () => {
    await using at = await bucketProject({ source: 's3://lake/in/none.jsonl' });
    assert.match(
      whyFailed(await runOnly(at.project)),
      /^TM2002 s3:\/\/lake\/in\/none\.jsonl is not there .*a prefix ends with a \//,
    );
    await at.connect({ url: 's3://pond' });
    await at.declare('s3://pond/in/');
    assert.match(
      whyFailed(await runOnly(at.project)),
      /^TM4743 s3:\/\/pond\/in\/ is refused: 404 NoSuchBucket\. Mend the bucket/,
    );
  });

  it('is neither read nor listed for longer than the limit, however long its server is silent', async () => {
    for (const [operation, told] of [
      [
        'GetObject',
        /^TM4707 s3:\/\/lake\/in\/tickets\.jsonl was not received whole within 2 s\..*limits\.httpTotalMs/,
      ],
      ['ListObjectsV2', /^TM4707 s3:\/\/lake\/in\/ was not listed whole within 2 s\..*limits\.httpTotalMs/],
    ] as const) {
      await using at = await failing({ operation, fault: 'silent', limits: { httpTotalMs: 2000 } });
      assert.match(whyFailed(await runOnly(at.project)), told);
    }
  });

  it('is not received beyond the limits of bytes and of objects', async () => {
    await using at = await bucketProject();
    at.put(KEY, before);
    await at.connect({}, { limits: { httpBytesMax: 100 } });
    assert.match(whyFailed(await runOnly(at.project)), /^TM4707 .*more than 100 bytes.*limits\.httpBytesMax/);
    for (const name of 'abcdef') at.put(`in/${name}.jsonl`, after);
    await at.connect({}, { limits: { folderFilesMax: 5 } });
    assert.match(whyFailed(await runOnly(at.project)), /^TM4302 .*means more than 5 objects/);
    await at.connect({}, { limits: { objectsListedMax: 5 } });
    assert.match(
      whyFailed(await runOnly(at.project)),
      /^TM4302 .*more than 5 objects behind it.*limits\.objectsListedMax/,
    );
  });
});

describe('an object that is replaced', { concurrency: 4 }, () => {
  it('while it is read is begun anew: never half of one version and half of another', async () => {
    for (const honours of [true, false]) {
      await using at = await failing({ fault: 'stalled_body', limits: { httpIdleMs: 1000 } });
      at.server.honoursConditions = honours;
      const cut = at.server.fault;
      at.server.fault = async (request) => {
        const fault = await cut(request);
        if (request.range !== null) at.put(KEY, after);
        return fault;
      };
      const report = await runOnly(at.project);
      assert.equal(report.state, 'committed');
      assert.equal(report.recordTally.accepted, 2);
      assert.match(attemptsOf(report), /was replaced while it was read/);
    }
  });

  it('since it was listed comes in as it is now', async () => {
    await using at = await bucketProject();
    at.put(KEY, before);
    at.server.listed = new Map(at.server.objects);
    at.put(KEY, after);
    const report = await runOnly(at.project);
    assert.equal(report.recordTally.accepted, 2);
    assert.match(attemptsOf(report), /was replaced while it was read/);
  });

  it('again and again while it is read is told as that', async () => {
    await using at = await failing({ fault: 'truncated_body', times: Number.POSITIVE_INFINITY });
    const cut = at.server.fault;
    let version = 0;
    at.server.fault = async (request) => {
      if (request.range !== null) at.put(KEY, jsonLines([ticket(200 + ++version), ticket(300 + version)]));
      return await cut(request);
    };
    assert.match(
      whyFailed(await runOnly(at.project)),
      /^TM2003 .*was replaced while it was read\..*Wait until its writer/,
    );
  });

  it('by other bytes of the same tag is read again, since it was written at another time', async () => {
    await using at = await bucketProject();
    at.put(KEY, before);
    await runOnly(at.project);
    at.asked();
    const { etag } = at.server.objects.get(KEY)!;
    const bytes = Buffer.from(before.replace('Ticket 1 ', 'Ticket 7 '));
    at.server.objects.set(KEY, { bytes, etag, modifiedAt: new Date('2027-01-01T00:00:00Z') });
    await runOnly(at.project);
    assert.deepEqual(at.asked(), [KEY]);
  });

  it('and gone since it was listed holds its batch, which comes in once the listing has noticed', async () => {
    await using at = await bucketProject();
    at.put(KEY, before);
    at.put('in/gone.jsonl', after);
    at.server.listed = new Map(at.server.objects);
    at.server.objects.delete('in/gone.jsonl');
    assert.match(
      whyFailed(await runOnly(at.project)),
      /TM2002 s3:\/\/lake\/in\/gone\.jsonl is not there \(404 NoSuchKey\)/,
    );
    at.server.listed = null;
    assert.equal((await runOnly(at.project)).recordTally.accepted, 50);
  });
});

describe('a key of a stranger', { concurrency: 4 }, () => {
  it('is asked for as it is, or not at all and told; it is the name of a part and of no file', async () => {
    await using at = await bucketProject({ pageKeys: 4 });
    const good = [
      '//a.jsonl',
      '/a.jsonl',
      'a b+c%20d.jsonl',
      'a#b?c*d.jsonl',
      "it's; DROP TABLE x --.jsonl",
      'größer/再現✨.jsonl',
      `${'n'.repeat(240)}/${'m'.repeat(240)}.jsonl`,
    ];
    const bad = ['../../escape.jsonl', 'a/./b.jsonl', 'line\nfeed.jsonl', 'bell\u0007.jsonl'];
    for (const [index, name] of good.entries()) at.put(`in/${name}`, jsonLines([ticket(index)]));
    for (const name of bad) at.put(`in/${name}`, jsonLines([ticket(900)]));
    for (const marker of ['', 'a/', 'b_$folder$']) at.put(`in/${marker}`, '');
    at.put('in/nothing.jsonl', '');
    const report = await runOnly(at.project);
    assert.equal(report.state, 'committed');
    assert.equal(report.recordTally.accepted, good.length);
    assert.deepEqual(
      (report.assets[0]?.splits ?? []).map(({ split }) => split).sort(),
      [...good, 'nothing.jsonl'].sort(),
    );
    const note = report.assets[0]?.note ?? '';
    assert.match(note, /not asked for, since a part of the key is \. or \.\., or no text: .* and 1 more/);
    assert.match(note, /"in\/\.\.\/\.\.\/escape\.jsonl"/);
    assert.match(note, /3 entries that are no finished \*\.jsonl objects passed over/);
    const again = await runOnly(at.project);
    assert.equal(again.state, 'nothing_to_commit');
  });

  for (const [location, told] of [
    ['s3://lake/in/../out.jsonl', /a part of its key is \. or \.\./],
    ['s3://lake/in/a\nb.jsonl', /a control character/],
    ['s3://Lake_/in/', /no name of a bucket/],
    ['s3a://lake/in/', /it is written with s3:\/\/ in front/],
  ] as const)
    it(`${JSON.stringify(location)} is no source`, async () => {
      await using at = await bucketProject({ source: { url: location } });
      const report = await runOnly(at.project);
      const [finding] = report.assets[0]?.findings ?? [];
      assert.match(finding?.message ?? '', /^TM4741/);
      assert.match(finding?.message ?? '', told);
      assert.equal(at.server.requests.length, 0);
    });
});

describe('the keys of a connection', { concurrency: 4 }, () => {
  it('are put in for the one who asks, and are kept and told nowhere', async () => {
    await using at = await bucketProject();
    at.put(KEY, before);
    const report = await runOnly(at.project);
    const { stdout } = await typed(at.project, 'tidemark doctor');
    const home = homeOf(at.project);
    const entries = await readdir(home, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    const texts = await Promise.all(
      files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'latin1')),
    );
    for (const text of [...texts, JSON.stringify(report), stdout]) assert.doesNotMatch(text, /hush-hush/);
  });

  it('open their own place to manifests and no other', async () => {
    await using at = await bucketProject();
    at.put(KEY, before);
    at.put('inside/x.jsonl', after);
    await at.connect({ url: 's3://lake/in' });
    assert.equal((await runOnly(at.project)).recordTally.accepted, 50);
    const asked = at.server.requests.length;
    for (const place of ['s3://lake/inside/', 's3://lake/', 's3://lake/i*/x.jsonl', 's3://pond/in/']) {
      await at.declare(place);
      assert.match(whyFailed(await runOnly(at.project)), /^TM4742 No connection of tidemark\.yaml covers/);
    }
    assert.equal(at.server.requests.length, asked);
  });

  it('that are not set, or are turned away, are told by the run and by doctor', async () => {
    await using at = await bucketProject();
    at.put(KEY, before);
    const connections = async () => {
      const { examined } = await examine({ project: at.project.root });
      return examined.find(({ name }) => name === 'connections');
    };
    assert.deepEqual(
      [(await connections())?.verdict, (await connections())?.message],
      ['good', 'lake (s3://lake) answers'],
    );
    await at.connect({ access_key_id: 'stranger' });
    assert.match(
      (await connections())?.message ?? '',
      /^lake: TM4743 s3:\/\/lake is refused: 403 InvalidAccessKeyId/,
    );
    assert.match(whyFailed(await runOnly(at.project)), /TM4743 .*InvalidAccessKeyId/);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference as users write it
    await at.connect({ secret_access_key: '${env:TIDEMARK_TEST_UNSET}' });
    assert.match(
      (await connections())?.message ?? '',
      /connections\.lake\.secret_access_key cannot be used: .*TIDEMARK_TEST_UNSET.* is not set/,
    );
    assert.match(whyFailed(await runOnly(at.project)), new RegExp(ERROR_CODES.bucket_unknown));
  });

  it('in a location refuse the manifest, and are not told', async () => {
    await using at = await bucketProject({ source: 's3://AKIA:hush-hush@lake/in/' });
    const { stdout, stderr } = await typed(at.project, 'tidemark check');
    assert.match(`${stdout}${stderr}`, /no secret may stand in it/);
    assert.doesNotMatch(`${stdout}${stderr}`, /hush-hush/);
  });
});
