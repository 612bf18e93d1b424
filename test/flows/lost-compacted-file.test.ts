import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { RecoveryRequest } from '../../tidemark/src/recovery/plan-recovery.ts';
import { configure } from '../../tidemark/src/testing/configure.ts';
import { durablesOf, keysOf } from '../../tidemark/src/testing/durables-of.ts';
import { tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runOnly } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';
import { maintain, tidemarkOf } from '../aged-project.ts';

const TICKETS = 'warehouse/bronze/ticket/data/';
const BATCH = { manifestId: 'manifest-m-20260401-001', reason: 'a test' };

/** Nothing is compacted but where a test says so. */
async function uncompacted(): Promise<SampleProject> {
  const project = await sampleProject();
  await configure(project, { maintenance: { automatic: false }, limits: { filesCompactMin: 2 } });
  return project;
}

/** A batch of two sources that overlap in time and in one ticket, compacted into one data file. */
async function compacted(): Promise<SampleProject> {
  const project = await uncompacted();
  await deliver(project, { a: [1, 3, 5], b: [2, 3, 4] });
  await runOnly(project);
  await maintain(project);
  return project;
}

async function deliver(project: SampleProject, sources: Record<string, readonly number[]>): Promise<void> {
  const assets = [];
  for (const [name, numbers] of Object.entries(sources)) assets.push(await assetOf(project, name, numbers));
  await project.manifest('m', { assets });
}

async function assetOf(project: SampleProject, name: string, numbers: readonly number[]) {
  const content = jsonLines(numbers.map((number) => ticket(number)));
  return await project.asset({ source_id: name, path: `data/${name}.jsonl`, content });
}

/** What maintenance made of the others bears the name of the table. */
async function loseCompacted(project: SampleProject): Promise<void> {
  await using durables = await durablesOf(homeOf(project));
  const made = (await keysOf(durables, TICKETS)).filter((key) => /-ticket-\d+-\d+\.parquet$/.test(key));
  assert.equal(made.length, 1);
  await durables.remove(made[0] ?? '');
}

/** Another contract that judges as before. */
async function rewordContract(project: SampleProject): Promise<void> {
  const path = join(project.root, 'contracts/data/ticket.json');
  const schema = JSON.parse(await readFile(path, 'utf8'));
  schema.description = 'In other words.';
  await writeFile(path, JSON.stringify(schema));
}

/** Each opens the project for itself: what one has open is not looked for again in its store. */
async function run(project: SampleProject, batchId?: string): Promise<void> {
  await using tidemark = await tidemarkOf(project);
  await tidemark.run(batchId === undefined ? {} : { batchId });
}

/** A batch of source a, and a later one of source b, in data files of their own. */
async function twoBatches({ b }: { b: readonly number[] }): Promise<SampleProject> {
  const project = await uncompacted();
  await deliver(project, { a: [1, 5] });
  await run(project);
  await deliver(project, { a: [1, 5], b });
  await run(project, 'later');
  return project;
}

/** A store is asked by a verification alone: what a run has read of it lately has a copy. */
async function notice(project: SampleProject): Promise<void> {
  await using tidemark = await tidemarkOf(project);
  assert.ok((await tidemark.verify()).symptoms.length > 0);
}

async function isWell(project: SampleProject): Promise<void> {
  await using tidemark = await tidemarkOf(project);
  assert.deepEqual((await tidemark.verify()).symptoms, []);
}

async function replay(project: SampleProject, batchId: string): Promise<string> {
  await using tidemark = await tidemarkOf(project);
  const { planId } = await tidemark.planRecovery({ ...BATCH, batchId, verb: 'replay' } as RecoveryRequest);
  const report = await tidemark.executePlan({ verb: 'replay', planId });
  assert.equal(report.failure, null);
  return report.state;
}

async function typeWhatVerifySays(project: SampleProject): Promise<void> {
  await using tidemark = await tidemarkOf(project);
  const { symptoms } = await tidemark.verify();
  const commands = new Set(symptoms.map(({ suggestion }) => suggestion));
  assert.ok(commands.size > 0);
  for (const command of commands)
    await replay(project, /^tidemark replay .* --batch-id (\S+)$/.exec(command)?.[1] ?? '');
  assert.deepEqual((await tidemark.verify()).symptoms, []);
}

