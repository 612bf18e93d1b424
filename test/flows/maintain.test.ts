import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { RunReport } from '../../tidemark/src/evidence/run-report.ts';
import type { TablePlan } from '../../tidemark/src/maintain/maintenance-plan.ts';
import type { RecoveryRequest } from '../../tidemark/src/recovery/plan-recovery.ts';
import { CATALOG_IS_A_FILE, editCatalog, openCatalogOf } from '../../tidemark/src/testing/catalog-of.ts';
import { configure } from '../../tidemark/src/testing/configure.ts';
import { durablesOf, keysOf } from '../../tidemark/src/testing/durables-of.ts';
import { tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf } from '../../tidemark/src/testing/run-project.ts';
import { jsonLines, type SampleProject, ticket } from '../../tidemark/src/testing/sample-project.ts';
import { agedProject, BATCHES, maintain, runBatch, tidemarkOf } from '../aged-project.ts';
import { unreferencedFiles } from '../faults/unreferenced-files.ts';

const TICKETS = 'warehouse/bronze/ticket/data/';

async function stateOf(project: SampleProject) {
  await using tidemark = await tidemarkOf(project);
  const reconciled = await Array.fromAsync(tidemark.reconcile());
  const verification = await tidemark.verify();
  const evidence = await tidemark.verifyEvidence();
  return {
    reconciled: reconciled.map(({ reconciliation }) => reconciliation.verdict),
    failed: reconciled.flatMap(({ reconciliation }) =>
      reconciliation.checks.filter(({ verdict }) => verdict !== 'pass'),
    ),
    symptoms: verification.symptoms.map(({ message }) => message),
    evidence: evidence.findings,
  };
}

const SOUND = {
  reconciled: Array.from({ length: BATCHES }, () => 'pass'),
  failed: [],
  symptoms: [],
  evidence: [],
};

describe('maintaining a table that many small batches made', () => {
  let project: SampleProject;
  let rows: Record<string, string[]>;
  let planned: TablePlan[];

  before(async () => {
    project = await agedProject();
    rows = await tablesAsSeen(homeOf(project));
    planned = await maintain(project);
  });
  after(async () => await project[Symbol.asyncDispose]());

  it('changes no row, and says beforehand what it does', async () => {
    assert.deepEqual(await tablesAsSeen(homeOf(project)), rows);
    const tickets = planned.find(({ table }) => table === 'ticket');
    assert.deepEqual(
      tickets?.compact.map(({ uris, records }) => [uris.length, records]),
      [[BATCHES, 2 * BATCHES + 1]],
    );
    assert.equal(tickets?.expire.length, BATCHES - 1);
  });

  it('leaves one data file, and none that nothing refers to, once the snapshots before it have expired', async () => {
    await maintain(project);
    await using durables = await durablesOf(homeOf(project));
    assert.equal((await keysOf(durables, TICKETS)).length, 1);
    assert.deepEqual(await unreferencedFiles(homeOf(project)), []);
    assert.deepEqual(await tablesAsSeen(homeOf(project)), rows);
  });

  it('leaves everything provable: every run, every cell, all evidence', async () => {
    assert.deepEqual(await stateOf(project), SOUND);
  });

  it('finds nothing to do a second time', async () => {
    await using tidemark = await tidemarkOf(project);
    const { plan } = await tidemark.planMaintenance();
    assert.deepEqual(
      plan.tables.map(({ compact, expire, remove, orphans, leftOver }) => [
        compact,
        expire,
        remove.files,
        orphans,
        leftOver,
      ]),
      plan.tables.map(() => [[], [], 0, [], 0]),
    );
  });
});

type Recovery = { verb: 'replay' | 'rerun'; number: number };

async function recover(project: SampleProject, { verb, number }: Recovery) {
  await using tidemark = await tidemarkOf(project);
  const { planId, plan } = await tidemark.planRecovery({
    verb,
    manifestId: `manifest-m${number}-20260401-001`,
    batchId: `batch-m${number}`,
    reason: 'a test',
  } as RecoveryRequest);
  return { planId, actions: plan.sources.map(({ action, why }) => ({ action, why })) };
}

async function execute(project: SampleProject, verb: Recovery['verb'], planId: string): Promise<RunReport> {
  await using tidemark = await tidemarkOf(project);
  const report = await tidemark.executePlan({ verb, planId });
  assert.equal(report.failure, null);
  return report;
}

