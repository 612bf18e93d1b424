import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { RunReport } from '../../tidemark/src/evidence/run-report.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import type { RecoveryRequest } from '../../tidemark/src/recovery/plan-recovery.ts';
import { heads, tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runOnly } from '../../tidemark/src/testing/run-project.ts';
import { type SampleProject, sampleProject, ticket } from '../../tidemark/src/testing/sample-project.ts';
import { createTable, insertRows, openDatabase } from '../../tidemark/src/testing/sqlite-table.ts';

const PATH = 'data/desk.db';
const SOURCE = {
  source_id: 'desk',
  source_url_or_path: `sqlite:${PATH}?table=tickets`,
  asset_type: 'jsonl',
  metadata_status: 'complete',
  pii_scan_status: 'clear',
} as const;

const changed = (number: number, at: string, fields = {}) => ticket(number, { updated_at: at, ...fields });
const day = (of: number) => `2026-04-${String(of).padStart(2, '0')}T00:00:00Z`;

async function add(project: SampleProject, records: readonly Record<string, unknown>[]): Promise<void> {
  const database = await openDatabase(project, PATH);
  insertRows(database, 'tickets', records);
  database.close();
}

/** Tickets changed on the first, second and third of April. */
async function tableProject(settings = ''): Promise<SampleProject> {
  const project = await sampleProject();
  await project.write('tidemark.yaml', settings);
  const database = await openDatabase(project, PATH);
  createTable(database, 'tickets', changed(1, day(1)));
  database.close();
  await add(project, [changed(1, day(1)), changed(2, day(2)), changed(3, day(3))]);
  await declare(project);
  return project;
}

async function declare(project: SampleProject, fields = {}): Promise<void> {
  await project.manifest('m', {
    load_mode: 'incremental_cursor',
    selection_window: { cursor_field: 'updated_at', cursor_start: '2026-01-01T00:00:00Z' },
    assets: [{ ...SOURCE, ...fields }],
  });
}

const rows = async (project: SampleProject) => (await tablesAsSeen(homeOf(project))).ticket ?? [];
const account = (report: RunReport) => {
  const { read, accepted, duplicate } = report.recordTally;
  return { read, accepted, duplicate };
};

async function recover(
  project: SampleProject,
  verb: Pick<RecoveryRequest, 'verb'> & Record<string, unknown>,
) {
  await using tidemark = await openTidemark({ project: project.root });
  const batch = { manifestId: 'manifest-m-20260401-001', batchId: 'batch-m', reason: 'a test' };
  const { planId, plan } = await tidemark.planRecovery({ ...batch, ...verb } as RecoveryRequest);
  const report = await tidemark.executePlan({ planId, verb: verb.verb });
  return { actions: plan.sources.map(({ action }) => action), report };
}

async function verdict(project: SampleProject): Promise<string> {
  await using tidemark = await openTidemark({ project: project.root });
  const { verdict: found, symptoms } = await tidemark.verify();
  return [found, ...symptoms.map(({ kind, message }) => `${kind}: ${message}`)].join('\n');
}

