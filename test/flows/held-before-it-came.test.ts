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

const BATCH = { manifestId: 'manifest-m-20260401-001', batchId: 'batch-m', reason: 'a test' };

/** Two sources without declared sums; `b` is there, and of `a` neither metadata nor bytes have come. */
async function waiting(): Promise<SampleProject> {
  const project = await sampleProject();
  await project.write('data/b.jsonl', jsonLines([ticket(2), ticket(3, { status: 'parked' })]));
  await declare(project, 'missing');
  await runOnly(project);
  return project;
}

async function declare(project: SampleProject, status: 'missing' | 'complete'): Promise<void> {
  const assets = [];
  for (const name of ['a', 'b']) {
    const content = jsonLines([ticket(1)]);
    const made = await project.asset({ source_id: name, path: `data/unused-${name}.jsonl`, content });
    const { checksum_sha256: _sum, size_bytes: _size, ...undeclared } = made;
    const metadata_status = name === 'a' ? status : ('complete' as const);
    assets.push({ ...undeclared, source_url_or_path: `data/${name}.jsonl`, metadata_status });
  }
  await project.manifest('m', { assets });
}

/** The metadata is complete, and the file is there. */
async function arrive(project: SampleProject): Promise<void> {
  await project.write('data/a.jsonl', jsonLines([ticket(1)]));
  await declare(project, 'complete');
}

async function allowParked(project: SampleProject): Promise<void> {
  const path = join(project.root, 'contracts/data/ticket.json');
  const schema = JSON.parse(await readFile(path, 'utf8'));
  schema.properties.status.enum.push('parked');
  await writeFile(path, JSON.stringify(schema));
}

async function recover(project: SampleProject, verb: 'rerun' | 'replay', batchId = BATCH.batchId) {
  await using tidemark = await openTidemark({ project: project.root });
  const { planId } = await tidemark.planRecovery({ ...BATCH, batchId, verb });
  return await tidemark.executePlan({ verb, planId });
}

async function adviceOn(project: SampleProject) {
  await using tidemark = await openTidemark({ project: project.root, readOnly: true });
  const [advice] = await tidemark.advise(BATCH);
  return advice?.recommendation;
}

const tickets = async (project: SampleProject) => (await tablesAsSeen(homeOf(project))).ticket?.length ?? 0;

describe('a source that was held before anything of it had come', () => {
  it('is asked for once it is admitted: there is nothing stored of it to replay', async () => {
    await using project = await waiting();
    await arrive(project);
    const advice = await adviceOn(project);
    assert.equal(advice?.kind === 'verb' && advice.verb, 'rerun');
    await recover(project, 'rerun');
    assert.equal(await tickets(project), 2);
    assert.equal((await adviceOn(project))?.kind, 'none');
  });

  it('and has come since does not keep its batch from being replayed', async () => {
    await using project = await waiting();
    await arrive(project);
    await runOnly(project);
    await rm(join(project.root, 'data'), { recursive: true });
    await declare(project, 'complete');
    await allowParked(project);
    assert.equal((await recover(project, 'replay')).state, 'committed');
    assert.equal(await tickets(project), 3);
  });

  it('and never came does not keep the rest of its batch from being replayed', async () => {
    await using project = await waiting();
    await declare(project, 'complete');
    await allowParked(project);
    const advice = await adviceOn(project);
    assert.equal(advice?.kind === 'verb' && advice.verb, 'replay');
    assert.equal((await recover(project, 'replay')).state, 'committed');
    assert.equal(await tickets(project), 2);
  });

  it('is held by another batch too, which is replayed with what is its own', async () => {
    await using project = await waiting();
    await project.write('data/b.jsonl', jsonLines([ticket(4), ticket(5, { status: 'parked' })]));
    await using tidemark = await openTidemark({ project: project.root });
    await tidemark.run({ batchId: 'second' });
    await allowParked(project);
    assert.equal((await recover(project, 'replay', 'second')).state, 'committed');
    assert.equal(await tickets(project), 3);
  });
});