describe('a batch whose rows were compacted with those of others', () => {
  let project: SampleProject;
  let rows: Record<string, string[]>;

  before(async () => {
    project = await agedProject();
    await maintain(project);
    await maintain(project);
    rows = await tablesAsSeen(homeOf(project));
  });
  after(async () => await project[Symbol.asyncDispose]());

  it('is replayed against the history of then, though no snapshot of then is left', async () => {
    for (let number = 1; number <= BATCHES; number += 1) {
      const { actions } = await recover(project, { verb: 'replay', number });
      assert.deepEqual(
        actions.map(({ action }) => action),
        ['keep'],
        JSON.stringify(actions),
      );
    }
  });

  it('is replaced alone: the others keep every row, and everything can still be proven', async () => {
    const content = jsonLines([ticket(30), ticket(31, { status: 'closed' }), ticket(32)]);
    const asset = await project.asset({ source_id: 'desk-3', path: 'data/3.jsonl', content });
    await project.manifest('m3', { assets: [asset] });
    const { planId } = await recover(project, { verb: 'rerun', number: 3 });
    await execute(project, 'rerun', planId);
    const now = await tablesAsSeen(homeOf(project));
    const others = (all: Record<string, string[]>, table: string) =>
      all[table]?.filter((row) => !row.includes('"batch-m3"'));
    for (const table of ['ticket', 'rejects', 'skips'])
      assert.deepEqual(others(now, table), others(rows, table), table);
    assert.equal(now.ticket?.filter((row) => row.includes('"batch-m3"')).length, 3);
    const { symptoms, evidence } = await stateOf(project);
    assert.deepEqual([symptoms, evidence], [[], []]);
  });

  it('is made again with all others when the file that they share is lost, by what verify says', async () => {
    await maintain(project);
    const before = await tablesAsSeen(homeOf(project));
    await using durables = await durablesOf(homeOf(project));
    await durables.remove((await keysOf(durables, TICKETS)).at(-1) ?? '');
    for (let round = 1; round <= BATCHES; round += 1) {
      await using tidemark = await tidemarkOf(project);
      const { symptoms } = await tidemark.verify({ quick: true });
      const [first] = symptoms;
      if (first === undefined) break;
      const number = Number(/batch-m(\d)/.exec(first.suggestion)?.[1]);
      const { planId } = await recover(project, { verb: 'replay', number });
      await execute(project, 'replay', planId);
    }
    // Skips name their keeper, which is the corrected batch by now.
    const { ticket: tickets, rejects } = await tablesAsSeen(homeOf(project));
    assert.deepEqual({ tickets, rejects }, { tickets: before.ticket, rejects: before.rejects });
    const { symptoms, evidence } = await stateOf(project);
    assert.deepEqual([symptoms, evidence], [[], []]);
  });
});

describe('a run', () => {
  it('maintains the tables that it moved once they reach a limit, and says what it did', async () => {
    await using project = await agedProject({ settings: {} });
    const report = await runBatch(project, BATCHES + 1);
    assert.equal(report.maintenance?.kind, 'maintained', JSON.stringify(report.maintenance));
    const { symptoms, evidence } = await stateOf(project);
    assert.deepEqual([symptoms, evidence], [[], []]);
    await using tidemark = await tidemarkOf(project);
    const [head] = (await tidemark.tables()).filter(({ table }) => table === 'ticket');
    assert.equal(head?.totalRecords, 2 * (BATCHES + 1) + 1);
  });

  it('is as good when its tables could not be maintained, and says so', {
    skip: !CATALOG_IS_A_FILE,
  }, async () => {
    await using project = await agedProject({ batches: 2 });
    const rows = await tablesAsSeen(homeOf(project));
    // A catalog that takes no maintenance: a trigger, since nothing of ours refuses it.
    await editCatalog(
      homeOf(project),
      "CREATE TRIGGER none BEFORE INSERT ON maintenance BEGIN SELECT RAISE(ABORT, 'no maintenance today'); END",
    );
    await configure(project, { maintenance: { automatic: true }, limits: { filesCompactMin: 2 } });
    const report = await runBatch(project, 3);
    assert.equal(report.reconciliation?.verdict, 'pass');
    assert.equal(report.maintenance?.kind, 'failed');
    assert.match(JSON.stringify(report.maintenance), /no maintenance today/);
    const now = await tablesAsSeen(homeOf(project));
    for (const row of rows.ticket ?? []) assert.ok(now.ticket?.includes(row));
    await using durables = await durablesOf(homeOf(project));
    assert.deepEqual(
      (await keysOf(durables, TICKETS)).filter((name) => name.includes('ticket-0')),
      [],
    );
  });
});

describe('what has expired', () => {
  it('is still told of: a record, a run, a snapshot', async () => {
    await using project = await agedProject({ batches: 3 });
    await using tidemark = await tidemarkOf(project);
    const catalog = await openCatalogOf(homeOf(project));
    const first = await catalog
      .selectFrom('commits')
      .select(['snapshot_id', 'run_id'])
      .where('table_name', '=', 'ticket')
      .orderBy('run_id')
      .executeTakeFirst();
    await catalog.destroy();
    await maintain(project);
    await maintain(project);
    const [record] = await tidemark.show(String(ticket(10).ticket_id));
    assert.equal(record?.kind, 'record');
    const [snapshot] = await tidemark.show(String(first?.snapshot_id));
    assert.equal(snapshot?.kind, 'snapshot');
    assert.match(JSON.stringify(snapshot), /expired/);
    const [run] = await tidemark.show(String(first?.run_id));
    assert.equal(run?.kind, 'run');
  });
});
