import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ERROR_CODES } from '../../tidemark/src/errors/codes.ts';
import type { TidemarkError } from '../../tidemark/src/errors/tidemark-error.ts';
import type { RunReport } from '../../tidemark/src/evidence/run-report.ts';
import { openSafekeeping } from '../../tidemark/src/open-safekeeping.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import type { CatalogRebuild } from '../../tidemark/src/safekeeping/rebuild-catalog.ts';
import { editCatalog } from '../../tidemark/src/testing/catalog-of.ts';
import { configure } from '../../tidemark/src/testing/configure.ts';
import { heads, tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runProject } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';

const checkout = fileURLToPath(new URL('../..', import.meta.url));
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => ticket(from + index));

async function loseCatalog(project: Pick<SampleProject, 'root'>): Promise<void> {
  for (const side of ['', '-wal', '-shm'])
    await rm(join(project.root, `.tidemark/catalog.db${side}`), { force: true });
}

async function rebuild(project: Pick<SampleProject, 'root'>, execute = true): Promise<CatalogRebuild> {
  return await (await openSafekeeping({ project: project.root })).rebuild({ execute });
}

/** What a rebuild can restore and what it cannot: nothing else may differ from the catalog that was lost. */
function assertSame(
  { differences, disagreements }: CatalogRebuild,
  apart: readonly string[] = ['incidents', 'plans'],
) {
  assert.deepEqual(disagreements, []);
  assert.deepEqual(
    (differences ?? []).filter(({ table }) => !apart.includes(table)),
    [],
  );
}

/** Everything that the engine itself knows to ask of a home. */
async function assertWell(project: Pick<SampleProject, 'root'>): Promise<void> {
  await using tidemark = await openTidemark({ project: project.root });
  const verification = await tidemark.verify();
  assert.deepEqual(
    verification.symptoms.map(({ kind, message }) => [kind, message]),
    [],
  );
  assert.equal(verification.verdict, 'pass');
  assert.deepEqual((await tidemark.verifyEvidence()).findings, []);
}

async function advice(project: Pick<SampleProject, 'root'>): Promise<string[]> {
  await using tidemark = await openTidemark({ project: project.root });
  return (await tidemark.advise()).map(({ recommendation }) => recommendation.kind);
}

describe('a catalog that is lost', () => {
  it('keeps every verb from beginning anew beside the tables, with the command that rebuilds it', async () => {
    await using project = await ticketsTwice();
    await loseCatalog(project);
    for (const readOnly of [true, false]) {
      await assert.rejects(
        openTidemark({ project: project.root, readOnly }),
        (error: TidemarkError) =>
          error.code === ERROR_CODES.catalog_lost && /catalog rebuild/.test(error.next),
      );
    }
  });

  it('is rebuilt as it was, with replaced units, rejected and held assets, and goes on', async () => {
    await using project = await ticketsTwice();
    const before = await tablesAsSeen(homeOf(project));
    const pointers = await heads(homeOf(project));
    const advised = await advice(project);
    assertSame(await rebuild(project, false));
    await loseCatalog(project);
    const done = await rebuild(project);
    assert.deepEqual(done.disagreements, []);
    assert.deepEqual([done.inDoubt, done.cameToNothing, done.setAside], [[], [], null]);
    assert.deepEqual(await heads(homeOf(project)), pointers);
    assert.deepEqual(await tablesAsSeen(homeOf(project)), before);
    await assertWell(project);
    assert.deepEqual(await advice(project), advised);
    const again = await runProject(project);
    assert.deepEqual([...new Set(again.map(({ state }) => state))], ['nothing_to_commit']);
  });
});

