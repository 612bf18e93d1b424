import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runOnly } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';

const MANIFEST = 'manifest-m-20260401-001';

async function deliver(project: SampleProject, contents: Readonly<Record<string, string>>): Promise<void> {
  const assets = [];
  for (const [name, content] of Object.entries(contents))
    assets.push(await project.asset({ source_id: name, path: `data/${name}.jsonl`, content }));
  await project.manifest('m', { assets });
}

async function adviceOn(project: SampleProject, batchId: string): Promise<string | undefined> {
  await using tidemark = await openTidemark({ project: project.root, readOnly: true });
  const [advice] = await tidemark.advise({ batchId });
  return advice?.recommendation.kind;
}

async function runAs(project: SampleProject, batchId: string): Promise<void> {
  await using tidemark = await openTidemark({ project: project.root });
  const manifestPaths = [join(project.root, 'data/seed_manifests/m.json')];
  const { runs } = await tidemark.run({ manifestPaths, batchId });
  assert.equal(runs[0]?.failure, null);
}

describe('a batch whose sources were taken in by another batch', () => {
  it('misses nothing, as a whole or in part', async () => {
    await using project = await sampleProject();
    await deliver(project, { a: jsonLines([ticket(1)]), b: jsonLines([ticket(2)]) });
    await runAs(project, 'first');
    await runAs(project, 'whole');
    await deliver(project, { a: jsonLines([ticket(1)]), b: jsonLines([ticket(3)]) });
    await runAs(project, 'part');
    assert.equal(await adviceOn(project, 'whole'), 'none');
    assert.equal(await adviceOn(project, 'part'), 'none');
  });

  it('is replayed with what is its own; for the rest the other batch stands', async () => {
    await using project = await sampleProject();
    await deliver(project, { a: jsonLines([ticket(1)]) });
    await runAs(project, 'first');
    await deliver(project, { a: jsonLines([ticket(1)]), b: jsonLines([ticket(3)]) });
    await runAs(project, 'part');
    await using tidemark = await openTidemark({ project: project.root });
    const request = { manifestId: MANIFEST, batchId: 'part', verb: 'replay' as const, reason: 'a test' };
    const { plan, planId } = await tidemark.planRecovery(request);
    assert.deepEqual(
      plan.sources.map(({ action }) => action),
      ['keep', 'keep'],
    );
    assert.match(plan.sources[0]?.why ?? '', /came in by run .*, in another batch/);
    assert.equal((await tidemark.executePlan({ verb: 'replay', planId })).state, 'nothing_to_commit');
    assert.equal(await adviceOn(project, 'part'), 'none');
  });
});

/** Changes what the contract of tickets accepts. */
async function allowParked(project: SampleProject): Promise<void> {
  const path = join(project.root, 'contracts/data/ticket.json');
  const schema = JSON.parse(await readFile(path, 'utf8'));
  schema.properties.status.enum.push('parked');
  await writeFile(path, JSON.stringify(schema));
}

async function recover(project: SampleProject, batchId: string, verb: 'rerun' | 'replay') {
  await using tidemark = await openTidemark({ project: project.root });
  const { planId } = await tidemark.planRecovery({ manifestId: MANIFEST, batchId, verb, reason: 'a test' });
  return await tidemark.executePlan({ verb, planId });
}

describe('a batch whose sources were taken in by another batch that changed since', () => {
  it('misses nothing when the other batch came to other records under another contract', async () => {
    await using project = await sampleProject();
    await deliver(project, { a: jsonLines([ticket(1), ticket(2, { status: 'parked' })]) });
    await runAs(project, 'first');
    await runAs(project, 'whole');
    await allowParked(project);
    assert.equal((await recover(project, 'first', 'replay')).state, 'committed');
    assert.equal(await adviceOn(project, 'whole'), 'none');
  });

  it('is rerun, though nothing of it was ever committed, where the other batch has its content no more', async () => {
    await using project = await sampleProject();
    await deliver(project, { a: jsonLines([ticket(1)]) });
    await runAs(project, 'first');
    await runAs(project, 'whole');
    await deliver(project, { a: jsonLines([ticket(2)]) });
    await recover(project, 'first', 'rerun');
    await using tidemark = await openTidemark({ project: project.root });
    const [advice] = await tidemark.advise({ batchId: 'whole' });
    assert.equal(advice?.next, `tidemark rerun --manifest ${MANIFEST} --batch-id whole`);
    await recover(project, 'whole', 'rerun');
    assert.equal(await adviceOn(project, 'whole'), 'none');
  });
});