describe('a table as a source', () => {
  it('is read whole by the first incremental run, which says so', async () => {
    await using project = await tableProject();
    const report = await runOnly(project);
    assert.equal(report.state, 'committed');
    assert.deepEqual(account(report), { read: 3, accepted: 3, duplicate: 0 });
    assert.match(report.assets[0]?.note ?? '', /first incremental run: a full read from 2026-01-01/);
    assert.equal(report.reconciliation?.verdict, 'pass');
    assert.equal(await verdict(project), 'pass');
  });

  it('again commits nothing, though its boundary is read again', async () => {
    await using project = await tableProject();
    await runOnly(project);
    const before = await heads(homeOf(project));
    const report = await runOnly(project);
    assert.equal(report.state, 'nothing_to_commit');
    assert.match(
      report.assets[0]?.note ?? '',
      /1 record read again at the boundary, all of them in the table/,
    );
    assert.deepEqual(await heads(homeOf(project)), before);
    assert.equal(await verdict(project), 'pass');
  });

  it('is read from its cursor on, ties at the boundary included', async () => {
    await using project = await tableProject();
    await runOnly(project);
    await add(project, [changed(4, day(3)), changed(5, day(4))]);
    const report = await runOnly(project);
    assert.deepEqual(account(report), { read: 3, accepted: 2, duplicate: 1 });
    assert.match(report.assets[0]?.note ?? '', /reads updated_at from 2026-04-03T00:00:00Z, its cursor/);
    assert.equal((await rows(project)).length, 5);
    assert.equal(await verdict(project), 'pass');
  });

  it('is read again as far back as the declared lookback, and no farther than the manifest wants', async () => {
    await using project = await tableProject(
      'manifest_settings: { manifest-m-20260401-001: { lookback: 2d } }\n',
    );
    await runOnly(project);
    await add(project, [changed(6, day(1), { status: 'closed' })]);
    const report = await runOnly(project);
    assert.deepEqual(account(report), { read: 4, accepted: 1, duplicate: 3 });
    assert.match(
      report.assets[0]?.note ?? '',
      /reads updated_at from 2026-04-01T00:00:00\.000000Z, 2026-04-03T00:00:00Z less the lookback/,
    );
  });

  it('compares instants, not their spelling', async () => {
    await using project = await tableProject();
    await add(project, [changed(7, '2026-04-05T02:00:00+02:00'), changed(8, '2026-04-04T23:59:59.5Z')]);
    await runOnly(project);
    await using tidemark = await openTidemark({ project: project.root, readOnly: true });
    const [state] = await tidemark.state();
    assert.equal(state?.cursor?.value, '2026-04-05T02:00:00+02:00');
    await add(project, [changed(9, '2026-04-05T00:00:00.000Z'), changed(10, '2026-04-05T01:59:00+02:00')]);
    const report = await runOnly(project);
    // The last one, an instant before the cursor, is late.
    assert.deepEqual(account(report), { read: 2, accepted: 1, duplicate: 1 });
  });

  it('says what it lacks: the table, the column, the file, the table’s name', async () => {
    await using project = await tableProject();
    const message = async (source: string) => {
      await declare(project, { source_url_or_path: source });
      const report = await runOnly(project);
      return `${report.assets[0]?.outcome} ${report.assets[0]?.findings[0]?.message}`;
    };
    assert.match(await message(`sqlite:${PATH}?table=nope`), /^failed .*has no table nope; it has tickets/);
    assert.match(await message('sqlite:data/none.db?table=x'), /^failed .*data\/none\.db does not exist/);
    assert.match(await message(`sqlite:${PATH}`), /^refused TM4304 .*has to name one table/);
    assert.match(await message('sqlite:../out.db?table=x'), /^refused TM2001 /);
    await declare(project, { size_bytes: 3 });
    assert.match((await runOnly(project)).assets[0]?.findings[0]?.message ?? '', /TM4301 .* is a table/);
    await project.manifest('m', {
      load_mode: 'incremental_cursor',
      selection_window: { cursor_field: 'updated_at', cursor_start: day(1) },
      assets: [{ ...SOURCE, source_url_or_path: `sqlite:${PATH}?table=other` }],
    });
    const database = await openDatabase(project, PATH);
    database.exec('CREATE TABLE other (a TEXT)');
    database.close();
    assert.match(
      (await runOnly(project)).assets[0]?.findings[0]?.message ?? '',
      /table other has no column updated_at, its cursor; it has a/,
    );
  });

  it('blocks its batch by name at a value that JSON cannot hold', async () => {
    await using project = await tableProject();
    const database = await openDatabase(project, PATH);
    database.exec("UPDATE tickets SET owner = x'00ff' WHERE rowid = 2");
    database.close();
    const report = await runOnly(project);
    assert.equal(report.state, 'failed');
    assert.match(
      report.assets[0]?.findings[0]?.message ?? '',
      /row 2 in order: column owner holds a BLOB of 2 bytes; declare a view/,
    );
  });

  it('whose cursor was reached at another place is refused until that is planned', async () => {
    await using project = await tableProject();
    await runOnly(project);
    const copy = `sqlite:${PATH}?table=copy&json=tags`;
    await declare(project, { source_url_or_path: copy });
    const report = await runOnly(project);
    assert.equal(report.state, 'failed');
    assert.match(report.assets[0]?.findings[0]?.message ?? '', /TM4305 The cursor of desk stands at/);
    assert.match(report.assets[0]?.next ?? '', /tidemark state set .*--location/);

    const database = await openDatabase(project, PATH);
    database.exec('CREATE TABLE copy AS SELECT * FROM tickets');
    insertRows(database, 'copy', [changed(4, day(4))]);
    database.close();
    await using tidemark = await openTidemark({ project: project.root });
    const { planId, plan } = await tidemark.planState({
      table: 'ticket',
      sourceId: 'desk',
      object: 'cursor',
      value: day(3),
      location: copy,
      reason: 'the table was renamed',
    });
    assert.equal(plan.change.effect.kind, 'goes_on_at');
    await tidemark.executeState({ planId });
    const { runs } = await tidemark.run();
    assert.equal(runs[0]?.state, 'committed');
    assert.deepEqual(runs[0]?.recordTally.accepted, 1);
  });
});

