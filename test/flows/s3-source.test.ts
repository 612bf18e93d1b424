import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { S3 } from '@aws-sdk/client-s3';
import type { RunReport } from '../../tidemark/src/evidence/run-report.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { bucketProject } from '../../tidemark/src/testing/bucket-project.ts';
import { configure } from '../../tidemark/src/testing/configure.ts';
import { tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runOnly } from '../../tidemark/src/testing/run-project.ts';
import { jsonLines, type SampleProject, ticket } from '../../tidemark/src/testing/sample-project.ts';

const rows = async (project: SampleProject) => (await tablesAsSeen(homeOf(project))).ticket ?? [];
const splitsOf = (report: RunReport) =>
  (report.assets[0]?.splits ?? []).map(({ split, outcome }) => [split, outcome]);
const noteOf = (report: RunReport) => report.assets[0]?.note ?? '';

/** Two days of exports, and what stands beside them. */
async function exportsBucket(options: Parameters<typeof bucketProject>[0] = {}) {
  const at = await bucketProject(options);
  at.put('in/', '');
  at.put('in/2026-03-01/tickets-1.jsonl', jsonLines([ticket(1), ticket(2)]));
  at.put('in/2026-03-01/tickets-2.jsonl.gz', gzipSync(jsonLines([ticket(3)])));
  at.put('in/2026-03-02/tickets-1.jsonl', jsonLines([ticket(4)]));
  at.put('in/2026-03-02/_SUCCESS', '');
  at.put('in/_temporary/0/tickets-1.jsonl', jsonLines([ticket(90)]));
  at.put('inside/tickets-1.jsonl', jsonLines([ticket(91)]));
  at.asked();
  return at;
}

