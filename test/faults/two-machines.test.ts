import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openSafekeeping } from '../../tidemark/src/open-safekeeping.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { SYSTEM_CLOCK } from '../../tidemark/src/run/clock.ts';
import { configure } from '../../tidemark/src/testing/configure.ts';
import { type Machines, startMachines } from '../../tidemark/src/testing/machines.ts';
import { tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runProject } from '../../tidemark/src/testing/run-project.ts';
import { jsonLines, type SampleProject, ticket } from '../../tidemark/src/testing/sample-project.ts';
import { startMachine as start } from './start-machine.ts';
import { unreferencedFiles } from './unreferenced-files.ts';

const MANIFESTS = 3;
const DAY_MS = 24 * 3_600_000;

let machines: Machines;
before(async () => {
  machines = await startMachines();
});
after(async () => await machines[Symbol.asyncDispose]());

/** Manifests that touch the same three tables: good, repeated and rejected records, and one that all of them bring. */
async function delivered(): Promise<SampleProject> {
  const project = await machines.project();
  for (let number = 1; number <= MANIFESTS; number += 1) {
    const at = number * 100;
    const records = [at, at + 1, at + 2, at].map((one) => ticket(one));
    const content = jsonLines([...records, ticket(1), ticket(at + 3, { status: 'lost' }), 'no record']);
    const asset = await project.asset({ source_id: `desk-${number}`, path: `data/${number}.jsonl`, content });
    await project.manifest(`m${number}`, { assets: [asset] });
  }
  return project;
}

/** What must be the same however many machines did it; which of equal records was first is not. */
async function outcome(project: SampleProject) {
  const { ticket: tickets = [], rejects = [], skips = [] } = await tablesAsSeen(homeOf(project));
  const ids = tickets.map((row) => /TKT-\d+-\d+/.exec(row)?.[0]);
  return { ids: ids.sort(), rejects, skips: skips.length };
}

async function isWhole(project: SampleProject): Promise<void> {
  await using tidemark = await openTidemark({ project: project.root });
  const { verdict, symptoms } = await tidemark.verify();
  assert.deepEqual([verdict, symptoms.map(({ message }) => message)], ['pass', []]);
  assert.deepEqual((await tidemark.incidents()).incidents, []);
}

async function left(project: SampleProject): Promise<string[]> {
  const folders = ['landing', 'scratch'].map((name) => join(homeOf(project), name));
  return (await Promise.all(folders.map(async (folder) => await readdir(folder).catch(() => [])))).flat();
}

describe('machines with one catalog in PostgreSQL and one store in S3', () => {
  for (const [count, point] of [
    [2, 'data_files_written'],
    [3, 'inside_commit'],
    [2, 'committed'],
  ] as const) {
    it(`take in the same manifests at once, ${count} of them, one killed at ${point}: as if one had`, async () => {
      await using alone = await delivered();
      await runProject(alone);
      await using first = await delivered();
      const others = await Promise.all(
        Array.from({ length: count - 1 }, async () => await machines.elsewhere(first)),
      );
      await using killed = start(first, point, 'kill');
      await killed.reaches('run_opened');
      const atOnce = await Promise.all(others.map(async (other) => await start(other).ended()));
      assert.equal(await killed.ended(), null);
      assert.equal(killed.child.signalCode, 'SIGKILL');
      // Whoever found another at work was told so, and nothing else went wrong.
      for (const { runs, unopened } of atOnce.map((ended) => ended ?? assert.fail('it was not killed'))) {
        assert.deepEqual(
          runs.flatMap(({ code }) => code ?? []),
          [],
        );
        assert.deepEqual([...new Set(unopened)].join(), unopened.length === 0 ? '' : 'TM7001');
      }
      const all = [first, ...others];
      await Promise.all(all.map((one) => start(one).ended()));
      for (const one of all)
        for (const { state } of await runProject(one)) assert.equal(state, 'nothing_to_commit');
      assert.deepEqual(await outcome(first), await outcome(alone));
      assert.deepEqual(await unreferencedFiles(homeOf(first)), []);
      for (const one of all) {
        await isWhole(one);
        assert.deepEqual(await left(one), [], 'what a killed process landed and refined is gone');
      }
      for (const other of others) await other[Symbol.asyncDispose]();
    });
  }

  it('are refused where their database is lost, and go on once it was made anew from the store', async () => {
    await using first = await delivered();
    await runProject(first);
    const before = await outcome(first);
    await using second = await machines.elsewhere(first);
    await configure(second, { catalog: await machines.emptyDatabase() });
    await assert.rejects(openTidemark({ project: second.root }), { code: 'TM6102' });
    await using safekeeping = await openSafekeeping({ project: second.root });
    await safekeeping.rebuild({ execute: true });
    for (const { state } of await runProject(second)) assert.equal(state, 'nothing_to_commit');
    assert.deepEqual(await outcome(second), before);
    await isWhole(second);
  });

  it('leave what another one is writing alone when they maintain the tables, however long it takes', async () => {
    await using first = await delivered();
    await using second = await machines.elsewhere(first);
    await runProject(first);
    const content = jsonLines([ticket(901), ticket(902)]);
    const asset = await first.asset({ source_id: 'desk-9', path: 'data/9.jsonl', content });
    await first.manifest('m9', { assets: [asset] });
    await using writing = start(first, 'data_files_written', 'wait');
    await writing.reaches('data_files_written');
    {
      const now = () => new Date(Date.now() + 2 * DAY_MS);
      await using tidemark = await openTidemark({ project: second.root, clock: { ...SYSTEM_CLOCK, now } });
      const { plan, planId } = await tidemark.planMaintenance();
      assert.deepEqual(
        plan.tables.flatMap(({ orphans }) => orphans),
        [],
      );
      await tidemark.executeMaintenance({ planId });
    }
    writing.child.stdin?.write('go on\n');
    const ended = await writing.ended();
    assert.deepEqual(ended?.runs.at(-1)?.state, 'committed');
    assert.equal((await outcome(second)).ids.length, 3 * MANIFESTS + 1 + 2);
    await isWhole(second);
  });
});