describe('rows that come late', () => {
  const LOOKBACK = 'manifest_settings: { manifest-m-20260401-001: { lookback: 1d } }\n';

  it('within the lookback come in, and are counted as evidence to set it by', async () => {
    await using project = await tableProject(LOOKBACK);
    await runOnly(project);
    await add(project, [changed(4, '2026-04-02T12:00:00Z'), changed(5, day(4))]);
    const report = await runOnly(project);
    assert.deepEqual(report.assets[0]?.late, {
      field: 'updated_at',
      cursor: day(3),
      within: 1,
      behind: 0,
    });
    assert.equal(report.assets[0]?.gaps, undefined);
  });

  it('behind it open a gap incident that names the backfill, which mends it; a verification resolves it', async () => {
    await using project = await tableProject(LOOKBACK);
    await runOnly(project);
    await add(project, [changed(4, '2026-04-01T12:00:00Z'), changed(5, day(4))]);
    const report = await runOnly(project);
    assert.equal(report.state, 'committed');
    assert.deepEqual(
      report.assets[0]?.gaps?.map(({ from, to, source, read }) => ({ from, to, source, read })),
      [{ from: '2026-04-01', to: '2026-04-02', source: 2, read: 1 }],
    );
    assert.equal((await rows(project)).length, 4);
    assert.match(
      await verdict(project),
      /late_behind_cursor: desk holds 2 rows of updated_at from 2026-04-01/,
    );

    await using tidemark = await openTidemark({ project: project.root });
    const [advice] = await tidemark.advise({ batchId: 'batch-m' });
    assert.match(advice?.next ?? '', /^tidemark backfill .*--from 2026-04-01 --to 2026-04-02$/);
    const { report: filled } = await recover(project, {
      verb: 'backfill',
      from: '2026-04-01',
      to: '2026-04-02',
    });
    assert.deepEqual(account(filled), { read: 2, accepted: 1, duplicate: 1 });
    assert.equal((await rows(project)).length, 5);
    assert.equal(await verdict(project), 'pass');
    assert.equal((await runOnly(project)).assets[0]?.gaps, undefined);
  });

  it('are told again by a run that commits nothing, until they are read', async () => {
    await using project = await tableProject();
    await runOnly(project);
    await add(project, [changed(4, '2026-04-01T12:00:00Z')]);
    for (const _ of [1, 2]) {
      const report = await runOnly(project);
      assert.equal(report.state, 'nothing_to_commit');
      assert.equal(report.assets[0]?.gaps?.length, 1);
    }
  });

  it('are no gap when a row was changed and moved on, or lies before what the manifest wants', async () => {
    await using project = await tableProject();
    await runOnly(project);
    const database = await openDatabase(project, PATH);
    database.exec(`UPDATE tickets SET updated_at = '${day(5)}' WHERE rowid = 1`);
    database.close();
    await add(project, [changed(4, '2025-12-01T12:00:00Z')]);
    const report = await runOnly(project);
    assert.equal(report.assets[0]?.gaps, undefined);
    assert.equal(await verdict(project), 'pass');
  });
});

describe('a table, recovered', () => {
  it('replays every reading from its raw bytes, without the database', async () => {
    await using project = await tableProject();
    await runOnly(project);
    await add(project, [changed(4, day(3)), changed(5, day(4))]);
    await runOnly(project);
    const before = await rows(project);
    await rm(join(project.root, PATH));
    const { actions, report } = await recover(project, { verb: 'replay', rewrite: true });
    assert.deepEqual(actions, ['restore', 'restore']);
    assert.equal(report.state, 'committed');
    assert.deepEqual(await rows(project), before);
    assert.equal(await verdict(project), 'pass');
  });

  it('reruns its whole declared range: what is gone at the source is gone after it', async () => {
    await using project = await tableProject();
    await runOnly(project);
    await add(project, [changed(4, day(4))]);
    await runOnly(project);
    assert.deepEqual((await recover(project, { verb: 'replay' })).actions, ['keep', 'keep']);
    const database = await openDatabase(project, PATH);
    database.exec('DELETE FROM tickets WHERE rowid = 1');
    database.close();
    const { actions, report } = await recover(project, { verb: 'rerun' });
    assert.deepEqual(actions, ['replace']);
    assert.equal(report.state, 'committed');
    assert.equal((await rows(project)).length, 3);
    assert.equal(await verdict(project), 'pass');
  });

  it('retries from what a stopped run had prepared, in the interval that it had read', async () => {
    await using project = await tableProject();
    await runOnly(project);
    await add(project, [changed(4, day(4))]);
    {
      await using tidemark = await openTidemark({
        project: project.root,
        onReached: (point) => {
          if (point === 'snapshots_staged') throw new Error('stopped');
        },
      });
      assert.equal((await tidemark.run()).runs[0]?.state, 'failed');
    }
    await rm(join(project.root, PATH));
    const { actions, report } = await recover(project, { verb: 'retry' });
    assert.deepEqual(actions, ['reuse']);
    assert.equal(report.state, 'committed');
    assert.equal((await rows(project)).length, 4);
    assert.equal(await verdict(project), 'pass');
  });

  it('backfills an interval that forward runs no longer read, and leaves the cursor alone', async () => {
    await using project = await tableProject();
    await runOnly(project);
    await add(project, [changed(9, '2026-03-15T00:00:00Z')]);
    assert.equal((await runOnly(project)).state, 'nothing_to_commit');
    const { report } = await recover(project, {
      verb: 'backfill',
      from: '2026-03-01T00:00:00Z',
      to: '2026-04-01T00:00:00Z',
    });
    assert.equal(report.state, 'committed');
    assert.deepEqual(account(report), { read: 1, accepted: 1, duplicate: 0 });
    assert.equal((await rows(project)).length, 4);
    assert.equal(await verdict(project), 'pass');
  });
});