describe('a catalog of tables that were compacted and whose snapshots expired', () => {
  it('is rebuilt as it was', async () => {
    await using project = await sampleProject();
    await project.write(
      'tidemark.yaml',
      'maintenance: { automatic: false }\nlimits: { filesCompactMin: 2, snapshotsKeptMin: 1, snapshotsKeptMax: 2, snapshotAgeMs: 1, metadataFilesKept: 2 }\n',
    );
    for (const name of ['a', 'b', 'c', 'd']) {
      const at = name.charCodeAt(0) * 10;
      const content = jsonLines([...numbers(at, at + 5), ticket(at, { status: 'lost' })]);
      await project.manifest(name, {
        assets: [await project.asset({ source_id: name, path: `data/${name}.jsonl`, content })],
      });
      await runProject(project);
    }
    await using tidemark = await openTidemark({ project: project.root });
    const { planId } = await tidemark.planMaintenance();
    await tidemark.executeMaintenance({ planId });
    const content = jsonLines(numbers(2000, 2010));
    await project.manifest('e', {
      assets: [await project.asset({ source_id: 'e', path: 'data/e.jsonl', content })],
    });
    await tidemark.run();
    const [tables, pointers] = [await tablesAsSeen(homeOf(project)), await heads(homeOf(project))];
    assertSame(await rebuild(project, false));
    await loseCatalog(project);
    assert.deepEqual((await rebuild(project)).disagreements, []);
    assert.deepEqual(await heads(homeOf(project)), pointers);
    assert.deepEqual(await tablesAsSeen(homeOf(project)), tables);
    await assertWell(project);
  });
});

describe('the catalog of the main job', () => {
  let root: string;
  let first: readonly RunReport[];

  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'tidemark-rebuilt-'));
    for (const folder of ['data', 'contracts'])
      cpSync(join(checkout, folder), join(root, folder), { recursive: true });
    await using tidemark = await openTidemark({ project: root });
    first = (await tidemark.run()).runs;
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  it('is rebuilt as it was; a run commits nothing and names the same runs, a verification passes', async () => {
    const tables = await tablesAsSeen(join(root, '.tidemark'));
    assertSame(await rebuild({ root }, false));
    await loseCatalog({ root });
    const { restored } = await rebuild({ root });
    assert.ok((restored.runs ?? 0) >= 7 && (restored.units ?? 0) > 20, JSON.stringify(restored));
    assert.deepEqual(await tablesAsSeen(join(root, '.tidemark')), tables);
    await assertWell({ root });
    await using tidemark = await openTidemark({ project: root });
    const { runs } = await tidemark.run();
    const committers = (reports: readonly RunReport[]) =>
      reports.flatMap(({ assets }) => assets.map((asset) => [asset.sourceId, asset.committedBy]));
    assert.deepEqual(
      runs.map(({ state }) => state).filter((state) => state !== 'nothing_to_commit'),
      [],
    );
    assert.deepEqual(committers(runs), committers(first));
    const [{ runId = '', batchId = '', manifestId = '' } = {}] = first;
    const { planId } = await tidemark.planRecovery({
      verb: 'replay',
      manifestId,
      batchId,
      reason: 'a proof',
    });
    const replayed = await tidemark.executePlan({ verb: 'replay', planId });
    assert.equal(replayed.state, 'nothing_to_commit', runId);
  });
});

describe('a run that is killed', () => {
  for (const point of ['inside_commit', 'committed', 'read_back'] as const) {
    it(`at ${point}, and whose catalog is lost then, ends in the tables that it would have made`, async () => {
      await using project = await ticketsTwice();
      const content = jsonLines(numbers(55, 90));
      await project.manifest('c', {
        assets: [await project.asset({ source_id: 'west', path: 'data/d.jsonl', content })],
      });
      await killedAt(project, { manifest: 'data/seed_manifests/c.json', point });
      await loseCatalog(project);
      const done = await rebuild(project);
      assert.deepEqual(done.disagreements, []);
      assert.equal(done.inDoubt.length, 1);
      const [report] = (await runProject(project)).filter(({ batchId }) => batchId === 'batch-c');
      // Its snapshots were whole: they are the table, and the next run proves what the dead one committed.
      assert.deepEqual(
        report?.assets.map(({ outcome, committedBy }) => [outcome, committedBy]),
        [['already_committed', done.inDoubt[0]]],
      );
      await assertWell(project);
      const { ticket: rows = [] } = await tablesAsSeen(homeOf(project));
      assert.equal(rows.length, 75);
    });
  }

  it('inside its commit, and whose batch another run committed to the same table after it, is not brought back', async () => {
    await using project = await ticketsTwice();
    const content = jsonLines(numbers(55, 90));
    await project.manifest('c', {
      assets: [await project.asset({ source_id: 'west', path: 'data/d.jsonl', content })],
    });
    await killedAt(project, { manifest: 'data/seed_manifests/c.json', point: 'inside_commit' });
    await rm(join(project.root, 'data/seed_manifests/c.json'));
    const other = jsonLines(numbers(100, 110));
    await project.manifest('d', {
      assets: [await project.asset({ source_id: 'east', path: 'data/e.jsonl', content: other })],
    });
    await runProject(project);
    const rows = await tablesAsSeen(homeOf(project));
    await loseCatalog(project);
    const done = await rebuild(project);
    assert.equal(done.cameToNothing.length, 1);
    assert.deepEqual([done.inDoubt, done.disagreements], [[], []]);
    assert.deepEqual(await tablesAsSeen(homeOf(project)), rows);
  });
});

