import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { RestartPoint } from '../../tidemark/src/model/restart-points.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { type PostgresServer, startPostgres } from '../../tidemark/src/testing/postgres-server.ts';
import { heads, tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runOnly } from '../../tidemark/src/testing/run-project.ts';
import { jsonLines, sampleProject, ticket } from '../../tidemark/src/testing/sample-project.ts';
import { runElsewhere } from './run-elsewhere.ts';

let server: PostgresServer;
let databases = 0;
before(async () => {
  server = await startPostgres();
});
after(async () => await server[Symbol.asyncDispose]());

async function projectOnPostgres() {
  databases += 1;
  const url = await server.createDatabase(`project_${databases}`);
  const project = await sampleProject();
  await project.write('tidemark.yaml', `catalog: ${url}\n`);
  const content = jsonLines([ticket(1), ticket(2), ticket(2), 'no record']);
  const asset = await project.asset({ source_id: 'helpdesk', path: 'data/t.jsonl', content });
  await project.manifest('m', { assets: [asset] });
  return project;
}

/** Tells once, when a run gets there. */
function atFirst(point: RestartPoint, act: () => Promise<void>) {
  let done = false;
  return async (reached: RestartPoint) => {
    if (reached !== point || done) return;
    done = true;
    await act();
  };
}

describe('a catalog in PostgreSQL whose server goes down', () => {
  it('inside a commit, and comes back: that came to nothing, and the same run commits it, once', async () => {
    await using project = await projectOnPostgres();
    const before: object[] = [];
    const restart = async () => {
      await server.kill();
      await server.start();
      before.push(await heads(homeOf(project)));
    };
    const whole = await runOnly(project, { onReached: atFirst('inside_commit', restart) });
    assert.deepEqual(before, [{}]);
    assert.deepEqual([whole.state, whole.failure], ['committed', null]);
    const { accepted, duplicate, rejected } = whole.recordTally;
    assert.deepEqual([accepted, duplicate, rejected], [2, 1, 1]);
    assert.equal((await tablesAsSeen(homeOf(project))).ticket?.length, 2);
  });

  it('inside a commit, and stays away: the outcome is called unknown, nothing is removed, and it is found out later', async () => {
    await using project = await projectOnPostgres();
    await using tidemark = await openTidemark({
      project: project.root,
      onReached: atFirst('inside_commit', () => server.kill()),
    });
    try {
      const { runs, unopened } = await tidemark.run();
      assert.deepEqual(runs, []);
      assert.equal(unopened[0]?.failure.code, 'TM5004');
    } finally {
      await server.start();
    }
    const whole = await runOnly(project);
    assert.deepEqual([whole.state, whole.assets[0]?.reused], ['committed', 'prepared_unit']);
    assert.equal((await tablesAsSeen(homeOf(project))).ticket?.length, 2);
  });

  it('before a run: it is told what to see to, and nothing was begun', async () => {
    await using project = await projectOnPostgres();
    await server.kill();
    try {
      await assert.rejects(openTidemark({ project: project.root }), {
        code: 'TM5003',
        next: /same command again/,
      });
    } finally {
      await server.start();
    }
    assert.equal((await runOnly(project)).state, 'committed');
  });
});

describe('two processes on one catalog in PostgreSQL', () => {
  it('take in the same manifest at once, and the result is as if one had', async () => {
    await using project = await projectOnPostgres();
    const both = await Promise.all([runElsewhere(project, 'm.json'), runElsewhere(project, 'm.json')]);
    const committed = both.flatMap(({ runs }) => runs).filter(({ state }) => state === 'committed');
    assert.equal(committed.length, 1);
    assert.equal((await tablesAsSeen(homeOf(project))).ticket?.length, 2);
    assert.equal((await runOnly(project)).state, 'nothing_to_commit');
  });
});
