import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RunReport } from '../../tidemark/src/evidence/run-report.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { heads, tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runOnly } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';
import { createTable, insertRows, openDatabase } from '../../tidemark/src/testing/sqlite-table.ts';
import { typed } from '../../tidemark/src/testing/type-command.ts';

const PATH = 'data/desk.db';
const dated = (number: number, day: number) =>
  ticket(number, { updated_at: `2026-04-${String(day).padStart(2, '0')}T00:00:00Z` });
const undated = (number: number) => ticket(number, { updated_at: null });

type Policy = 'reject' | 'quarantine' | 'include';

async function setPolicy(project: SampleProject, policy: Policy | null): Promise<void> {
  const settings = policy === null ? '' : `null_cursor: ${policy}`;
  await project.write(
    'tidemark.yaml',
    `manifest_settings: { manifest-m-20260401-001: { cadence: 1d, ${settings} } }\n`,
  );
}

/** Two tickets with a time of their last change, two without. */
async function deskProject(policy: Policy | null, from: 'file' | 'table'): Promise<SampleProject> {
  const project = await sampleProject();
  await setPolicy(project, policy);
  const records = [dated(1, 1), undated(2), dated(3, 3), undated(4)];
  const desk = { source_id: 'desk', metadata_status: 'complete', pii_scan_status: 'clear' } as const;
  const incremental = {
    load_mode: 'incremental_cursor',
    selection_window: { cursor_field: 'updated_at', cursor_start: '2026-01-01T00:00:00Z' },
  } as const;
  if (from === 'file') {
    const asset = await project.asset({ ...desk, path: 'data/desk.jsonl', content: jsonLines(records) });
    await project.manifest('m', { ...incremental, assets: [asset] });
    return project;
  }
  const database = await openDatabase(project, PATH);
  createTable(database, 'tickets', dated(1, 1));
  insertRows(database, 'tickets', records);
  database.close();
  await project.manifest('m', {
    ...incremental,
    assets: [{ ...desk, asset_type: 'jsonl', source_url_or_path: `sqlite:${PATH}?table=tickets` }],
  });
  return project;
}

const account = ({ recordTally: { read, accepted, rejected, quarantined, duplicate } }: RunReport) => ({
  read,
  accepted,
  rejected,
  quarantined,
  duplicate,
});

async function assertVerified(project: SampleProject): Promise<void> {
  await using tidemark = await openTidemark({ project: project.root });
  const { verdict, symptoms } = await tidemark.verify();
  assert.deepEqual([verdict, symptoms], ['pass', []]);
}

async function rows(project: SampleProject) {
  const { ticket: tickets = [], rejects = [] } = await tablesAsSeen(homeOf(project));
  return { tickets: tickets.length, rejects };
}

for (const from of ['file', 'table'] as const) {
  describe(`records without a cursor, of a ${from}`, () => {
    for (const policy of [null, 'reject'] as const) {
      it(`are rejected where the policy is ${policy ?? 'not declared'}, and counted`, async () => {
        await using project = await deskProject(policy, from);
        const report = await runOnly(project);
        const tally = { read: 4, accepted: 2, rejected: 2, quarantined: 0, duplicate: 0 };
        assert.deepEqual(account(report), tally);
        const counted = { field: 'updated_at', policy: 'reject', records: 2 };
        assert.deepEqual(report.assets[0]?.withoutCursor, counted);
        assert.equal(report.digests.quarantined, undefined);
        const { rejects } = await rows(project);
        assert.ok(rejects.every((row) => row.includes('cursor_missing')));
        await assertVerified(project);
      });
    }

    it('are kept apart where it is quarantine, told from rejections by account, digest and row', async () => {
      await using project = await deskProject('quarantine', from);
      const report = await runOnly(project);
      const tally = { read: 4, accepted: 2, rejected: 0, quarantined: 2, duplicate: 0 };
      assert.deepEqual(account(report), tally);
      assert.match(report.digests.quarantined ?? '', /^2:/);
      assert.equal(report.reconciliation?.verdict, 'pass');
      const checks = report.reconciliation?.checks.map(({ name }) => name) ?? [];
      assert.ok(checks.includes('digest_quarantined') && !checks.includes('digest_rejected'));
      const { tickets, rejects } = await rows(project);
      assert.equal(tickets, 2);
      assert.equal(rejects.filter((row) => row.includes('cursor_quarantined')).length, 2);
      await assertVerified(project);
    });

    it('come in where it is include, and move no cursor', async () => {
      await using project = await deskProject('include', from);
      const report = await runOnly(project);
      const tally = { read: 4, accepted: 4, rejected: 0, quarantined: 0, duplicate: 0 };
      assert.deepEqual(account(report), tally);
      assert.deepEqual(report.assets[0]?.withoutCursor?.records, 2);
      await using tidemark = await openTidemark({ project: project.root, readOnly: true });
      const [state] = await tidemark.state();
      assert.equal(state?.cursor?.value, '2026-04-03T00:00:00Z');
      await assertVerified(project);
    });

    it('that were kept apart come in with the next run once the policy is include', async () => {
      await using project = await deskProject('quarantine', from);
      await runOnly(project);
      await setPolicy(project, 'include');
      const report = await runOnly(project);
      assert.equal(report.state, 'committed');
      assert.equal(report.recordTally.accepted, 2);
      assert.equal((await rows(project)).tickets, 4);
      assert.equal((await runOnly(project)).state, 'nothing_to_commit');
      await assertVerified(project);
    });

    it('are judged by a replay as they were, whatever the policy is by now', async () => {
      await using project = await deskProject('quarantine', from);
      await runOnly(project);
      const before = await heads(homeOf(project));
      await setPolicy(project, 'include');
      await using tidemark = await openTidemark({ project: project.root });
      const batch = { manifestId: 'manifest-m-20260401-001', batchId: 'batch-m', reason: 'a test' };
      const { planId, plan } = await tidemark.planRecovery({ ...batch, verb: 'replay' });
      assert.deepEqual(
        plan.sources.map(({ action }) => action),
        ['keep'],
      );
      assert.equal((await tidemark.executePlan({ planId, verb: 'replay' })).state, 'nothing_to_commit');
      assert.deepEqual(await heads(homeOf(project)), before);
    });
  });
}

describe('records without a cursor, told', () => {
  it('by the run, by its page, and by show, with the policy that decided', async () => {
    await using project = await deskProject('quarantine', 'file');
    const run = await typed(project, 'tidemark run');
    assert.match(
      run.stdout,
      /2 records without updated_at, the cursor: kept apart \(null_cursor: quarantine\)/,
    );
    const { stdout } = await typed(project, 'tidemark show TKT-20260401-000002');
    assert.match(stdout, /quarantined: line 2 of desk is not in bronze\.ticket/);
    assert.match(stdout, /null_cursor: include/);
    const unit = /[0-9a-f]{64}/.exec(/unit\s+[0-9a-f]{64}/.exec(stdout)?.[0] ?? '')?.[0] ?? '';
    const told = await typed(project, `tidemark show ${unit}`);
    assert.match(told.stdout, /without a cursor\s+2 records without updated_at: kept apart/);
  });
});