describe('a data file that was compacted from several sources, and is lost', () => {
  it('is made again by the replay of their batch, though each was compared with the others', async () => {
    await using project = await compacted();
    const { ticket: before } = await tablesAsSeen(homeOf(project));
    await loseCompacted(project);
    await typeWhatVerifySays(project);
    assert.deepEqual((await tablesAsSeen(homeOf(project))).ticket, before);
    await using tidemark = await tidemarkOf(project);
    const request = { ...BATCH, batchId: 'batch-m', verb: 'replay' } as RecoveryRequest;
    const { plan } = await tidemark.planRecovery(request);
    assert.deepEqual(
      plan.sources.map(({ action }) => action),
      ['keep', 'keep'],
      'and it is compared with no earlier form of itself',
    );
  });

  it('does not keep a batch that was compared with it from being replayed, once it was made again', async () => {
    await using project = await compacted();
    await deliver(project, { a: [1, 3, 5, 6], b: [2, 3, 4] });
    await using tidemark = await tidemarkOf(project);
    await tidemark.run({ batchId: 'later' });
    await loseCompacted(project);
    await typeWhatVerifySays(project);
    await rewordContract(project);
    await replay(project, 'later');
    assert.equal((await tablesAsSeen(homeOf(project))).ticket?.length, 6);
  });

  it('stands by what it was made again as: a batch that was compared with it comes to the same still', async () => {
    await using project = await compacted();
    await deliver(project, { a: [1, 3, 5, 6], b: [2, 3, 4] });
    await using tidemark = await tidemarkOf(project);
    await tidemark.run({ batchId: 'later' });
    await loseCompacted(project);
    await rewordContract(project);
    await replay(project, 'batch-m');
    assert.equal(await replay(project, 'later'), 'nothing_to_commit');
  });

  it('is no reason to find a record doubled: what was made again and compacted holds it itself', async () => {
    await using project = await uncompacted();
    await deliver(project, { a: [1, 5] });
    await runOnly(project);
    await deliver(project, { b: [2, 4] });
    await using tidemark = await tidemarkOf(project);
    await using durables = await durablesOf(homeOf(project));
    const [first = ''] = await keysOf(durables, TICKETS);
    await tidemark.run({ batchId: 'later' });
    await durables.remove(first);
    await deliver(project, { a: [1, 5] });
    await replay(project, 'batch-m');
    await deliver(project, { b: [2, 4] });
    await maintain(project);
    await rewordContract(project);
    assert.equal(await replay(project, 'later'), 'nothing_to_commit');
  });

  it('does not have two batches wait for each other, where one has brought more since', async () => {
    await using project = await twoBatches({ b: [2, 4] });
    await maintain(project);
    await deliver(project, { a: [1, 2, 5], b: [2, 4] });
    await run(project);
    const { ticket: before } = await tablesAsSeen(homeOf(project));
    await loseCompacted(project);
    await notice(project);
    assert.equal(await replay(project, 'batch-m'), 'committed');
    assert.equal(await replay(project, 'later'), 'committed');
    await isWell(project);
    assert.deepEqual((await tablesAsSeen(homeOf(project))).ticket?.length, before?.length);
  });

  it('has not lost the keepers of duplicates that the same replay brings back', async () => {
    await using project = await twoBatches({ b: [2, 4] });
    await maintain(project);
    await deliver(project, { a: [5, 1], b: [2, 4] });
    await run(project);
    await loseCompacted(project);
    await notice(project);
    assert.equal(await replay(project, 'later'), 'committed');
    const request = { ...BATCH, batchId: 'batch-m', verb: 'replay' } as RecoveryRequest;
    await using tidemark = await tidemarkOf(project);
    const { plan } = await tidemark.planRecovery(request);
    assert.deepEqual(
      plan.sources.map(({ sourceId, action }) => `${sourceId} ${action}`),
      ['a restore', 'a keep', 'b keep'],
    );
  });

  it('holds rows of others that a replay of one batch is compared with, though they come back later', async () => {
    await using project = await twoBatches({ b: [1, 4] });
    const { ticket: before, skips } = await tablesAsSeen(homeOf(project));
    await maintain(project);
    await loseCompacted(project);
    await replay(project, 'later');
    await replay(project, 'batch-m');
    const after = await tablesAsSeen(homeOf(project));
    assert.equal(after.ticket?.length, before?.length);
    assert.equal(after.skips?.length, skips?.length);
    assert.match(after.skips?.[0] ?? '', /"keeper_source_id","a"/);
    await isWell(project);
  });

  it('does not keep out what was held meanwhile and is admitted by now: the replay that brings it back compares the two', async () => {
    await using project = await compacted();
    const [kept, held] = [await assetOf(project, 'a', [1, 3, 5]), await assetOf(project, 'b', [2, 3, 4, 6])];
    await project.manifest('m', { assets: [kept, { ...held, metadata_status: 'missing' }] });
    await run(project);
    await project.manifest('m', { assets: [kept, held] });
    await loseCompacted(project);
    await typeWhatVerifySays(project);
    const { ticket: rows, quarantine } = await tablesAsSeen(homeOf(project));
    assert.equal(rows?.length, 6);
    assert.deepEqual(quarantine ?? [], []);
  });

  it('is mended once a source that the manifest has dropped is declared again, and until then the replay says so', async () => {
    await using project = await compacted();
    const [a, b] = [await assetOf(project, 'a', [1, 3, 5]), await assetOf(project, 'b', [2, 3, 4])];
    await project.manifest('m', { assets: [b] });
    await loseCompacted(project);
    await notice(project);
    await assert.rejects(
      replay(project, 'batch-m'),
      /cannot mend a, b: .* declares a no more: declare it again/,
    );
    await project.manifest('m', { assets: [a, b] });
    await typeWhatVerifySays(project);
    assert.equal((await tablesAsSeen(homeOf(project))).ticket?.length, 5);
  });

  it('of a source that the manifest has dropped keeps nothing else of its batch from being mended', async () => {
    await using project = await uncompacted();
    await deliver(project, { a: [1], b: [2] });
    await run(project);
    await project.manifest('m', { assets: [await assetOf(project, 'b', [2])] });
    await using durables = await durablesOf(homeOf(project));
    for (const key of await keysOf(durables, TICKETS)) await durables.remove(key);
    await notice(project);
    assert.equal(await replay(project, 'batch-m'), 'committed');
    await deliver(project, { a: [1], b: [2] });
    await typeWhatVerifySays(project);
  });
});