describe('a prefix in S3 as a source', { concurrency: 4 }, () => {
  it('brings every object of its format behind it, at any depth, each with bytes and a unit of its own', async () => {
    await using at = await exportsBucket();
    const report = await runOnly(at.project);
    assert.equal(report.state, 'committed', JSON.stringify(report.assets));
    assert.deepEqual(splitsOf(report), [
      ['2026-03-01/tickets-1.jsonl', 'committed'],
      ['2026-03-01/tickets-2.jsonl.gz', 'committed'],
      ['2026-03-02/tickets-1.jsonl', 'committed'],
    ]);
    assert.equal(report.recordTally.accepted, 4);
    assert.match(noteOf(report), /3 entries that are no finished \*\.jsonl objects passed over/);
    await using tidemark = await openTidemark({ project: at.project.root });
    assert.deepEqual((await tidemark.verify()).symptoms, []);
  });

  it('is listed and not read where nothing has changed, and the outcome says so', async () => {
    await using at = await exportsBucket();
    await runOnly(at.project);
    assert.equal(at.asked().length, 3);
    const again = await runOnly(at.project);
    assert.equal(again.state, 'nothing_to_commit');
    assert.deepEqual(at.asked(), []);
    assert.match(again.assets[0]?.splits?.[0]?.note ?? noteOf(again), /unchanged by the word of its server/);
  });

  it('reads of a later listing what is new or replaced, and that alone; what is gone is told and stays', async () => {
    await using at = await exportsBucket();
    await runOnly(at.project);
    at.asked();
    at.put('in/2026-03-03/tickets-1.jsonl', jsonLines([ticket(5)]));
    at.put('in/2026-03-02/tickets-1.jsonl', jsonLines([ticket(4), ticket(6)]));
    at.server.objects.delete('in/2026-03-01/tickets-1.jsonl');
    const report = await runOnly(at.project);
    assert.equal(report.state, 'committed');
    assert.deepEqual(at.asked(), ['in/2026-03-02/tickets-1.jsonl', 'in/2026-03-03/tickets-1.jsonl']);
    assert.deepEqual([report.recordTally.accepted, report.recordTally.duplicate], [2, 1]);
    assert.match(noteOf(report), /no longer there: 2026-03-01\/tickets-1\.jsonl; what they brought stays/);
    assert.equal((await rows(at.project)).length, 6);
  });

  it('goes on after a run that was stopped midway, and reads none of what had landed again', async () => {
    await using at = await exportsBucket();
    const stop = new AbortController();
    let landed = 0;
    const stopped = await runOnly(at.project, {
      signal: stop.signal,
      onReached: (point) => {
        if (point === 'unit_prepared' && ++landed === 2) stop.abort();
      },
    });
    assert.equal(stopped.state, 'interrupted');
    at.asked();
    const report = await runOnly(at.project);
    assert.equal(report.state, 'committed');
    assert.ok(at.asked().length <= 1, 'two of three were landed');
    assert.equal((await rows(at.project)).length, 4);
  });

  it('waits with a batch of which a listing names no object, and never did', async () => {
    await using at = await bucketProject({ source: 's3://lake/other/' });
    const report = await runOnly(at.project);
    assert.equal(report.state, 'failed');
    const [finding] = report.assets[0]?.findings ?? [];
    assert.match(finding?.message ?? '', /^TM4303 The prefix s3:\/\/lake\/other\/ holds no \*\.jsonl file/);
  });

  it('is planned object by object, by its listing: what is as it came in, and what is new', async () => {
    await using at = await exportsBucket();
    await runOnly(at.project);
    at.asked();
    at.put('in/2026-03-02/tickets-1.jsonl', jsonLines([ticket(7)]));
    await using tidemark = await openTidemark({ project: at.project.root });
    const { plans } = await tidemark.plan();
    assert.deepEqual(
      plans[0]?.assets[0]?.splits?.map(({ split, action, why }) => [split, action, why.slice(0, 17)]),
      [
        ['2026-03-01/tickets-1.jsonl', 'skip', 'already committed'],
        ['2026-03-01/tickets-2.jsonl.gz', 'skip', 'already committed'],
        ['2026-03-02/tickets-1.jsonl', 'unknown', 'new, or changed, '],
      ],
    );
    assert.deepEqual(at.asked(), []);
  });

  it('is read whole by a rerun, which replaces what a changed object brought', async () => {
    await using at = await exportsBucket();
    await runOnly(at.project);
    at.put('in/2026-03-02/tickets-1.jsonl', jsonLines([ticket(7)]));
    await using tidemark = await openTidemark({ project: at.project.root });
    const { planId, plan } = await tidemark.planRecovery({
      verb: 'rerun',
      manifestId: 'bucket',
      batchId: 'all',
      reason: 'an object was mended',
    });
    assert.deepEqual(
      plan.sources.map(({ split, action }) => [split, action]),
      [
        ['2026-03-01/tickets-1.jsonl', 'keep'],
        ['2026-03-01/tickets-2.jsonl.gz', 'keep'],
        ['2026-03-02/tickets-1.jsonl', 'replace'],
      ],
    );
    const report = await tidemark.executePlan({ planId, verb: 'rerun' });
    assert.equal(report.state, 'committed');
    const ids = (await rows(at.project)).map((row) => /TKT-20260401-0+(\d+)/.exec(row)?.[1]);
    assert.deepEqual(ids.sort(), ['1', '2', '3', '7']);
  });
});

