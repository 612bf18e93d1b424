import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readTableMetadata } from '../../tidemark/src/bronze/iceberg/metadata-file.ts';
import { liveDataFiles } from '../../tidemark/src/bronze/iceberg/read-table.ts';
import type { RunReport } from '../../tidemark/src/evidence/run-report.ts';
import { objectKey } from '../../tidemark/src/landing/home.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import type { RecoveryRequest } from '../../tidemark/src/recovery/plan-recovery.ts';
import type { RecoveryPlan } from '../../tidemark/src/recovery/recovery-plan.ts';
import { SYSTEM_CLOCK } from '../../tidemark/src/run/clock.ts';
import { editCatalog } from '../../tidemark/src/testing/catalog-of.ts';
import { durablesOf, keysOf } from '../../tidemark/src/testing/durables-of.ts';
import { heads, tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runOnly, runProject } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';
import { tableFilesOf } from '../../tidemark/src/testing/table-files.ts';

const CONTRACT = 'contracts/data/ticket_v1.json';

type Verb =
  | { verb: 'retry' | 'rerun' | 'replay'; rewrite?: boolean; acceptLoss?: boolean }
  | { verb: 'backfill'; from: string; to: string };

async function plan(project: SampleProject, verb: Verb, batch = 'm'): Promise<[string, RecoveryPlan]> {
  await using tidemark = await openTidemark({ project: project.root });
  const request = {
    manifestId: `manifest-${batch}-20260401-001`,
    batchId: `batch-${batch}`,
    reason: 'a test',
    ...verb,
  } as RecoveryRequest;
  const sealed = await tidemark.planRecovery(request);
  return [sealed.planId, sealed.plan];
}

async function execute(project: SampleProject, verb: Verb['verb'], planId: string): Promise<RunReport> {
  await using tidemark = await openTidemark({ project: project.root });
  return await tidemark.executePlan({ verb, planId });
}

async function advise(project: SampleProject, batch: string) {
  await using tidemark = await openTidemark({ project: project.root, readOnly: true });
  const [advice] = await tidemark.advise({ batchId: `batch-${batch}` });
  return advice;
}

const seen = (project: SampleProject) => tablesAsSeen(homeOf(project));

/** Two good tickets, one duplicate, and two that the contract refuses. */
async function ticketsProject(): Promise<SampleProject> {
  const project = await sampleProject();
  const content = jsonLines([
    ticket(1),
    ticket(2),
    ticket(1),
    ticket(3, { status: 'parked' }),
    ticket(4, { status: 'lost' }),
  ]);
  const asset = await project.asset({ source_id: 'helpdesk', path: 'data/t.jsonl', content });
  await project.manifest('m', { assets: [asset] });
  return project;
}

async function contractFile(project: SampleProject): Promise<string> {
  const names = await readdir(join(project.root, 'contracts/data'));
  return join(project.root, 'contracts/data', names.find((name) => name.includes('ticket')) ?? CONTRACT);
}

async function allowStatus(project: SampleProject, status: string): Promise<void> {
  const path = await contractFile(project);
  const schema = JSON.parse(await readFile(path, 'utf8'));
  schema.properties.status.enum.push(status);
  await writeFile(path, JSON.stringify(schema));
}

/** Rows of `bronze.ticket` in the snapshot that bears a tag. */
async function taggedRows(project: SampleProject, tag: string): Promise<number> {
  const head = (await heads(homeOf(project))).ticket ?? '';
  await using io = await tableFilesOf(homeOf(project));
  const { metadata } = await readTableMetadata(io, head);
  const snapshotId = metadata.refs[tag]?.['snapshot-id'];
  assert.ok(snapshotId !== undefined, `no tag ${tag}`);
  const files = await Array.fromAsync(liveDataFiles({ io, metadata, snapshotId }));
  return files.reduce((sum, { recordCount }) => sum + Number(recordCount), 0);
}

async function cursors(project: SampleProject) {
  await using tidemark = await openTidemark({ project: project.root, readOnly: true });
  return (await tidemark.status()).progress;
}

