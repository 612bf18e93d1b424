import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { capture } from '../../tidemark/src/cli/captured.fixture.ts';
import {
  manifestId,
  type TicketProject,
  ticket,
  ticketProject,
} from '../../tidemark/src/evidence/ticket-project.fixture.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';

const SOURCE = 'tickets:desk';
const BIN = fileURLToPath(new URL('../../tidemark/bin/tidemark.js', import.meta.url));

/** Tickets of the days 1 to 6 of March 2026, two a day. */
const TICKETS = Array.from({ length: 12 }, (_, at) =>
  ticket(at, { created_at: `2026-03-0${1 + Math.floor(at / 2)}T1${at % 2}:00:00Z` }),
);

const settings = async (project: TicketProject, fields: string) =>
  await writeFile(
    join(project.dir, 'tidemark.yaml'),
    `manifest_settings:\n  ${manifestId()}: { ${fields} }\n`,
  );

/** Declares one batch over an interval of days, cut out of the same export. */
async function declareDays(project: TicketProject, [from, to]: readonly [number, number]): Promise<void> {
  await project.declare({
    batchId: `batch-${from}`,
    sources: { [SOURCE]: TICKETS },
    changes: {
      load_mode: 'incremental_cursor',
      selection_window: {
        cursor_field: 'created_at',
        cursor_start: `2026-03-0${from}T00:00:00Z`,
        cursor_end: `2026-03-0${to}T00:00:00Z`,
      },
    },
  });
}

async function deliver(project: TicketProject, days: readonly [number, number]): Promise<void> {
  await declareDays(project, days);
  await project.run();
}

/** `03-01 verified`, oldest first. */
async function states(project: TicketProject, now?: string): Promise<string[]> {
  const clock = now === undefined ? {} : { clock: clockAt(now) };
  await using tidemark = await openTidemark({ project: project.dir, readOnly: true, ...clock });
  const { manifests } = await tidemark.partitions();
  return (manifests[0]?.partitions ?? [])
    .map(({ name, state, reason }) => `${name.slice(5)} ${state === 'partial' ? reason : state}`)
    .reverse();
}

function clockAt(now: string) {
  return { now: () => new Date(now), newRunId: () => 'unused', newTraceId: () => 'unused' };
}

/** What `partitions` prints as its next command, and the plans that this comes to, executed one by one. */
async function takeIn(project: TicketProject): Promise<string[]> {
  const { stdout } = await capture('partitions', '--project', project.dir, '--json');
  const next: string = JSON.parse(stdout).next;
  const planned = await capture(...next.split(' ').slice(1), '--project', project.dir, '--json');
  const { plans } = JSON.parse(planned.stdout);
  for (const plan of plans) {
    const executed = await capture(...plan.next.split(' ').slice(1), '--project', project.dir);
    assert.equal(executed.exit, 0, executed.stdout + executed.stderr);
  }
  return plans.map(({ plan }: { plan: { batchId: string } }) => plan.batchId);
}

const healthOf = async (project: TicketProject) => {
  await using tidemark = await openTidemark({ project: project.dir, readOnly: true });
  return (await tidemark.status()).manifests[0]?.health;
};