describe('objects in S3 as a source', { concurrency: 4 }, () => {
  const key = 'in/tickets.jsonl';
  const bytes = jsonLines([ticket(1), ticket(2)]);

  it('come one by one, and one that its server says is unchanged is not sent again', async () => {
    await using at = await bucketProject({ source: `s3://lake/${key}` });
    at.put(key, bytes);
    const report = await runOnly(at.project);
    assert.equal(report.state, 'committed');
    assert.equal(report.recordTally.accepted, 2);
    const again = await runOnly(at.project);
    assert.equal(again.state, 'nothing_to_commit');
    assert.match(noteOf(again), /unchanged by the word of its server, which sent nothing/);
    at.put(key, jsonLines([ticket(3)]));
    assert.equal((await runOnly(at.project)).recordTally.accepted, 1);
    assert.deepEqual([...new Set(at.server.requests.map(({ operation }) => operation))], ['GetObject']);
  });

  it('come by a pattern, which says itself which are meant', async () => {
    await using at = await exportsBucket({ source: 's3://lake/in/2026-*/tickets-?.jsonl' });
    at.put('in/2026-03-01/old/tickets-1.jsonl', jsonLines([ticket(92)]));
    const report = await runOnly(at.project);
    assert.deepEqual(splitsOf(report), [
      ['2026-03-01/tickets-1.jsonl', 'committed'],
      ['2026-03-02/tickets-1.jsonl', 'committed'],
    ]);
    assert.equal(report.recordTally.accepted, 3);
  });

  it('come in the format that is declared, landed byte for byte', async () => {
    await using at = await bucketProject({ fields: { asset_type: 'csv' } });
    const records = [ticket(1), ticket(2)];
    const columns = Object.keys(ticket(1)).filter((name) => name !== 'tags');
    const cell = (value: unknown) => `"${String(value).replaceAll('"', '""')}"`;
    const lines = records.map((record) => columns.map((name) => cell(record[name])).join(','));
    const csv = gzipSync(`${[columns.join(','), ...lines].join('\n')}\n`);
    at.put('in/a.csv.gz', csv);
    at.put('in/b.jsonl', bytes);
    const report = await runOnly(at.project);
    assert.deepEqual(splitsOf(report), [['a.csv.gz', 'committed']]);
    assert.equal(report.recordTally.accepted, 2);
    assert.equal(
      report.assets[0]?.splits?.[0]?.sourceFingerprint,
      createHash('sha256').update(csv).digest('hex'),
    );
  });

  it('move the cursor of an incremental load, and only new ones are read for it', async () => {
    await using at = await bucketProject();
    await at.declare(
      's3://lake/in/',
      {},
      {
        load_mode: 'incremental_cursor',
        selection_window: { cursor_field: 'created_at', cursor_start: '2026-01-01T00:00:00Z' },
      },
    );
    at.put('in/1.jsonl', bytes);
    await runOnly(at.project);
    at.asked();
    at.put('in/2.jsonl', jsonLines([ticket(9)]));
    const report = await runOnly(at.project);
    assert.equal(report.state, 'committed');
    assert.deepEqual(at.asked(), ['in/2.jsonl']);
    await using tidemark = await openTidemark({ project: at.project.root, readOnly: true });
    assert.match(JSON.stringify(await tidemark.state()), /2026-04-01T00:09:00/);
  });
});

/** A server that is not ours, with the bucket `lake` and the keys of the AWS environment (`npm run test:foreign-s3`). */
const FOREIGN = process.env.TIDEMARK_TEST_FOREIGN_S3;

if (FOREIGN !== undefined)
  describe('an S3 that is not ours, as a source', () => {
    it('is listed in pages, read once, and asked for keys as they are', async () => {
      await using at = await bucketProject();
      const s3 = new S3({ endpoint: FOREIGN, region: 'us-east-1', forcePathStyle: true });
      const base = `source/${randomUUID()}/`;
      const put = async (name: string, body: string) =>
        void (await s3.putObject({ Bucket: 'lake', Key: `${base}${name}`, Body: body }));
      const names = ['/b.jsonl', "a#b?c*d'.jsonl", 'a.jsonl', 'größer/✨.jsonl', 'x y+z%20.jsonl'];
      for (const [index, name] of names.entries()) await put(name, jsonLines([ticket(index)]));
      for (let index = 0; index < 1100; index += 1) await put(`other/${index}.txt`, '');
      await put('bell\u0007.jsonl', 'not asked for');
      await configure(at.project, { connections: { lake: { url: 's3://lake', endpoint: FOREIGN } } });
      await at.declare(`s3://lake/${base}`);
      const first = await runOnly(at.project);
      assert.deepEqual(
        splitsOf(first),
        names.map((name) => [name, 'committed']),
      );
      assert.match(noteOf(first), /1100 entries/);
      assert.match(noteOf(first), /bell\\u0007/);
      const again = await runOnly(at.project);
      assert.match(again.assets[0]?.splits?.[0]?.note ?? '', /unchanged by the word of its server/);
      await put('a.jsonl', jsonLines([ticket(2), ticket(50)]));
      await s3.deleteObject({ Bucket: 'lake', Key: `${base}/b.jsonl` });
      const changed = await runOnly(at.project);
      assert.deepEqual([changed.recordTally.accepted, changed.recordTally.duplicate], [1, 1]);
      assert.match(noteOf(changed), /no longer there: \/b\.jsonl/);
      s3.destroy();
    });
  });