describe('replay', () => {
  it('of unchanged bytes under an unchanged contract proves equality, contacts no source and commits nothing', async () => {
    await using project = await ticketsProject();
    const first = await runOnly(project);
    const [before, tables] = [await heads(homeOf(project)), await seen(project)];
    await rm(join(project.root, 'data/t.jsonl'));

    const [planId, planned] = await plan(project, { verb: 'replay' });
    assert.deepEqual(
      planned.sources.map(({ action }) => action),
      ['keep'],
    );
    const report = await execute(project, 'replay', planId);
    assert.equal(report.state, 'nothing_to_commit');
    assert.match(report.assets[0]?.note ?? '', /equal to what run .* committed/);
    assert.equal(report.recovery?.parentRunId, first.runId);
    assert.deepEqual(await heads(homeOf(project)), before);
    assert.deepEqual(await seen(project), tables);
  });

  it('under a repaired contract brings in what was rejected, as the plan said, and keeps the old snapshot tagged', async () => {
    await using project = await ticketsProject();
    await runOnly(project);
    const progress = await cursors(project);
    await allowStatus(project, 'parked');

    const [planId, planned] = await plan(project, { verb: 'replay' });
    const [source] = planned.sources;
    assert.equal(source?.action, 'replace');
    assert.deepEqual([source?.changes?.admitted, source?.changes?.rejected], [1, 0]);
    assert.deepEqual(
      source?.changes?.examples.map(({ line, after }) => [line, after]),
      [[4, 'not rejected']],
    );
    assert.deepEqual([planned.expected?.accepted, planned.expected?.duplicate], [3, 1]);

    const report = await execute(project, 'replay', planId);
    assert.equal(report.state, 'committed');
    assert.equal(report.reconciliation?.verdict, 'pass');
    assert.deepEqual(report.recordTally, planned.expected);
    assert.equal(await taggedRows(project, `before-${report.runId}`), 2);
    assert.deepEqual(await cursors(project), progress);
    const { ticket: rows = [], rejects = [], skips = [] } = await seen(project);
    assert.deepEqual([rows.length, rejects.length, skips.length], [3, 1, 1]);

    const [, again] = await plan(project, { verb: 'replay' });
    assert.deepEqual(
      again.sources.map(({ action }) => action),
      ['keep'],
    );
    assert.equal((await runOnly(project)).state, 'nothing_to_commit');
  });

  it('under a repaired contract whose old rejections are lost is planned all the same, and says what it cannot tell', async () => {
    await using project = await ticketsProject();
    await runOnly(project);
    await allowStatus(project, 'parked');
    await removeBelow(project, 'warehouse/bronze/rejects/data/');
    const [planId, planned] = await plan(project, { verb: 'replay' });
    const [source] = planned.sources;
    assert.equal(source?.changes, null);
    assert.match(source?.why ?? '', /which these are is not told, since data file .*rejects.* is missing/);
    assert.equal((await execute(project, 'replay', planId)).state, 'committed');
    assert.equal((await seen(project)).ticket?.length, 3);
  });

  it('writes again what was committed and is gone from the tables’ folder', async () => {
    await using project = await ticketsProject();
    await runOnly(project);
    const tables = await seen(project);
    await removeBelow(project, 'warehouse/bronze/ticket/data/');

    const [planId, planned] = await plan(project, { verb: 'replay' });
    assert.equal(planned.sources[0]?.action, 'restore');
    assert.equal((await execute(project, 'replay', planId)).reconciliation?.verdict, 'pass');
    assert.deepEqual(await seen(project), tables);
  });

  it('admits a held asset once its declaration is mended, from the bytes that were kept', async () => {
    await using project = await sampleProject();
    const content = jsonLines([ticket(1), ticket(2)]);
    const held = await project.asset({
      source_id: 'helpdesk',
      path: 'data/t.jsonl',
      content,
      metadata_status: 'missing',
    });
    await project.manifest('m', { assets: [held] });
    assert.equal((await runOnly(project)).assets[0]?.outcome, 'held');
    await rm(join(project.root, 'data/t.jsonl'));
    await project.manifest('m', { assets: [{ ...held, metadata_status: 'complete' }] });

    const [planId, planned] = await plan(project, { verb: 'replay' });
    assert.equal(planned.sources[0]?.action, 'admit');
    assert.equal((await execute(project, 'replay', planId)).state, 'committed');
    const { ticket: rows = [], quarantine = [] } = await seen(project);
    assert.deepEqual([rows.length, quarantine.length], [2, 0]);
  });

  it('of altered raw bytes is impossible, and says that only the source can mend them', async () => {
    await using project = await ticketsProject();
    const report = await runOnly(project);
    await alterRaw(project, report);
    const [planId, planned] = await plan(project, { verb: 'replay' });
    assert.equal(planned.sources[0]?.action, 'impossible');
    await assert.rejects(execute(project, 'replay', planId), { code: 'TM7106' });
  });
});