describe('a backup', () => {
  it('is made while a run is in the middle of its commit, and is whole', async () => {
    await using project = await ticketsTwice();
    const keeping = await openSafekeeping({ project: project.root });
    const to = join(project.root, 'kept/catalog.db');
    const content = jsonLines(numbers(60, 80));
    await project.manifest('c', {
      assets: [await project.asset({ source_id: 'west', path: 'data/d.jsonl', content })],
    });
    const made: number[] = [];
    await runProject(project, {
      onReached: async (point) => {
        if (point !== 'inside_commit') return;
        made.push((await keeping.backup({ to })).runs);
      },
    });
    assert.deepEqual(made, [6]);
    await assert.rejects(
      keeping.backup({ to }),
      (error: TidemarkError) =>
        error.code === ERROR_CODES.backup_refused && /nothing is written over/.test(error.message),
    );
  });

  it('is restored with everything that was sealed since; what was there is kept', async () => {
    await using project = await ticketsTwice();
    const keeping = await openSafekeeping({ project: project.root });
    const from = join(project.root, 'kept.db');
    await keeping.backup({ to: from });
    const content = jsonLines(numbers(60, 80));
    await project.manifest('c', {
      assets: [await project.asset({ source_id: 'west', path: 'data/d.jsonl', content })],
    });
    await runProject(project);
    const [tables, pointers] = [await tablesAsSeen(homeOf(project)), await heads(homeOf(project))];

    assertSame(await keeping.restore({ from }));
    const done = await keeping.restore({ from, execute: true });
    assertSame(done);
    assert.deepEqual([done.entries > 0, await heads(homeOf(project))], [true, pointers]);
    assert.deepEqual(await tablesAsSeen(homeOf(project)), tables);
    assert.deepEqual((await keeping.restore({ from: done.setAside ?? '' })).differences, []);
    await assertWell(project);
  });

  it('is put into the file that readers have open: they see what was restored', async () => {
    await using project = await ticketsTwice();
    const keeping = await openSafekeeping({ project: project.root });
    const from = join(project.root, 'kept.db');
    await keeping.backup({ to: from });
    await using tidemark = await openTidemark({ project: project.root, readOnly: true });
    await editCatalog(homeOf(project), 'DELETE FROM progress_moves');
    assert.equal((await tidemark.stateHistory({ limit: 1 })).length, 0);
    await keeping.restore({ from, execute: true });
    assert.equal((await tidemark.stateHistory({ limit: 1 })).length, 1);
  });

  it('is not restored while a run is in progress, nor where it is of another home or damaged', async () => {
    await using project = await ticketsTwice();
    await using other = await ticketsTwice();
    const keeping = await openSafekeeping({ project: project.root });
    const from = join(project.root, 'kept.db');
    await keeping.backup({ to: from });
    const refusedWith = (code: string) => (error: TidemarkError) => error.code === code;
    await runProject(project, {
      onReached: async (point) => {
        if (point !== 'run_opened') return;
        await assert.rejects(
          keeping.restore({ from, execute: true }),
          refusedWith(ERROR_CODES.catalog_in_use),
        );
      },
    });
    const elsewhere = await openSafekeeping({ project: other.root });
    await assert.rejects(elsewhere.restore({ from }), refusedWith(ERROR_CODES.backup_of_another_history));
    const bytes = await readFile(from);
    await writeFile(from, bytes.fill(7, 4096, 40_000));
    await assert.rejects(keeping.restore({ from }), refusedWith(ERROR_CODES.backup_refused));
  });
});

