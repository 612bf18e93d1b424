import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RunReport } from '../../tidemark/src/evidence/run-report.ts';
import type { RestartPoint } from '../../tidemark/src/model/restart-points.ts';
import { type OpenOptions, openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { editCatalog } from '../../tidemark/src/testing/catalog-of.ts';
import { durablesOf, keysOf } from '../../tidemark/src/testing/durables-of.ts';
import { tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runOnly, runProject } from '../../tidemark/src/testing/run-project.ts';
import { samplePdf } from '../../tidemark/src/testing/sample-assets.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';
import { runElsewhere } from './run-elsewhere.ts';
import { unreferencedFiles } from './unreferenced-files.ts';

/** Options of a run that stops cleanly the nth time that it comes to a point. */
function stoppingAt(point: RestartPoint, nth = 1) {
  const controller = new AbortController();
  let seen = 0;
  return {
    signal: controller.signal,
    onReached: (reached: RestartPoint) => {
      if (reached === point) seen += 1;
      if (seen === nth) controller.abort();
    },
  };
}

/** Options of a run that ends there and then when it comes to a point. */
function failingAt(point: RestartPoint) {
  const onReached = (reached: RestartPoint) => assert.notEqual(reached, point);
  return { onReached };
}

const DOCUMENTS = {
  modality: 'document',
  source_type: 'pdf_manual',
  contract_ref: 'omni://contracts/data/doc_asset/v1',
} as const;

async function oneManual(project: SampleProject) {
  const content = await samplePdf({ pages: 1 });
  return await project.asset({ source_id: 'manual', path: 'data/m.pdf', content, asset_type: 'pdf' });
}

describe('work that an interrupted run left prepared', () => {
  it('is done again when its data files are gone, never committed without them', async () => {
    await using project = await sampleProject();
    const content = jsonLines([ticket(1), ticket(2)]);
    const asset = await project.asset({ source_id: 'helpdesk', path: 'data/t.jsonl', content });
    await project.manifest('m', { assets: [asset] });
    await runOnly(project, stoppingAt('unit_prepared'));
    await using durables = await durablesOf(homeOf(project));
    for (const key of await keysOf(durables, 'warehouse/bronze/ticket/data/')) await durables.remove(key);

    const report = await runOnly(project);
    assert.equal(report.reconciliation?.verdict, 'pass');
    assert.equal(report.assets[0]?.reused, 'raw_object');
    assert.equal((await tablesAsSeen(homeOf(project))).ticket?.length, 2);
  });

  it('is done again when the manifest tells otherwise of an asset by now', async () => {
    await using project = await sampleProject();
    const manual = await oneManual(project);
    await project.manifest('m', { ...DOCUMENTS, assets: [manual] });
    await runOnly(project, stoppingAt('unit_prepared'));
    await project.manifest('m', { ...DOCUMENTS, owner: 'new-owner', assets: [manual] });

    const report = await runOnly(project);
    assert.equal(report.state, 'committed');
    assert.match((await tablesAsSeen(homeOf(project))).doc_asset?.[0] ?? '', /"owner","new-owner"/);
    assert.deepEqual(await unreferencedFiles(homeOf(project)), []);
  });

  it('is used again for records when the manifest changes around them', async () => {
    await using project = await sampleProject();
    const content = jsonLines([ticket(1), ticket(2)]);
    const asset = await project.asset({ source_id: 'helpdesk', path: 'data/t.jsonl', content });
    await project.manifest('m', { assets: [asset] });
    await runOnly(project, stoppingAt('unit_prepared'));
    await project.manifest('m', { owner: 'new-owner', assets: [asset] });
    assert.equal((await runOnly(project)).assets[0]?.reused, 'prepared_unit');
  });

  it('names as keeper what is in the table, also where the keeper was to be its neighbour in the batch', async () => {
    await using project = await sampleProject();
    const shared = ticket(1);
    const a = await project.asset({
      source_id: 'a',
      path: 'data/a.jsonl',
      content: jsonLines([shared, ticket(2)]),
    });
    const b = await project.asset({ source_id: 'b', path: 'data/b.jsonl', content: jsonLines([shared]) });
    await project.manifest('m', { assets: [a, b] });
    await runOnly(project, stoppingAt('unit_prepared', 2));
    const x = await project.asset({ source_id: 'x', path: 'data/x.jsonl', content: jsonLines([shared]) });
    await project.manifest('k', { assets: [x] });

    const [, report] = await runProject(project);
    assert.equal(report?.state, 'committed');
    assert.equal(report?.recordTally.duplicate, 2);
    const { ticket: rows = [], skips = [] } = await tablesAsSeen(homeOf(project));
    assert.equal(rows.length, 2);
    assert.deepEqual(
      skips.map((row) => /"keeper_source_id","(.*?)"/.exec(row)?.[1]),
      ['x', 'x'],
    );
  });
});

describe('a retry, whatever the source delivers by now,', () => {
  it('brings in what was received also after a retry that ended while it made that anew', async () => {
    await using project = await sampleProject();
    await deliver(project, [ticket(1), ticket(2)]);
    await runOnly(project, stoppingAt('unit_prepared'));
    await using durables = await durablesOf(homeOf(project));
    for (const key of await keysOf(durables, 'warehouse/bronze/ticket/data/')) await durables.remove(key);
    await deliver(project, [ticket(3)]);
    await retry(project, failingAt('unit_refined'));

    const report = await retry(project);
    assert.equal(report.state, 'committed');
    const { ticket: rows = [] } = await tablesAsSeen(homeOf(project));
    assert.match(rows.join(), /000001.*000002/);
    assert.doesNotMatch(rows.join(), /000003/);
  });

  it('takes up what the run that stopped received, nothing that an earlier one left behind', async () => {
    await using project = await sampleProject();
    await deliver(project, [ticket(1)]);
    await runOnly(project, stoppingAt('unit_prepared'));
    await using durables = await durablesOf(homeOf(project));
    for (const key of await keysOf(durables, 'warehouse/bronze/ticket/data/')) await durables.remove(key);
    assert.equal((await retry(project)).state, 'committed');
    await runOnly(project, failingAt('receipt_recorded'));
    await deliver(project, [ticket(1), ticket(2)]);

    const report = await retry(project);
    assert.equal(report.state, 'committed');
    assert.match((await tablesAsSeen(homeOf(project))).ticket?.join() ?? '', /000001.*000002/);
  });
});

async function deliver(project: SampleProject, tickets: readonly Record<string, unknown>[]): Promise<void> {
  const content = jsonLines(tickets);
  const undeclared = { checksum_sha256: null, size_bytes: null };
  const asset = await project.asset({ source_id: 'helpdesk', path: 'data/t.jsonl', content, ...undeclared });
  await project.manifest('m', { assets: [asset] });
}

async function retry(project: SampleProject, options: OpenOptions = {}): Promise<RunReport> {
  await using tidemark = await openTidemark({ project: project.root, ...options });
  const of = { manifestId: 'manifest-m-20260401-001', batchId: 'batch-m' };
  const { planId } = await tidemark.planRecovery({ verb: 'retry', reason: 'a test', ...of });
  return await tidemark.executePlan({ verb: 'retry', planId });
}

describe('a run that was taken for dead and goes on', () => {
  it('is refused its commit, and takes nothing away from the run that took its work over', async () => {
    await using project = await sampleProject();
    const content = jsonLines([ticket(1), ticket(2)]);
    const asset = await project.asset({ source_id: 'helpdesk', path: 'data/t.jsonl', content });
    await project.manifest('m', { assets: [asset] });
    let taken = false;
    const late = await runOnly(project, {
      onReached: async (point) => {
        if (point !== 'unit_prepared' || taken) return;
        taken = true;
        await declareDead(project);
        const { runs } = await runElsewhere(project, 'm.json');
        assert.equal(runs[0]?.state, 'committed');
        assert.equal(runs[0]?.assets[0]?.reused, 'prepared_unit');
      },
    });
    assert.equal(late.state, 'failed');
    assert.equal(late.failure?.code, 'TM5102');
    assert.equal((await tablesAsSeen(homeOf(project))).ticket?.length, 2);
    assert.deepEqual(await unreferencedFiles(homeOf(project)), []);
  });
});

/** As if the holder were a process of a machine that is no more. */
async function declareDead(project: SampleProject): Promise<void> {
  const holder = JSON.stringify({ host: 'gone', boot: 'gone', pid: 1, started: '1' });
  await editCatalog(homeOf(project), `UPDATE leases SET holder = '${holder}'`);
}