/** The raw object of the first asset, altered. Gives its key. */
async function alterRaw(project: SampleProject, report: RunReport): Promise<string> {
  const key = objectKey('raw', report.assets[0]?.sourceFingerprint ?? '');
  await using durables = await durablesOf(homeOf(project));
  const bytes = Buffer.from((await durables.get(key)) ?? []);
  bytes[20] = (bytes[20] ?? 0) ^ 1;
  await durables.put(key, bytes);
  return key;
}

async function removeBelow(project: SampleProject, prefix: string): Promise<void> {
  await using durables = await durablesOf(homeOf(project));
  for (const key of await keysOf(durables, prefix)) await durables.remove(key);
}

describe('rerun', () => {
  it('receives altered raw bytes again from the source, and changes no table', async () => {
    await using project = await ticketsProject();
    const first = await runOnly(project);
    const tables = await seen(project);
    const key = await alterRaw(project, first);

    const [planId, planned] = await plan(project, { verb: 'rerun' });
    assert.deepEqual([planned.sources[0]?.action, planned.sources[0]?.replaces], ['read', []]);
    await execute(project, 'rerun', planId);
    await using durables = await durablesOf(homeOf(project));
    const stored = Buffer.from((await durables.get(key)) ?? []);
    assert.equal(stored.toString(), await readFile(join(project.root, 'data/t.jsonl'), 'utf8'));
    assert.deepEqual(await seen(project), tables);
    const [, again] = await plan(project, { verb: 'rerun' });
    assert.equal(again.sources[0]?.action, 'keep');
  });

  it('replaces what a corrected source brought before; nothing of the wrong delivery is left in the tables', async () => {
    await using project = await ticketsProject();
    await runOnly(project);
    const content = jsonLines([ticket(1), ticket(2, { subject: 'corrected' }), ticket(5)]);
    const asset = await project.asset({ source_id: 'helpdesk', path: 'data/t.jsonl', content });
    await project.manifest('m', { assets: [asset] });

    const [planId, planned] = await plan(project, { verb: 'rerun' });
    assert.equal(planned.sources[0]?.action, 'replace');
    assert.deepEqual(planned.effects.find(({ table }) => table === 'ticket')?.removes, 2);
    const report = await execute(project, 'rerun', planId);
    assert.equal(report.reconciliation?.verdict, 'pass');
    const { ticket: rows = [], rejects = [], skips = [] } = await seen(project);
    assert.deepEqual([rows.length, rejects.length, skips.length], [3, 0, 0]);
    assert.ok(rows.some((row) => row.includes('corrected')));
  });

  it('that takes the keeper of another batch’s duplicate out says so, and the replay it names brings that record in', async () => {
    await using project = await sampleProject();
    const deliver = async (name: string, numbers: readonly number[]) => {
      const content = jsonLines(numbers.map((number) => ticket(number)));
      const asset = await project.asset({ source_id: `desk-${name}`, path: `data/${name}.jsonl`, content });
      await project.manifest(name, { assets: [asset] });
    };
    await deliver('m', [1, 2]);
    await runProject(project);
    await deliver('n', [2, 3]);
    await runProject(project);

    await deliver('m', [1, 9]);
    const [planId] = await plan(project, { verb: 'rerun' });
    await execute(project, 'rerun', planId);
    const advised = await advise(project, 'n');
    assert.deepEqual([advised?.recommendation.kind, advised?.next?.split(' ')[1]], ['verb', 'replay']);
    assert.match(advised?.recommendation.reason ?? '', /without their keeper: desk-n/);

    const [rehome, planned] = await plan(project, { verb: 'replay' }, 'n');
    assert.equal(planned.sources[0]?.action, 'replace');
    assert.deepEqual([planned.expected?.accepted, planned.expected?.duplicate], [2, 0]);
    const report = await execute(project, 'replay', rehome);
    assert.deepEqual(report.recordTally, planned.expected);
    const { ticket: rows = [] } = await seen(project);
    assert.deepEqual(rows.length, 4);
    assert.equal((await advise(project, 'n'))?.recommendation.kind, 'none');
    const [, again] = await plan(project, { verb: 'replay' }, 'n');
    assert.equal(again.sources[0]?.action, 'keep');
  });

  it('does not empty a table because its source shrank, until that is accepted', async () => {
    await using project = await ticketsProject();
    await runOnly(project);
    const tables = await seen(project);
    const asset = await project.asset({
      source_id: 'helpdesk',
      path: 'data/t.jsonl',
      content: jsonLines([ticket(1)]),
    });
    await project.manifest('m', { assets: [asset] });

    const [planId] = await plan(project, { verb: 'rerun' });
    const refused = await execute(project, 'rerun', planId);
    assert.deepEqual([refused.state, refused.failure?.code], ['failed', 'TM7105']);
    assert.deepEqual(await seen(project), tables);

    const [accepted] = await plan(project, { verb: 'rerun', acceptLoss: true });
    assert.equal((await execute(project, 'rerun', accepted)).state, 'committed');
    assert.equal((await seen(project)).ticket?.length, 1);
  });
});