describe('a ledger and tables that do not agree', () => {
  it('are both told: an entry that was altered brings nothing, and the chain says so afterwards', async () => {
    await using project = await ticketsTwice();
    const chain = join(homeOf(project), 'ledger/manifest-b-20260401-001');
    const [name = ''] = (await readdir(chain)).sort();
    const text = await readFile(join(chain, name), 'utf8');
    await writeFile(join(chain, name), text.replace('"sourceId":"north"', '"sourceId":"south"'));
    const told = await rebuild(project, false);
    assert.match(told.disagreements[0] ?? '', /Entry 1 of manifest-b-20260401-001 is not what was sealed/);
    assert.ok((told.differences ?? []).some(({ table, gone }) => table === 'commits' && gone > 0));
    await loseCatalog(project);
    await rebuild(project);
    await using tidemark = await openTidemark({ project: project.root });
    const { findings } = await tidemark.verifyEvidence();
    assert.ok(findings.some(({ kind }) => kind === 'entry_altered'));
  });

  it('leave the table as it is: a commit that it does not have is an incident', async () => {
    await using project = await ticketsTwice();
    const { ticket: head = '' } = await heads(homeOf(project));
    const path = head.replace('file://', '');
    const metadata = JSON.parse(await readFile(path, 'utf8'));
    const last = metadata.snapshots.at(-1);
    last.summary['added-records'] = '999';
    await writeFile(path, JSON.stringify(metadata));
    await loseCatalog(project);
    const done = await rebuild(project);
    assert.match(done.disagreements[0] ?? '', /999 rows; by sealed evidence/);
    await using tidemark = await openTidemark({ project: project.root });
    const { incidents } = await tidemark.incidents();
    assert.ok(incidents.some(({ kind }) => kind === 'catalog_contradicts_evidence'));
  });
});

async function killedAt(
  project: SampleProject,
  { manifest, point }: { manifest: string; point: string },
): Promise<void> {
  const script = fileURLToPath(new URL('../faults/run-until.ts', import.meta.url));
  const args = [script, project.root, join(project.root, manifest), point];
  const signal = await new Promise((resolve) => {
    execFile(process.execPath, args, (error) => resolve(error?.signal ?? null));
  });
  assert.equal(signal, 'SIGKILL');
}

/** Two batches, a correction that was rerun, a rejection, a held asset. */
async function ticketsTwice(): Promise<SampleProject> {
  const project = await sampleProject();
  await configure(project, {
    manifest_settings: { 'manifest-a-20260401-001': { write_mode: 'current_by_key' } },
  });
  const content = jsonLines([...numbers(0, 20), ticket(21, { status: 'lost' }), '{"broken']);
  await project.manifest('a', {
    assets: [await project.asset({ source_id: 'desk', path: 'data/a.jsonl', content })],
  });
  await project.manifest('b', {
    assets: [
      await project.asset({ source_id: 'north', path: 'data/b.jsonl', content: jsonLines(numbers(15, 40)) }),
      await project.asset({
        source_id: 'south',
        path: 'data/c.jsonl',
        content: jsonLines(numbers(50, 60)),
        pii_scan_status: 'suspected',
      }),
    ],
  });
  const first = await runProject(project);
  await project.manifest('a', {
    assets: [
      await project.asset({ source_id: 'desk', path: 'data/a.jsonl', content: jsonLines(numbers(0, 25)) }),
    ],
  });
  await using tidemark = await openTidemark({ project: project.root });
  const { planId } = await tidemark.planRecovery({
    verb: 'rerun',
    manifestId: 'manifest-a-20260401-001',
    batchId: 'batch-a',
    reason: 'a correction',
    acceptLoss: true,
  });
  const report = await tidemark.executePlan({ verb: 'rerun', planId });
  assert.equal(report.state, 'committed');
  assert.equal(report.recovery?.replaced.length, 1);
  assert.deepEqual(first.flatMap(({ assets }) => assets.map(({ outcome }) => outcome)).sort(), [
    'committed',
    'committed',
    'held',
  ]);
  return project;
}
