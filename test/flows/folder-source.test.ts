import assert from 'node:assert/strict';
import { appendFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { RunReport } from '../../tidemark/src/evidence/run-report.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import type { RecoveryRequest } from '../../tidemark/src/recovery/plan-recovery.ts';
import { heads, tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runOnly } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';

const SOURCE = {
  source_id: 'desk',
  source_url_or_path: 'data/desk',
  asset_type: 'jsonl',
  metadata_status: 'complete',
  pii_scan_status: 'clear',
} as const;

/** One asset that is a folder of two files, with three tickets in them. */
async function folderProject(): Promise<SampleProject> {
  const project = await sampleProject();
  await project.write('data/desk/a.jsonl', jsonLines([ticket(1), ticket(2)]));
  await project.write('data/desk/b.jsonl', jsonLines([ticket(3)]));
  await project.manifest('m', {
    load_mode: 'incremental_cursor',
    selection_window: { cursor_field: 'created_at', cursor_start: '2026-01-01T00:00:00Z' },
    assets: [SOURCE],
  });
  return project;
}

const rows = async (project: SampleProject) => (await tablesAsSeen(homeOf(project))).ticket ?? [];

const splitsOf = (report: RunReport) =>
  Object.fromEntries((report.assets[0]?.splits ?? []).map(({ split, outcome }) => [split, outcome]));

type Verb = Pick<RecoveryRequest, 'verb'> & Record<string, unknown>;

async function recover(project: SampleProject, verb: Verb, { execute = true } = {}) {
  await using tidemark = await openTidemark({ project: project.root });
  const batch = { manifestId: 'manifest-m-20260401-001', batchId: 'batch-m', reason: 'a test' };
  const { planId, plan } = await tidemark.planRecovery({ ...batch, ...verb } as RecoveryRequest);
  const actions = plan.sources.map(({ split, action }) => [split, action]);
  return { actions, report: execute ? await tidemark.executePlan({ planId, verb: verb.verb }) : null };
}

async function verdict(project: SampleProject): Promise<string> {
  await using tidemark = await openTidemark({ project: project.root });
  const { verdict: found, symptoms } = await tidemark.verify();
  return [found, ...symptoms.map(({ message }) => message)].join('\n');
}

describe('a folder as a source', () => {
  it('comes in file by file, each with bytes and a unit of its own, and counts as one asset', async () => {
    await using project = await folderProject();
    const report = await runOnly(project);
    assert.equal(report.state, 'committed');
    assert.deepEqual(report.assetTally, {
      declared: 1,
      committed: 1,
      already_committed: 0,
      held: 0,
      refused: 0,
      failed: 0,
    });
    assert.deepEqual(splitsOf(report), { 'a.jsonl': 'committed', 'b.jsonl': 'committed' });
    assert.equal(report.assets[0]?.records?.read, 3);
    assert.equal(report.reconciliation?.verdict, 'pass');
    const units = report.assets[0]?.splits?.map(({ unitKey }) => unitKey);
    assert.equal(new Set(units).size, 2);
    assert.equal((await rows(project)).length, 3);
    assert.equal(await verdict(project), 'pass');
  });

  it('again commits nothing', async () => {
    await using project = await folderProject();
    await runOnly(project);
    const before = await heads(homeOf(project));
    const report = await runOnly(project);
    assert.equal(report.state, 'nothing_to_commit');
    assert.deepEqual(splitsOf(report), { 'a.jsonl': 'already_committed', 'b.jsonl': 'already_committed' });
    assert.deepEqual(await heads(homeOf(project)), before);
  });

  it('takes in new files, and of grown ones what is new: the rest is logged as duplicates', async () => {
    await using project = await folderProject();
    await runOnly(project);
    await appendFile(join(project.root, 'data/desk/a.jsonl'), jsonLines([ticket(4)]));
    await project.write('data/desk/c.jsonl', jsonLines([ticket(5), ticket(3)]));
    const report = await runOnly(project);
    assert.deepEqual(splitsOf(report), {
      'a.jsonl': 'committed',
      'b.jsonl': 'already_committed',
      'c.jsonl': 'committed',
    });
    assert.deepEqual(
      report.assets[0]?.splits?.map(({ records }) => [records?.accepted, records?.duplicate]),
      [
        [1, 2],
        [undefined, undefined],
        [1, 1],
      ],
    );
    assert.equal((await rows(project)).length, 5);
    assert.equal(await verdict(project), 'pass');
  });

  it('finds a file that was replaced by its content, whatever its name, size and time say', async () => {
    await using project = await folderProject();
    await runOnly(project);
    await project.write('data/desk/b.jsonl', jsonLines([ticket(7)]));
    const report = await runOnly(project);
    assert.equal(splitsOf(report)['b.jsonl'], 'committed');
    assert.equal((await rows(project)).length, 4);
  });

  it('tells of a file that is gone, and keeps what it brought', async () => {
    await using project = await folderProject();
    await runOnly(project);
    await rm(join(project.root, 'data/desk/a.jsonl'));
    const report = await runOnly(project);
    assert.equal(report.state, 'nothing_to_commit');
    assert.match(report.assets[0]?.note ?? '', /no longer there: a\.jsonl; what they brought stays/);
    await rm(join(project.root, 'data/desk/b.jsonl'));
    const emptied = await runOnly(project);
    assert.equal(emptied.assets[0]?.outcome, 'already_committed');
    assert.match(emptied.assets[0]?.note ?? '', /a\.jsonl, b\.jsonl/);
    assert.equal((await rows(project)).length, 3);
  });

  it('keeps two files of the same content apart', async () => {
    await using project = await folderProject();
    await project.write('data/desk/copy.jsonl', jsonLines([ticket(3)]));
    const report = await runOnly(project);
    assert.deepEqual(
      report.assets[0]?.splits?.map(({ split, records }) => [split, records?.accepted, records?.duplicate]),
      [
        ['a.jsonl', 2, 0],
        ['b.jsonl', 1, 0],
        ['copy.jsonl', 0, 1],
      ],
    );
    assert.equal(await verdict(project), 'pass');
  });

  it('passes over hidden files, other names and folders, and says so', async () => {
    await using project = await folderProject();
    await project.write('data/desk/.c.jsonl', 'half written');
    await project.write('data/desk/notes.txt', 'not a record');
    await project.write('data/desk/old/z.jsonl', jsonLines([ticket(9)]));
    const report = await runOnly(project);
    assert.match(
      report.assets[0]?.note ?? '',
      /2 files: 2 committed; .*3 entries that are no \*\.jsonl files/,
    );
    assert.equal((await rows(project)).length, 3);
  });

  it('is refused whole when a link in it leads out of the project', async () => {
    await using project = await folderProject();
    await symlink('/etc/hostname', join(project.root, 'data/desk/out.jsonl'));
    const report = await runOnly(project);
    assert.equal(report.assets[0]?.outcome, 'refused');
    assert.match(report.assets[0]?.findings[0]?.message ?? '', /TM2001 data\/desk\/out\.jsonl leads out/);
  });

  it('is refused when the manifest declares its size or sum, with what to do', async () => {
    await using project = await folderProject();
    await project.manifest('m', { assets: [{ ...SOURCE, size_bytes: 12 }] });
    const report = await runOnly(project);
    assert.equal(report.assets[0]?.outcome, 'refused');
    assert.match(report.assets[0]?.findings[0]?.message ?? '', /TM4301 data\/desk is a folder/);
  });

  it('blocks its batch when it holds more files than the limit, or none and never did', async () => {
    await using project = await folderProject();
    await project.write('tidemark.yaml', 'limits: { folderFilesMax: 1 }\n');
    const crowded = await runOnly(project);
    assert.match(crowded.assets[0]?.findings[0]?.message ?? '', /TM4302 data\/desk holds more than 1 files/);
    await project.write('tidemark.yaml', '');
    await rm(join(project.root, 'data/desk/a.jsonl'));
    await rm(join(project.root, 'data/desk/b.jsonl'));
    const empty = await runOnly(project);
    assert.equal(empty.state, 'failed');
    assert.match(empty.assets[0]?.findings[0]?.message ?? '', /TM4303/);
  });

  it('whose one file cannot be read blocks the batch, and the others stay prepared for the next run', async () => {
    await using project = await folderProject();
    await symlink(join(project.root, 'data/nowhere'), join(project.root, 'data/desk/c.jsonl'));
    const blocked = await runOnly(project);
    assert.equal(blocked.state, 'failed');
    assert.deepEqual(blocked.assetTally.failed, 1);
    await rm(join(project.root, 'data/desk/c.jsonl'));
    const report = await runOnly(project);
    assert.equal(report.state, 'committed');
    assert.equal((await rows(project)).length, 3);
  });

  it('whose one file cannot be read is one thing that did not come, to the run and to a verification after it', async () => {
    await using project = await folderProject();
    await symlink(join(project.root, 'data/nowhere'), join(project.root, 'data/desk/c.jsonl'));
    await runOnly(project);
    await using tidemark = await openTidemark({ project: project.root });
    const kinds = async () => (await tidemark.incidents()).incidents.map(({ kind }) => kind);
    assert.deepEqual(await kinds(), ['source_not_received']);
    await tidemark.verify();
    assert.deepEqual(await kinds(), ['source_not_received']);
  });

  it('is planned split by split, touching nothing', async () => {
    await using project = await folderProject();
    await runOnly(project);
    await project.write('data/desk/c.jsonl', jsonLines([ticket(5)]));
    await using tidemark = await openTidemark({ project: project.root, readOnly: true });
    const { plans } = await tidemark.plan();
    const [asset] = plans[0]?.assets ?? [];
    assert.equal(asset?.action, 'unknown');
    assert.deepEqual(
      asset?.splits?.map(({ split, action }) => [split, action]),
      [
        ['a.jsonl', 'skip'],
        ['b.jsonl', 'skip'],
        ['c.jsonl', 'unknown'],
      ],
    );
    assert.match(asset?.why ?? '', /3 files: 1 known only after reading, 2 to skip/);
  });

  it('counts what comes late, and opens no incident: a file is read whole, so nothing is missing', async () => {
    await using project = await folderProject();
    await runOnly(project);
    await project.write('data/desk/c.jsonl', jsonLines([ticket(0), ticket(9)]));
    const report = await runOnly(project);
    assert.deepEqual(report.assets[0]?.late, {
      field: 'created_at',
      cursor: '2026-04-01T00:03:00Z',
      within: 0,
      behind: 1,
    });
    assert.equal(await verdict(project), 'pass');
  });
});

describe('a folder, recovered', () => {
  it('replays every file from its raw bytes, without the folder, and finds it equal', async () => {
    await using project = await folderProject();
    await runOnly(project);
    const before = await rows(project);
    await rm(join(project.root, 'data/desk'), { recursive: true });
    const { actions, report } = await recover(project, { verb: 'replay' });
    assert.deepEqual(actions, [
      ['a.jsonl', 'keep'],
      ['b.jsonl', 'keep'],
    ]);
    assert.equal(report?.state, 'nothing_to_commit');
    const rewritten = await recover(project, { verb: 'replay', rewrite: true });
    assert.equal(rewritten.report?.state, 'committed');
    assert.deepEqual(await rows(project), before);
    assert.equal(await verdict(project), 'pass');
  });

  it('reruns file by file: a corrected one replaces what it brought, a gone one keeps it, a new one comes in', async () => {
    await using project = await folderProject();
    await runOnly(project);
    await rm(join(project.root, 'data/desk/a.jsonl'));
    await project.write('data/desk/b.jsonl', jsonLines([ticket(8)]));
    await project.write('data/desk/c.jsonl', jsonLines([ticket(9)]));
    const { actions, report } = await recover(project, { verb: 'rerun' });
    assert.deepEqual(actions, [
      ['a.jsonl', 'keep'],
      ['b.jsonl', 'replace'],
      ['c.jsonl', 'read'],
    ]);
    assert.equal(report?.state, 'committed');
    const seen = (await rows(project)).join('\n');
    assert.match(seen, /TKT-20260401-000008/);
    assert.doesNotMatch(seen, /TKT-20260401-000003/);
    assert.equal((await rows(project)).length, 4);
    assert.equal(await verdict(project), 'pass');
  });

  it('retries what a stopped run had not finished: prepared files are not read again', async () => {
    await using project = await folderProject();
    let reached = 0;
    await using tidemark = await openTidemark({
      project: project.root,
      onReached: (point) => {
        if (point === 'unit_prepared') reached += 1;
        if (point === 'unit_prepared' && reached === 2) throw new Error('stopped');
      },
    });
    const { runs } = await tidemark.run();
    assert.equal(runs[0]?.state, 'failed');
    assert.equal(runs[0]?.assetTally.failed, 1);
    const { actions, report } = await recover(project, { verb: 'retry' });
    assert.deepEqual(actions, [
      ['a.jsonl', 'reuse'],
      ['b.jsonl', 'reuse'],
    ]);
    assert.equal(report?.state, 'committed');
    assert.equal((await rows(project)).length, 3);
  });

  it('retries a file that was prepared and is gone since: what was received of it comes in', async () => {
    await using project = await folderProject();
    const controller = new AbortController();
    await runOnly(project, {
      signal: controller.signal,
      onReached: (point) => (point === 'unit_prepared' ? controller.abort() : undefined),
    });
    await rm(join(project.root, 'data/desk/a.jsonl'));
    const { actions, report } = await recover(project, { verb: 'retry' });
    assert.deepEqual(actions, [
      ['a.jsonl', 'reuse'],
      ['b.jsonl', 'read'],
    ]);
    assert.equal(report?.state, 'committed');
    assert.equal((await rows(project)).length, 3);
  });

  it('that was held while it was empty is rerun file by file once it has files', async () => {
    await using project = await folderProject();
    const folder = join(project.root, 'data/desk');
    for (const name of ['a.jsonl', 'b.jsonl']) await rm(join(folder, name));
    await project.manifest('m', { assets: [{ ...SOURCE, metadata_status: 'missing' }] });
    await runOnly(project);
    await project.write('data/desk/a.jsonl', jsonLines([ticket(1)]));
    await project.manifest('m', { assets: [SOURCE] });
    const { actions, report } = await recover(project, { verb: 'rerun' });
    assert.deepEqual(actions, [['a.jsonl', 'read']]);
    assert.equal(report?.state, 'committed');
    assert.equal((await rows(project)).length, 1);
  });

  it('backfills an interval from every file, as a batch of its own that doubles nothing', async () => {
    await using project = await folderProject();
    await runOnly(project);
    await project.write('data/desk/c.jsonl', jsonLines([ticket(5)]));
    const { report } = await recover(project, {
      verb: 'backfill',
      from: '2026-04-01T00:02:00Z',
      to: '2026-04-01T00:06:00Z',
    });
    assert.equal(report?.state, 'committed');
    assert.equal((await rows(project)).length, 4);
    assert.equal(await verdict(project), 'pass');
  });
});
