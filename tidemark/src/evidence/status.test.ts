import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { pathOf } from '../bronze/table-io.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { acquireLease } from '../catalog/leases.ts';
import { catalogOfMany } from './many-runs.fixture.ts';
import { readStatus, type StatusReport } from './status.ts';
import { manifestId, type TicketProject, ticket, ticketProject } from './ticket-project.fixture.ts';

const RERUN = 'tidemark run --manifest-path data/seed_manifests/desk.json';

describe('status', () => {
  test('tells what each batch holds, its last run, its tables and how far its sources have come', async () => {
    await using project = await ticketProject();
    const lines = [ticket(1), ticket(2), ticket(2), ticket(3, { status: 'asleep' })];
    await project.declare({ sources: { 'desk:a': lines } });
    const [first] = await project.run();
    const [second] = await project.run();
    const status = await statusOf(project);
    const [batch] = status.batches;
    assert.equal(batch?.revision, 1);
    assert.equal(batch?.loadMode, 'full_snapshot');
    assert.equal(batch?.lastRun?.runId, second?.runId);
    assert.equal(batch?.lastRun?.state, 'nothing_to_commit');
    assert.equal(batch?.committed?.runId, first?.runId);
    assert.equal(batch?.committed?.proven, true);
    assert.equal(batch?.committed?.verdict, 'pass');
    assert.deepEqual(batch?.committed?.recordTally, first?.recordTally);
    assert.deepEqual(batch?.committed?.assetTally, first?.assetTally);
    assert.deepEqual(
      status.tables.map(
        (table) => table.fault === null && [table.table, table.totalRecords, table.totalFiles],
      ),
      [
        ['rejects', 1, 1],
        ['skips', 1, 1],
        ['ticket', 2, 1],
      ],
    );
    assert.equal(status.progress[0]?.watermark?.field, 'created_at');
    assert.deepEqual(status.chains, [{ ...status.chains[0], chain: manifestId(), seq: 3 }]);
    assert.deepEqual(status.attention, []);
  });

  test('opens no data file: with all of them gone it says the same', async () => {
    await using project = await ticketProject();
    await project.declare({ sources: { 'desk:a': [ticket(1)] } });
    await project.run();
    const before = await statusOf(project);
    await rm(join(project.home.tableDir('ticket'), 'data'), { recursive: true });
    assert.deepEqual(await statusOf(project), before);
  });

  test('does not load the data engine', { skip: process.platform !== 'linux' && 'needs /proc' }, async () => {
    await using project = await ticketProject();
    await project.declare({ sources: { 'desk:a': [ticket(1)] } });
    await project.run();
    const script = `
      const { openTidemark } = await import(${JSON.stringify(new URL('../open-tidemark.ts', import.meta.url))});
      await using tidemark = await openTidemark({ project: process.argv[1], readOnly: true });
      const { batches } = await tidemark.status();
      const { readFileSync } = await import('node:fs');
      console.log(batches.length, /duckdb/.test(readFileSync('/proc/self/maps', 'utf8')));`;
    const args = ['--input-type=module', '--eval', script, project.dir];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    assert.equal(stdout.trim(), '1 false');
  });

  test('answers within a second on a catalog of many runs', async () => {
    await using many = await catalogOfMany({ batches: 1_000, runsPerBatch: 8, assetsPerRun: 10 });
    const begin = performance.now();
    const status = await statusIn(many.catalog);
    const tookMs = performance.now() - begin;
    assert.deepEqual(status.known, { manifests: 50, batches: 1_000 });
    assert.equal(status.batches.length, 50);
    assert.ok(status.batches.every(({ lastRun, committed }) => lastRun !== null && committed !== null));
    assert.ok(tookMs < 1_000, `took ${tookMs.toFixed(0)} ms`);
  });

  test('of a folder where nothing ever ran is empty and well', async () => {
    await using project = await ticketProject();
    const status = await statusOf(project);
    const { batches, tables, chains, attention } = status;
    assert.deepEqual(
      { batches, tables, chains, attention },
      { batches: [], tables: [], chains: [], attention: [] },
    );
  });
});