describe('a batch whose folder was taken in by another batch', () => {
  it('misses nothing, whether the files are still in the folder or not', async () => {
    await using project = await sampleProject();
    await project.write('data/f/p.jsonl', jsonLines([ticket(1)]));
    const folder = { source_id: 'f', source_url_or_path: 'data/f', asset_type: 'jsonl' } as const;
    const judged = { metadata_status: 'complete', pii_scan_status: 'clear' } as const;
    await project.manifest('m', { assets: [{ ...folder, ...judged }] });
    await runAs(project, 'first');
    await runAs(project, 'full');
    await rm(join(project.root, 'data/f/p.jsonl'));
    await runAs(project, 'emptied');
    assert.equal(await adviceOn(project, 'full'), 'none');
    assert.equal(await adviceOn(project, 'emptied'), 'none');
  });
});

describe('a batch of empty files', () => {
  it('is committed and proven, wants nothing more, and is as it is recorded', async () => {
    await using project = await sampleProject();
    await deliver(project, { a: '' });
    const report = await runOnly(project);
    assert.equal(report.state, 'committed');
    assert.equal(report.reconciliation?.verdict, 'pass');
    assert.equal(await adviceOn(project, 'batch-m'), 'none');
    await using tidemark = await openTidemark({ project: project.root });
    assert.deepEqual((await tidemark.verify()).symptoms, []);
    const { runs } = await tidemark.run();
    assert.equal(runs[0]?.state, 'nothing_to_commit');
  });

  it('does not hide what the batch committed before', async () => {
    await using project = await sampleProject();
    await deliver(project, { a: jsonLines([ticket(1)]) });
    await runOnly(project);
    await deliver(project, { a: '' });
    await runOnly(project);
    assert.equal(await adviceOn(project, 'batch-m'), 'none');
    await using tidemark = await openTidemark({ project: project.root });
    assert.deepEqual((await tidemark.verify()).symptoms, []);
  });
});

describe('a batch that waits, of which all had been in the table', () => {
  it('brings what has gone from there in the meantime', async () => {
    await using project = await sampleProject();
    const keep = async (number: number) => {
      const content = jsonLines([ticket(number)]);
      const asset = await project.asset({ source_id: 'kept', path: 'data/kept.jsonl', content });
      await project.manifest('kept', { assets: [asset] });
    };
    await keep(1);
    await deliver(project, { a: jsonLines([ticket(1)]), b: jsonLines([ticket(2)]) });
    await rm(join(project.root, 'data/b.jsonl'));
    const runBoth = async () => {
      await using tidemark = await openTidemark({ project: project.root });
      return (await tidemark.run()).runs.map(({ state }) => state);
    };
    assert.deepEqual(await runBoth(), ['committed', 'failed']);
    await keep(2);
    {
      await using tidemark = await openTidemark({ project: project.root });
      const batch = { manifestId: 'manifest-kept-20260401-001', batchId: 'batch-kept' };
      const { planId } = await tidemark.planRecovery({ ...batch, verb: 'rerun', reason: 'a test' });
      await tidemark.executePlan({ verb: 'rerun', planId });
    }
    await deliver(project, { a: jsonLines([ticket(1)]), b: jsonLines([ticket(2)]) });
    await runBoth();
    const rows = (await tablesAsSeen(homeOf(project))).ticket ?? [];
    const ids = rows.map((row) => /TKT-\d+-\d+/.exec(row)?.[0]);
    assert.deepEqual(ids.sort(), ['TKT-20260401-000001', 'TKT-20260401-000002']);
    await using tidemark = await openTidemark({ project: project.root });
    assert.deepEqual((await tidemark.verify()).symptoms, []);
  });
});
