import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { liveFilesOf } from './live-files.ts';
import {
  changesBetween,
  type ReconcileQuery,
  type RunReconciliation,
  reconcileRuns,
} from './reconcile-runs.ts';
import { manifestId, type TicketProject, ticket, ticketProject } from './ticket-project.fixture.ts';

describe('reconciling again', () => {
  test('passes, check for check as it was sealed, for the latest commit of every batch', async () => {
    await using project = await practice();
    await project.declare({ name: 'more', batchId: 'batch-2', sources: { 'desk:c': [ticket(5)] } });
    await project.run();
    await project.declare({ sources: { 'desk:a': [ticket(1), ticket(7)] } });
    const runs = await project.run();
    const found = await reconciled(project);
    assert.deepEqual(
      found.map(({ manifestId: id, batchId, revision }) => [id, batchId, revision]),
      [
        [manifestId('more'), 'batch-2', 1],
        [manifestId(), 'batch-1', 2],
      ],
    );
    for (const { reconciliation, sealed, changes, next } of found) {
      assert.equal(reconciliation.verdict, 'pass');
      assert.deepEqual(reconciliation, sealed);
      assert.deepEqual([changes, next], [[], null]);
    }
    assert.equal(found[1]?.runId, runs.find(({ state }) => state === 'committed')?.runId);
  });

  test('takes the sums of the raw objects again when asked, and that alone finds an altered byte', async () => {
    await using project = await practice();
    const [run] = await reconciled(project);
    const sha256 = (await project.run())[0]?.assets[0]?.sourceFingerprint ?? '';
    const path = project.home.objectPath('raw', sha256);
    const bytes = await readFile(path);
    bytes[10] = (bytes[10] ?? 0) ^ 1;
    await writeFile(path, bytes);
    assert.equal((await reconciled(project, { hash: false }))[0]?.reconciliation.verdict, 'pass');
    const [hashed] = await reconciled(project, { hash: true });
    assert.equal(hashed?.reconciliation.verdict, 'fail');
    assert.deepEqual(
      hashed?.changes.map(({ name, subject, sealed, now }) => [name, subject, sealed, now]),
      [['raw_checksum', 'desk:a', 'as_received', 'sum_differs']],
    );
    assert.equal(
      hashed?.next,
      `Restore what failed its check from a backup, then: tidemark reconcile --run ${run?.runId}`,
    );
  });

  test('a raw object that is gone or cut short is a failed check', async () => {
    await using project = await practice();
    const sha256 = (await project.run())[0]?.assets[0]?.sourceFingerprint ?? '';
    const path = project.home.objectPath('raw', sha256);
    await writeFile(path, 'cut');
    assert.deepEqual(await failed(project), [['raw_object', 'desk:a', 'size_differs']]);
    await rm(path);
    assert.deepEqual(await failed(project), [['raw_object', 'desk:a', 'missing']]);
  });

  test('a data file that is gone or damaged is a failed check that names it; the other tables are read all the same', async () => {
    await using project = await practice();
    const { catalog } = await project.archive();
    const [{ path, uri } = assert.fail()] = await liveFilesOf(catalog, 'ticket');
    for (const damage of [
      async () => await writeFile(path, 'no Parquet at all'),
      async () => await rm(path),
    ]) {
      await damage();
      const checks = await failed(project);
      assert.deepEqual(checks[0]?.slice(0, 2), ['readable', uri]);
      assert.deepEqual(
        checks.slice(1).map(([name, subject]) => [name, subject]),
        [
          ['file_records', 'bronze.ticket'],
          ['digest_accepted', 'desk:a'],
          ['digest_source_equals_bronze', 'desk:a'],
        ],
      );
    }
  });

  test("a table's metadata that is gone is a failed check that names it", async () => {
    await using project = await practice();
    const { catalog } = await project.archive();
    const row = await catalog
      .selectFrom('commits')
      .select('metadata_location')
      .where('table_name', '=', 'rejects')
      .executeTakeFirstOrThrow();
    await rm(row.metadata_location.replace('file://', ''));
    assert.deepEqual((await failed(project))[0]?.slice(0, 2), ['readable', row.metadata_location]);
  });

  test('one run is reconciled by its id, proven or not; for one never proven the next run is what to do', async () => {
    await using project = await ticketProject();
    await project.declare({ sources: { 'desk:a': [ticket(1)] } });
    await project.runKilledAt('committed');
    const [only = assert.fail()] = await reconciled(project);
    assert.deepEqual(await reconciled(project, { runId: only.runId }), [only]);
    assert.equal(only.reconciliation.verdict, 'pass');
    assert.equal(only.sealed, null);
    assert.equal(only.next, 'tidemark run --manifest-path data/seed_manifests/desk.json');
  });

  test('a run that committed nothing, or that nobody knows, is an error with the next command', async () => {
    await using project = await practice();
    const [again] = await project.run();
    await assert.rejects(reconciled(project, { runId: again?.runId ?? '' }), {
      code: 'TM6004',
      next: `tidemark show ${again?.runId}`,
    });
    await assert.rejects(reconciled(project, { runId: 'nobody' }), { code: 'TM8002' });
  });
});

test('checks that only one side has are told as not checked on the other', () => {
  const check = {
    name: 'data_files',
    subject: 'bronze.ticket',
    expected: '1',
    received: '1',
    verdict: 'pass',
  } as const;
  assert.deepEqual(changesBetween([check], []), [
    { name: 'data_files', subject: 'bronze.ticket', sealed: '1', now: 'not checked' },
  ]);
});

async function practice(): Promise<TicketProject> {
  const project = await ticketProject();
  const lines = [ticket(1), ticket(2), ticket(2), ticket(3, { status: 'asleep' })];
  await project.declare({ sources: { 'desk:a': lines } });
  await project.run();
  return project;
}

async function reconciled(project: TicketProject, query: ReconcileQuery = {}): Promise<RunReconciliation[]> {
  return await Array.fromAsync(reconcileRuns(await project.archive(), query));
}

async function failed(project: TicketProject): Promise<string[][]> {
  const [run] = await reconciled(project);
  const checks = run?.reconciliation.checks.filter(({ verdict }) => verdict === 'fail') ?? [];
  return checks.map(({ name, subject, received }) => [name, subject, received]);
}