describe('daily partitions', () => {
  it('with a hole show it; the printed command takes it in, and then they are verified', async () => {
    await using project = await ticketProject();
    await settings(project, 'partitions: daily');
    await deliver(project, [1, 3]);
    await deliver(project, [5, 7]);
    assert.deepEqual(await states(project), [
      '03-01 verified',
      '03-02 verified',
      '03-03 missing',
      '03-04 missing',
      '03-05 verified',
      '03-06 verified',
    ]);
    await using tidemark = await openTidemark({ project: project.dir });
    assert.equal((await tidemark.verify()).symptoms[0]?.kind, 'interval_hole');
    assert.equal(await healthOf(project), 'degraded');
    assert.deepEqual(await takeIn(project), ['batch-5.backfill.2026-03-03..2026-03-05']);
    assert.deepEqual((await states(project)).slice(2, 4), ['03-03 verified', '03-04 verified']);
    assert.equal((await tablesAsSeen(project.home.dir)).ticket?.length, 12);
    assert.deepEqual((await tidemark.verify()).symptoms, []);
    assert.equal(await healthOf(project), 'healthy');
    const after = await tidemark.partitions({ state: 'missing' });
    assert.deepEqual([after.counts.missing, after.next], [0, null]);
  });

  it('are complete once they are in, and verified by who proves them', async () => {
    await using project = await ticketProject();
    await deliver(project, [1, 3]);
    await declareDays(project, [3, 6]);
    await project.runKilledAt('committed');
    assert.deepEqual(await states(project), [
      '03-01 verified',
      '03-02 verified',
      '03-03 complete',
      '03-04 complete',
      '03-05 complete',
    ]);
    const { exit } = await capture('reconcile', '--project', project.dir);
    assert.equal(exit, 0);
    assert.ok((await states(project)).every((state) => state.endsWith(' verified')));
  });

  it('of a source whose correction was turned away are stale, and status agrees, until it is let in', async () => {
    await using project = await ticketProject();
    await project.declare({ sources: { [SOURCE]: TICKETS } });
    await project.run();
    const asTheyWere = await states(project);
    assert.deepEqual(asTheyWere.slice(-2), ['03-05 verified', '03-06 still_open']);
    const corrected = TICKETS.map((record, at) => (at === 4 ? { ...record, status: 'closed' } : record));
    await project.declare({ sources: { [SOURCE]: corrected }, held: [SOURCE] });
    await project.run();
    assert.ok((await states(project)).every((state) => state.endsWith(' stale')));
    assert.equal(await healthOf(project), 'degraded');
    await project.declare({ sources: { [SOURCE]: corrected } });
    await project.run();
    assert.deepEqual(await states(project), asTheyWere);
    assert.equal(await healthOf(project), 'healthy');
  });

  it('that are due by the declared cadence and not there are stale, as health says', async () => {
    await using project = await ticketProject();
    await settings(project, 'partitions: daily, cadence: 1d, lateness: 6h');
    await project.declare({ sources: { [SOURCE]: TICKETS } });
    await project.run();
    assert.deepEqual((await states(project, '2026-03-06T12:00:00Z')).slice(-2), [
      '03-05 verified',
      '03-06 still_open',
    ]);
    assert.deepEqual((await states(project, '2026-03-09T07:00:00Z')).slice(-3), [
      '03-05 verified',
      '03-06 stale',
      '03-07 stale',
    ]);
    await using tidemark = await openTidemark({
      project: project.dir,
      readOnly: true,
      clock: clockAt('2026-03-09T07:00:00Z'),
    });
    const [manifest] = (await tidemark.status()).manifests;
    assert.ok(manifest?.reasons.some(({ about }) => about === 'staleness'));
  });

  it('of whole files that follow each other: a day that no file brought is missing between them', async () => {
    await using project = await ticketProject();
    const file = (day: number) => TICKETS.slice(2 * day - 2, 2 * day);
    await project.declare({ sources: { 'desk:1': file(1), 'desk:2': file(2), 'desk:4': file(4) } });
    await project.run();
    assert.deepEqual(await states(project), [
      '03-01 verified',
      '03-02 verified',
      '03-03 missing',
      '03-04 still_open',
    ]);
    await project.declare({
      sources: { 'desk:1': file(1), 'desk:2': file(2), 'desk:3': file(3), 'desk:4': file(4) },
    });
    await project.run();
    assert.equal((await states(project))[2], '03-03 verified');
  });

  it('with a source that was never let in are called partial, since it may hold records of any of them', async () => {
    await using project = await ticketProject();
    await project.declare({
      sources: { [SOURCE]: TICKETS, 'tickets:voice': TICKETS },
      held: ['tickets:voice'],
    });
    await project.run();
    const found = await states(project);
    assert.equal(found[0], '03-01 source_turned_away');
  });
});

describe('a manifest without a time', () => {
  it('has one partition, which is verified with the batch', async () => {
    await using project = await ticketProject();
    await project.declare({ sources: { [SOURCE]: ['{}'] } });
    await project.run();
    await using tidemark = await openTidemark({ project: project.dir, readOnly: true });
    const { manifests } = await tidemark.partitions();
    assert.deepEqual(
      manifests.map(({ field, partitions }) => [field, partitions.map(({ name, state }) => [name, state])]),
      [[null, [['-', 'verified']]]],
    );
    const { exit, stderr } = await capture(
      'backfill',
      '--partitions',
      '2026-03-01',
      '--project',
      project.dir,
    );
    assert.equal(exit, 3);
    assert.match(stderr, /TM7302/);
  });
});

