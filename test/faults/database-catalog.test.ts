import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openSafekeeping } from '../../tidemark/src/open-safekeeping.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { SYSTEM_CLOCK } from '../../tidemark/src/run/clock.ts';
import { type PostgresServer, startPostgres } from '../../tidemark/src/testing/postgres-server.ts';
import { tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runOnly } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';

let server: PostgresServer;
let databases = 0;
before(async () => {
  server = await startPostgres();
});
after(async () => await server[Symbol.asyncDispose]());

/** From now on the catalog is an empty database; null: a file of the home. */
async function useDatabase(project: SampleProject): Promise<string> {
  databases += 1;
  const url = await server.createDatabase(`catalog_${databases}`);
  await project.write('tidemark.yaml', `catalog: ${url}\n`);
  return url;
}

async function deliver(project: SampleProject, name: string, numbers: readonly number[]): Promise<void> {
  const content = jsonLines([...numbers.map((number) => ticket(number)), 'no record']);
  const asset = await project.asset({ source_id: 'helpdesk', path: `data/${name}.jsonl`, content });
  await project.manifest(name, { assets: [asset] });
  await using tidemark = await openTidemark({ project: project.root });
  await tidemark.run();
}

/** Two batches, taken in with a catalog in a database. */
async function projectInDatabase() {
  const project = await sampleProject();
  await useDatabase(project);
  await deliver(project, 'a', [1, 2]);
  await deliver(project, 'b', [2, 3]);
  return project;
}

async function whatIsKnown(project: SampleProject) {
  // How stale a batch is depends on when that is asked.
  const clock = { ...SYSTEM_CLOCK, now: () => new Date('2026-05-01T00:00:00Z') };
  await using tidemark = await openTidemark({ project: project.root, readOnly: true, clock });
  const { manifests, tables } = await tidemark.status();
  return { manifests, tables, seen: await tablesAsSeen(homeOf(project)) };
}

async function assertWell(project: SampleProject): Promise<void> {
  await using tidemark = await openTidemark({ project: project.root });
  assert.deepEqual((await tidemark.verify()).symptoms, []);
  assert.deepEqual((await tidemark.verifyEvidence()).findings, []);
}

const refusal = (project: SampleProject, readOnly: boolean) =>
  openTidemark({ project: project.root, readOnly }).then(
    () => null,
    (error: { code: string }) => error.code,
  );

describe('a catalog in a database', () => {
  it('that is lost keeps every verb from beginning anew, and is rebuilt into an empty one', async () => {
    await using project = await projectInDatabase();
    const before = await whatIsKnown(project);
    await useDatabase(project);
    for (const readOnly of [true, false]) assert.equal(await refusal(project, readOnly), 'TM6102');
    const keeping = await openSafekeeping({ project: project.root });
    const plan = await keeping.rebuild();
    assert.deepEqual([plan.path, plan.disagreements, plan.differences], [null, [], null]);
    assert.equal(await refusal(project, false), 'TM6102', 'a plan changes nothing');
    const done = await keeping.rebuild({ execute: true });
    assert.match(done.path ?? '', /^postgres:\/\//);
    assert.doesNotMatch(done.path ?? '', /:[^/@]+@/, 'no password is told');
    assert.deepEqual(await whatIsKnown(project), before);
    await assertWell(project);
    await deliver(project, 'c', [3, 4]);
    assert.equal((await tablesAsSeen(homeOf(project))).ticket?.length, 4);
    await assertWell(project);
  });

  it('takes over what a file of the home held, when a project outgrows it', async () => {
    await using project = await sampleProject();
    await deliver(project, 'a', [1, 2]);
    const before = await whatIsKnown(project);
    await useDatabase(project);
    assert.equal(await refusal(project, false), 'TM6102');
    await (await openSafekeeping({ project: project.root })).rebuild({ execute: true });
    assert.deepEqual(await whatIsKnown(project), before);
    assert.equal((await runOnly(project)).state, 'nothing_to_commit');
    await assertWell(project);
  });

  it('is copied into a file at one moment, and restored from it with all that was sealed since', async () => {
    await using project = await projectInDatabase();
    const backup = join(project.root, 'backup.db');
    const kept = await (await openSafekeeping({ project: project.root })).backup({ to: backup });
    assert.deepEqual([kept.runs, kept.tables.length], [3, 3]);
    await deliver(project, 'c', [3, 4]);
    const before = await whatIsKnown(project);
    await useDatabase(project);
    const restored = await (await openSafekeeping({ project: project.root })).restore({
      from: backup,
      execute: true,
    });
    assert.deepEqual(restored.disagreements, []);
    assert.ok(restored.entries > 0, 'the third run was sealed after the backup');
    assert.deepEqual(await whatIsKnown(project), before);
    await assertWell(project);
  });

  it('with runs in it is never written over, and another one is made beside it to compare', async () => {
    await using project = await projectInDatabase();
    const keeping = await openSafekeeping({ project: project.root });
    const before = await whatIsKnown(project);
    await assert.rejects(keeping.rebuild({ execute: true }), { code: 'TM6110' });
    const into = join(project.root, 'other.db');
    const beside = await keeping.rebuild({ into });
    assert.equal(beside.path, into);
    const apart = (beside.differences ?? []).filter(({ table }) => !['incidents', 'plans'].includes(table));
    assert.deepEqual(apart, []);
    assert.deepEqual(await whatIsKnown(project), before);
  });

  it('does not move with a home', async () => {
    await using project = await projectInDatabase();
    const keeping = await openSafekeeping({ project: project.root });
    await assert.rejects(keeping.relocate({ from: '/elsewhere' }), { code: 'TM6110' });
  });

  it('without a run is begun in, where nothing was taken in before', async () => {
    await using project = await sampleProject();
    await useDatabase(project);
    assert.equal(await refusal(project, false), null);
    await rm(join(project.root, '.tidemark'), { recursive: true, force: true });
    await deliver(project, 'a', [1]);
    assert.equal((await tablesAsSeen(homeOf(project))).ticket?.length, 1);
  });
});
