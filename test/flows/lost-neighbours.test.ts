import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { removeBelow } from '../../tidemark/src/testing/durables-of.ts';
import { tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runOnly, runProject } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';

/** Two deliveries of one source in one batch; a record of the second is a duplicate of the first. */
async function deliveredTwice(): Promise<SampleProject> {
  const project = await sampleProject();
  const deliver = async (...numbers: number[]) => {
    const content = jsonLines(numbers.map((number) => ticket(number)));
    const asset = await project.asset({ source_id: 'helpdesk', path: 'data/t.jsonl', content });
    await project.manifest('m', { assets: [asset] });
    await runOnly(project);
  };
  await deliver(1, 2);
  await deliver(2, 3);
  return project;
}

/** Deletes the data file of the first delivery, as it is now. */
async function loseFirst(
  project: SampleProject,
  holding = 'TKT-20260401-000001',
  table = 'ticket',
): Promise<void> {
  await removeBelow(homeOf(project), `warehouse/bronze/${table}/data/`, holding);
}

async function replay(project: SampleProject): Promise<string[]> {
  await using tidemark = await openTidemark({ project: project.root });
  const batch = { manifestId: 'manifest-m-20260401-001', batchId: 'batch-m' };
  const { plan, planId } = await tidemark.planRecovery({ ...batch, verb: 'replay', reason: 'a test' });
  await tidemark.executePlan({ verb: 'replay', planId });
  return plan.sources.map(({ action }) => action).sort();
}

const rowsOf = async (project: SampleProject) => (await tablesAsSeen(homeOf(project))).ticket?.length;

describe('a lost data file that a later delivery of its batch was compared with', () => {
  it('is written again by the replay that is named for it; the later delivery stays as it is', async () => {
    await using project = await deliveredTwice();
    await loseFirst(project);
    assert.deepEqual(await replay(project), ['keep', 'restore']);
    assert.equal(await rowsOf(project), 3);
    await using tidemark = await openTidemark({ project: project.root });
    assert.deepEqual((await tidemark.verify()).symptoms, []);
  });

  it('is so again after it was made again under another contract', async () => {
    await using project = await deliveredTwice();
    await loseFirst(project);
    const path = join(project.root, 'contracts/data/ticket.json');
    await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), title: 'Another' }));
    assert.deepEqual(await replay(project), ['keep', 'restore']);
    await loseFirst(project);
    assert.deepEqual(await replay(project), ['keep', 'restore']);
    assert.equal(await rowsOf(project), 3);
  });
});

describe('a lost data file beside duplicates that have lost their keeper', () => {
  for (const [what, lose] of [
    ['of rows', (project: SampleProject) => loseFirst(project, 'TKT-20260401-000003')],
    ['of skips', (project: SampleProject) => loseFirst(project, 'source-c', 'skips')],
  ] as const)
    it(`${what} is mended with them by one replay`, async () => {
      await using project = await sampleProject();
      const asset = async (id: string, ...numbers: number[]) => ({
        ...(await project.asset({
          source_id: `source-${id}`,
          path: `data/${id}.jsonl`,
          content: jsonLines(numbers.map((number) => ticket(number))),
        })),
        size_bytes: null,
        checksum_sha256: null,
      });
      const [a, b, c] = [await asset('a', 1), await asset('b', 1, 2), await asset('c', 3, 3)];
      await project.manifest('m', { assets: [a, b, c] });
      await runOnly(project);
      await project.write('data/a.jsonl', jsonLines([ticket(4)]));
      await using tidemark = await openTidemark({ project: project.root });
      const batch = { manifestId: 'manifest-m-20260401-001', batchId: 'batch-m', reason: 'a test' };
      const { planId } = await tidemark.planRecovery({ ...batch, verb: 'rerun' });
      await tidemark.executePlan({ verb: 'rerun', planId });
      await lose(project);
      assert.deepEqual(await replay(project), ['keep', 'replace', 'restore']);
      assert.equal(await rowsOf(project), 4);
      assert.deepEqual((await tidemark.verify()).symptoms, []);
      assert.deepEqual((await tidemark.incidents()).incidents, []);
    });
});

describe('the data files of two batches that overlap', () => {
  it('are all lost, mended batch by batch, and are lost and mended again', async () => {
    await using project = await sampleProject();
    const deliver = async (source: string, batchId: string, ...numbers: number[]) => {
      const content = jsonLines(numbers.map((number) => ticket(number)));
      const asset = await project.asset({ source_id: source, path: `data/${source}.jsonl`, content });
      await project.manifest(source, { assets: [asset], batch_id: batchId });
      await using tidemark = await openTidemark({ project: project.root });
      await tidemark.run({});
    };
    await deliver('a', 'one', 1, 2, 5);
    await deliver('b', 'two', 2, 3, 4);
    for (let time = 0; time < 2; time += 1) {
      await loseFirst(project, '');
      await using tidemark = await openTidemark({ project: project.root });
      const { symptoms } = await tidemark.verify();
      assert.equal(new Set(symptoms.map(({ suggestion }) => suggestion)).size, 2);
      for (const { manifestId, batchId } of await tidemark.advise()) {
        const target = { manifestId, batchId: String(batchId), verb: 'replay', reason: 'a test' } as const;
        const { planId } = await tidemark.planRecovery(target);
        assert.equal((await tidemark.executePlan({ verb: 'replay', planId })).state, 'committed');
      }
      assert.deepEqual((await tidemark.verify()).symptoms, []);
      assert.equal(await rowsOf(project), 5);
    }
  });
});

describe('a lost data file that was written again, and replaced since', () => {
  it('still tells a replay of its neighbours what they were compared with', async () => {
    await using project = await sampleProject();
    const deliver = async (name: string, ...numbers: number[]) => {
      const content = jsonLines(numbers.map((number) => ticket(number)));
      const asset = await project.asset({ source_id: name, path: `data/${name}.jsonl`, content });
      await project.manifest(name, { assets: [asset] });
    };
    const mend = async (name: string, verb: 'rerun' | 'replay') => {
      await using tidemark = await openTidemark({ project: project.root });
      const batch = { manifestId: `manifest-${name}-20260401-001`, batchId: `batch-${name}` };
      const { plan, planId } = await tidemark.planRecovery({ ...batch, verb, reason: 'a test' });
      await tidemark.executePlan({ verb, planId });
      return plan.sources.map(({ action }) => action);
    };
    await deliver('first', 1, 2);
    await runOnly(project);
    await deliver('second', 1, 3);
    await runProject(project);
    await loseFirst(project, 'TKT-20260401-000002');
    assert.deepEqual(await mend('first', 'replay'), ['restore']);
    await deliver('first', 1, 2, 4);
    assert.deepEqual(await mend('first', 'rerun'), ['replace']);
    assert.deepEqual(await mend('second', 'replay'), ['keep']);
  });
});