describe('a selection of partitions', () => {
  it('made twice, in other folders and other processes, gives the same batches; executed twice, nothing new', async () => {
    const batches = async (project: TicketProject) => {
      const args = [
        BIN,
        'backfill',
        '--partitions',
        '2026-03-02..2026-03-03',
        '--project',
        project.dir,
        '--json',
      ];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      const { plans } = JSON.parse(stdout) as { plans: { plan_id: string; plan: { batchId: string } }[] };
      return plans;
    };
    await using here = await ticketProject();
    await using there = await ticketProject();
    for (const project of [here, there]) await deliver(project, [1, 2]);
    const [first] = await batches(here);
    const [elsewhere] = await batches(there);
    assert.equal(first?.plan.batchId, 'batch-1.backfill.2026-03-02..2026-03-04');
    assert.equal(elsewhere?.plan.batchId, first?.plan.batchId);
    await using tidemark = await openTidemark({ project: here.dir });
    const run = async (planId: string) => await tidemark.executePlan({ verb: 'backfill', planId });
    assert.equal((await run(first?.plan_id ?? '')).state, 'committed');
    const [second] = await batches(here);
    assert.equal(second?.plan.batchId, first?.plan.batchId);
    assert.equal((await run(second?.plan_id ?? '')).state, 'nothing_to_commit');
    assert.equal((await tablesAsSeen(here.home.dir)).ticket?.length, 6);
  });

  it('is of the batch that --batch-id named for the last run', async () => {
    await using project = await ticketProject();
    await project.declare({ sources: { [SOURCE]: TICKETS } });
    await using tidemark = await openTidemark({ project: project.dir });
    await tidemark.run({ batchId: 'by-hand' });
    const { plans } = await tidemark.planPartitions({ partitions: '2026-03-02' });
    assert.deepEqual(
      plans.map(({ plan }) => plan.batchId),
      ['by-hand.backfill.2026-03-02..2026-03-03'],
    );
  });

  it('that names nothing, or does not go with another option, is refused with what is expected', async () => {
    await using project = await ticketProject();
    await deliver(project, [1, 3]);
    const refused = async (...words: string[]) =>
      await capture('backfill', ...words, '--project', project.dir);
    for (const which of [
      'yesterday',
      '2026-02-30',
      '2026-03-04..2026-03-02',
      '2026-03-01..2026-03-02..2026-03-03',
    ]) {
      const { exit, stderr } = await refused('--partitions', which);
      assert.deepEqual([exit, stderr.includes(`${which} names no partition`)], [2, true], stderr);
    }
    const both = await refused('--partitions', 'missing', '--from', '2026-03-01', '--to', '2026-03-02');
    assert.deepEqual([both.exit, both.stderr.includes('--from does not go with it')], [2, true], both.stderr);
    const other = await refused('--partitions', 'missing', '--manifest', 'manifest-other-20260301-001');
    assert.equal(other.exit, 2);
    const none = await refused('--partitions', 'missing');
    assert.deepEqual(
      [none.exit, none.stdout],
      [0, 'No partition is missing: there is nothing to take in.\n'],
    );
  });
});

describe('the grid', () => {
  it('is one row a manifest within 80 columns, and a list of one state says why', async () => {
    await using project = await ticketProject();
    await deliver(project, [1, 3]);
    await deliver(project, [4, 6]);
    const { stdout } = await capture('partitions', '--project', project.dir);
    assert.match(stdout, /^ {2}manifest-desk-20260301-001 {2}✓✓✗✓✓ {2}2026-03-05$/m);
    assert.match(stdout, /✓ verified 4 {2}\+ complete 0 {2}~ partial 0 {2}! stale 0 {2}✗ missing 1/);
    assert.match(
      stdout,
      /next: npx tidemark --project \S+ backfill --partitions missing --manifest manifest-desk-/,
    );
    assert.ok(stdout.split('\n').every((line) => line.startsWith('next:') || line.length <= 80));
    const list = await capture('partitions', '--state', 'missing', '--project', project.dir);
    assert.match(list.stdout, /✗ missing {2}2026-03-03 {2}manifest-desk-20260301-001 {2}nothing covers it/);
    const narrow = await capture(
      'partitions',
      '--from',
      '2026-03-02',
      '--to',
      '2026-03-03',
      '--project',
      project.dir,
    );
    assert.match(narrow.stdout, /001 {2}✓ {2}2026-03-02$/m);
  });

  it('tells of a bounded number of manifests, and how many more there are', async () => {
    await using project = await ticketProject();
    await deliver(project, [1, 3]);
    const { catalog } = await project.archive();
    const manifest = await catalog.selectFrom('manifests').selectAll().executeTakeFirstOrThrow();
    const run = await catalog.selectFrom('runs').selectAll().executeTakeFirstOrThrow();
    for (let at = 0; at < 201; at += 1) {
      const of = { manifest_id: `manifest-other-20260301-${String(at).padStart(3, '0')}` };
      await catalog
        .insertInto('manifests')
        .values({ ...manifest, ...of })
        .execute();
      await catalog
        .insertInto('runs')
        .values({ ...run, ...of, run_id: `run-${at}` })
        .execute();
    }
    const { stdout } = await capture('partitions', '--project', project.dir);
    assert.match(stdout, /^ {2}and 2 more manifests: --manifest names one$/m);
    await using tidemark = await openTidemark({ project: project.dir, readOnly: true });
    const { manifests, others } = await tidemark.partitions();
    assert.deepEqual([manifests.length, others], [200, 2]);
  });

  it('is a clear word where nothing ever ran, and for what is no date', async () => {
    await using project = await ticketProject();
    const { exit, stdout } = await capture('partitions', '--project', project.dir);
    assert.deepEqual([exit, stdout], [0, 'Nothing was ever run here.\n']);
    const wrong = await capture('partitions', '--from', 'monday', '--project', project.dir);
    assert.deepEqual([wrong.exit, wrong.stderr.includes("'--from' argument 'monday' is invalid")], [2, true]);
    const days = ['--from', '2026-03-05', '--to', '2026-03-01'];
    const backwards = await capture('partitions', ...days, '--project', project.dir);
    assert.deepEqual([backwards.exit, backwards.stderr.includes('--to is before --from')], [2, true]);
    await deliver(project, [1, 3]);
    const backfill = await capture('backfill', ...days, '--project', project.dir);
    assert.deepEqual(
      [backfill.exit, backfill.stderr.includes('before it begins')],
      [3, true],
      backfill.stderr,
    );
  });
});