describe('what is not well has exactly one next command:', () => {
  test('held and refused assets are to be looked at', async () => {
    await using project = await ticketProject();
    await project.declare({ sources: { 'desk:a': [ticket(1)], 'desk:b': [ticket(2)] }, held: ['desk:b'] });
    const [run] = await project.run();
    const { attention } = await statusOf(project);
    assert.deepEqual(attention, [
      {
        kind: 'assets_turned_away',
        subject: run?.runId,
        message: `1 held and 0 refused of 2 assets of batch batch-1 of ${manifestId()}.`,
        next: `tidemark show ${run?.runId}`,
      },
    ]);
  });

  test('a failed run says why and is run again', async () => {
    await using project = await ticketProject();
    await project.declare({ sources: { 'desk:a': [ticket(1)] } });
    await rm(join(project.dir, 'exports/desk-desk-a.jsonl'));
    await project.run();
    const { attention, batches } = await statusOf(project);
    assert.equal(batches[0]?.lastRun?.failure?.code, 'TM7004');
    assert.equal(batches[0]?.committed, null);
    assert.deepEqual(
      attention.map(({ kind, next }) => [kind, next]),
      [['run_failed', RERUN]],
    );
  });

  test('a run whose process died before its commit is run again', async () => {
    await using project = await ticketProject();
    await project.declare({ sources: { 'desk:a': [ticket(1)] } });
    await project.runKilledAt('unit_prepared');
    const status = await statusOf(project);
    assert.equal(status.unfinished.length, 1);
    assert.deepEqual(status.inProgress, []);
    assert.deepEqual(
      status.attention.map(({ kind, subject, next }) => [kind, subject, next]),
      [['run_died', status.unfinished[0], RERUN]],
    );
  });

  test('a batch whose run died between commit and proof is proven by the next run', async () => {
    await using project = await ticketProject();
    await project.declare({ sources: { 'desk:a': [ticket(1)] } });
    await project.runKilledAt('committed');
    const status = await statusOf(project);
    assert.equal(status.unproven.length, 1);
    assert.equal(status.batches[0]?.committed?.proven, false);
    assert.deepEqual(
      status.attention.map(({ kind, next }) => [kind, next]),
      [['proof_missing', RERUN]],
    );
    await project.run();
    const after = await statusOf(project);
    assert.deepEqual([after.unproven, after.attention], [[], []]);
  });

  test('a batch id given on the command line is given again', async () => {
    await using project = await ticketProject();
    await project.declare({ sources: { 'desk:a': [ticket(1)] } });
    await project.runKilledAt('run_opened', 'the fourth of march');
    const { attention } = await statusOf(project);
    assert.deepEqual(
      attention.map(({ next }) => next),
      [`${RERUN} --batch-id 'the fourth of march'`],
    );
  });

  test('a run that goes on is in progress, with its process, and nothing is wrong with it', async () => {
    await using project = await ticketProject();
    await project.declare({ sources: { 'desk:a': [ticket(1)] } });
    await project.runKilledAt('unit_prepared');
    const archive = await project.archive();
    const { unfinished } = await statusIn(archive.catalog);
    const [runId = assert.fail()] = unfinished;
    await acquireLease(archive.catalog, { resource: 'manifest:x', runId, now: '2026-03-01T00:00:00Z' });
    const status = await statusIn(archive.catalog);
    assert.deepEqual(
      status.inProgress.map((run) => [run.runId, run.pid]),
      [[runId, process.pid]],
    );
    assert.deepEqual([status.unfinished, status.attention], [[], []]);
  });

  test('a table whose metadata cannot be read is named, the rest is told all the same', async () => {
    await using project = await ticketProject();
    await project.declare({ sources: { 'desk:a': [ticket(1)] } });
    await project.run();
    const [table = assert.fail()] = (await statusOf(project)).tables;
    await writeFile(pathOf(table.metadataLocation), 'not JSON');
    const status = await statusOf(project);
    assert.equal(status.batches.length, 1);
    assert.deepEqual(
      status.attention.map(({ kind, subject, next }) => [kind, subject, next]),
      [['table_unreadable', 'ticket', 'tidemark reconcile']],
    );
  });
});

async function statusOf(project: TicketProject): Promise<StatusReport> {
  return await statusIn((await project.archive()).catalog);
}

async function statusIn(catalog: Catalog): Promise<StatusReport> {
  const now = new Date('2026-03-02T00:00:00Z');
  return await readStatus({ catalog, manifestSettings: {}, contractOf: () => null, now });
}