describe('backfill', () => {
  it('takes in a window as a batch of its own, doubles nothing and leaves the cursor alone', async () => {
    await using project = await sampleProject();
    const all = [1, 2, 3, 4, 5].map((number) => ticket(number));
    const content = jsonLines(all);
    const asset = await project.asset({ source_id: 'helpdesk', path: 'data/t.jsonl', content });
    const window = { cursor_field: 'created_at', cursor_start: '2026-04-01T00:04:00Z' };
    await project.manifest('m', {
      load_mode: 'incremental_cursor',
      selection_window: window,
      assets: [asset],
    });
    await runOnly(project);
    assert.equal((await seen(project)).ticket?.length, 2);
    const progress = async () => {
      await using tidemark = await openTidemark({ project: project.root, readOnly: true });
      return (await tidemark.status()).progress;
    };
    const before = await progress();

    const interval = { from: '2026-04-01T00:02:00Z', to: '2026-04-01T00:05:00Z' };
    const [planId, planned] = await plan(project, { verb: 'backfill', ...interval });
    const report = await execute(project, 'backfill', planId);
    assert.equal(report.batchId, planned.batchId);
    assert.deepEqual([report.recordTally.accepted, report.recordTally.duplicate], [2, 1]);
    assert.equal((await seen(project)).ticket?.length, 4);
    assert.deepEqual(await progress(), before);
  });
});

describe('retry', () => {
  it('finishes what an interrupted run began, from what it received, without its source', async () => {
    await using project = await ticketsProject();
    const controller = new AbortController();
    const stopped = await runOnly(project, {
      signal: controller.signal,
      onReached: (point) => {
        if (point === 'unit_prepared') controller.abort();
      },
    });
    assert.equal(stopped.state, 'interrupted');
    await rm(join(project.root, 'data/t.jsonl'));

    const [planId, planned] = await plan(project, { verb: 'retry' });
    assert.equal(planned.sources[0]?.action, 'reuse');
    const report = await execute(project, 'retry', planId);
    assert.deepEqual([report.state, report.retryOf], ['committed', stopped.runId]);
    assert.equal((await seen(project)).ticket?.length, 2);
  });

  it('does not take what an earlier attempt left behind for what the source delivers now', async () => {
    await using project = await sampleProject();
    const stopAt = async (point: string) => {
      const controller = new AbortController();
      await runOnly(project, {
        signal: controller.signal,
        onReached: (reached) => (reached === point ? controller.abort() : undefined),
      });
    };
    // Without a declared sum nothing else would tell that the bytes are old ones.
    const deliver = async (number: number) => {
      const content = jsonLines([ticket(number)]);
      const asset = await project.asset({ source_id: 'helpdesk', path: 'data/t.jsonl', content });
      const { checksum_sha256: _sum, size_bytes: _size, ...undeclared } = asset;
      await project.manifest('m', { assets: [undeclared] });
    };
    await deliver(1);
    await stopAt('unit_prepared');
    await deliver(2);
    await runOnly(project);
    await deliver(3);
    await stopAt('run_opened');

    const [planId, planned] = await plan(project, { verb: 'retry' });
    assert.equal(planned.sources[0]?.action, 'read');
    await execute(project, 'retry', planId);
    assert.match((await seen(project)).ticket?.join('') ?? '', /000002.*000003/);
    assert.doesNotMatch((await seen(project)).ticket?.join('') ?? '', /000001/);
  });

  it('of a batch that is whole has nothing to do, and names the command that tells more', async () => {
    await using project = await ticketsProject();
    await runOnly(project);
    await assert.rejects(plan(project, { verb: 'retry' }), { code: 'TM7106', next: /^tidemark recover/ });
  });

  it('leaves what another batch has committed meanwhile as it is, whatever the source delivers by now', async () => {
    await using project = await ticketsProject();
    const desk = await project.asset({
      source_id: 'desk',
      path: 'data/d.jsonl',
      content: jsonLines([ticket(7)]),
    });
    const portal = await project.asset({
      source_id: 'portal',
      path: 'data/p.jsonl',
      content: jsonLines([ticket(8)]),
    });
    await project.manifest('m', { assets: [desk, portal] });
    let received = 0;
    await using stopped = await openTidemark({
      project: project.root,
      onReached: (point) => {
        if (point === 'receipt_recorded' && ++received === 2) throw new Error('stopped here');
      },
    });
    assert.equal((await stopped.run({ batchId: 'batch-two' })).runs[0]?.state, 'failed');
    assert.equal((await runOnly(project)).state, 'committed');
    await project.write('data/d.jsonl', jsonLines([ticket(9)]));
    await using tidemark = await openTidemark({ project: project.root });
    const request = {
      verb: 'retry',
      manifestId: 'manifest-m-20260401-001',
      batchId: 'batch-two',
      reason: 'a test',
    } as const;
    const { planId } = await tidemark.planRecovery(request);
    const report = await tidemark.executePlan({ verb: 'retry', planId });
    assert.deepEqual(
      report.assets.map(({ sourceId, outcome }) => [sourceId, outcome]),
      [
        ['desk', 'already_committed'],
        ['portal', 'already_committed'],
      ],
    );
  });
});

