import assert from 'node:assert/strict';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { RunReport } from '../../tidemark/src/evidence/run-report.ts';
import type { TablePlan } from '../../tidemark/src/maintain/maintenance-plan.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import type { RecoveryRequest } from '../../tidemark/src/recovery/plan-recovery.ts';
import { tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';
import { unreferencedFiles } from '../faults/unreferenced-files.ts';

const BATCHES = 6;

/** A table that was written to batch by batch: every batch has a reject, and a duplicate of the one before. */
async function agedProject(settings = 'maintenance: { automatic: false }'): Promise<SampleProject> {
  const project = await sampleProject();
  await project.write(
    'tidemark.yaml',
    `${settings}\nlimits: { filesCompactMin: 2, snapshotsKeptMin: 1, snapshotsKeptMax: 2, snapshotAgeMs: 1, metadataFilesKept: 2, manifestsMergeMin: 50 }\n`,
  );
  for (let number = 1; number <= BATCHES; number += 1) await runBatch(project, number);
  return project;
}

async function runBatch(project: SampleProject, number: number): Promise<RunReport> {
  const lines = [
    ticket(number * 10),
    ticket(number * 10 + 1),
    ticket(number * 10 - 10),
    ticket(number * 10 + 2, { status: 'parked' }),
  ];
  const content = jsonLines(lines);
  const asset = await project.asset({ source_id: `desk-${number}`, path: `data/${number}.jsonl`, content });
  await project.manifest(`m${number}`, { assets: [asset] });
  await using tidemark = await openTidemark({ project: project.root });
  const { runs } = await tidemark.run({
    manifestPaths: [join(project.root, `data/seed_manifests/m${number}.json`)],
  });
  assert.equal(runs[0]?.state, 'committed', JSON.stringify(runs[0]?.failure));
  return runs[0];
}

const tidemarkOf = async (project: SampleProject) => await openTidemark({ project: project.root });

async function maintain(project: SampleProject): Promise<TablePlan[]> {
  await using tidemark = await tidemarkOf(project);
  const { planId, plan } = await tidemark.planMaintenance();
  const { tables } = await tidemark.executeMaintenance({ planId });
  assert.deepEqual(
    tables.map(({ kind, leaves }) => [kind, ...leaves]),
    tables.map(() => ['maintained']),
  );
  return [...plan.tables];
}

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
    const names = await readdir(join(homeOf(project), 'warehouse/bronze/ticket/data'));
    assert.equal(names.length, 1);
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
    const folder = join(homeOf(project), 'warehouse/bronze/ticket/data');
    const shared = (await readdir(folder)).sort().at(-1) ?? '';
    await rm(join(folder, shared));
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