describe('a recovery plan', () => {
  it('is executed once', async () => {
    await using project = await ticketsProject();
    await runOnly(project);
    const [planId] = await plan(project, { verb: 'replay' });
    await execute(project, 'replay', planId);
    await assert.rejects(execute(project, 'replay', planId), { code: 'TM7101' });
  });

  it('is refused when the world has moved, with what moved', async () => {
    await using project = await ticketsProject();
    await runOnly(project);
    await allowStatus(project, 'parked');
    const [planId] = await plan(project, { verb: 'replay' });
    await allowStatus(project, 'lost');
    const tables = await seen(project);
    await assert.rejects(execute(project, 'replay', planId), {
      code: 'TM7102',
      message: /contract omni.*was/,
    });
    assert.deepEqual(await seen(project), tables);
  });

  it('is refused a day after it was made, and names the command that makes it anew', async () => {
    await using project = await ticketsProject();
    await runOnly(project);
    const [planId] = await plan(project, { verb: 'replay' });
    const tomorrow = new Date(Date.now() + 25 * 3_600_000);
    await using tidemark = await openTidemark({
      project: project.root,
      clock: { ...SYSTEM_CLOCK, now: () => tomorrow },
    });
    await assert.rejects(tidemark.executePlan({ verb: 'replay', planId }), {
      code: 'TM7103',
      next: /tidemark replay --manifest manifest-m-20260401-001 --batch-id batch-m/,
    });
  });

  it('that was being executed when its process died is executed again as it is', async () => {
    await using project = await ticketsProject();
    await runOnly(project);
    await allowStatus(project, 'parked');
    const [planId, planned] = await plan(project, { verb: 'replay' });
    const controller = new AbortController();
    {
      await using tidemark = await openTidemark({
        project: project.root,
        signal: controller.signal,
        onReached: (point) => (point === 'unit_prepared' ? controller.abort() : undefined),
      });
      assert.equal((await tidemark.executePlan({ verb: 'replay', planId })).state, 'interrupted');
    }
    assert.equal((await advise(project, 'm'))?.next, `tidemark replay --execute ${planId.slice(0, 12)}`);
    const report = await execute(project, 'replay', planId);
    assert.deepEqual([report.state, report.recordTally], ['committed', planned.expected]);
    assert.equal((await advise(project, 'm'))?.recommendation.kind, 'none');
  });

  it('is refused when it is not what was sealed', async () => {
    await using project = await ticketsProject();
    await runOnly(project);
    const [planId] = await plan(project, { verb: 'replay' });
    await editCatalog(
      homeOf(project),
      `UPDATE plans SET body = replace(body, '"recordsMin":', '"recordsMin":-')`,
    );
    await assert.rejects(execute(project, 'replay', planId), { code: 'TM7104' });
  });
});
