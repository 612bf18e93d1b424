import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { configure } from '../../tidemark/src/testing/configure.ts';
import { type PostgresProxy, postgresProxy } from '../../tidemark/src/testing/postgres-proxy.ts';
import { type PostgresServer, startPostgres } from '../../tidemark/src/testing/postgres-server.ts';
import { tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';
import type { Tidemark } from '../../tidemark/src/tidemark.ts';
import { ANSWER_MS, EVERY_CALL, POSTGRES_FAULTS, strike } from './postgres-faults.ts';

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(async () => await server[Symbol.asyncDispose]());

let databases = 0;

/** A project whose catalog is reached by way of a proxy, and a process that has it open for as long as it takes. */
async function opened(onReached: (point: string) => void) {
  databases += 1;
  const name = `calls_${databases}`;
  const proxy = await postgresProxy(server.url);
  const url = await server.createDatabase(name);
  const project = await sampleProject();
  await configure(project, {
    catalog: `${proxy.through(url)}?query_timeout=${ANSWER_MS}`,
    maintenance: { automatic: false },
  });
  const tidemark = await openTidemark({ project: project.root, onReached });
  return {
    proxy,
    project,
    tidemark,
    [Symbol.asyncDispose]: async () => {
      await tidemark[Symbol.asyncDispose]();
      await project[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

/** A manifest of two tickets and a rejection, none of which any other has. */
async function deliver(project: SampleProject, number: number): Promise<string> {
  const name = `m${String(number).padStart(3, '0')}`;
  const created_at = new Date(Date.UTC(2026, 0, number)).toISOString();
  const tickets = [0, 1].map((one) => ticket(number * 2 + one, { created_at }));
  const content = jsonLines([...tickets, `no record ${number}`]);
  const asset = await project.asset({ source_id: name, path: `data/${name}.jsonl`, content });
  await project.manifest(name, { assets: [asset] });
  return `${project.root}/data/seed_manifests/${name}.json`;
}

interface Outcome {
  readonly state: string;
  readonly code: string | null;
  readonly next: string;
}

async function run(tidemark: Tidemark, path: string): Promise<Outcome> {
  const { runs, unopened } = await tidemark.run({ manifestPaths: [path] });
  const failure = runs[0]?.failure ?? unopened[0]?.failure;
  return { state: runs[0]?.state ?? 'unopened', code: failure?.code ?? null, next: failure?.next ?? '' };
}

/** Everything that was delivered is there once: to a consumer of the tables, in the account, and to a verification. */
async function assertWhole(
  { project, tidemark, proxy }: { project: SampleProject; tidemark: Tidemark; proxy: PostgresProxy },
  delivered: number,
): Promise<void> {
  proxy.fault = () => null;
  const seen = await tablesAsSeen(homeOf(project));
  assert.equal(new Set(seen.ticket).size, 2 * delivered);
  assert.deepEqual([seen.ticket?.length, seen.rejects?.length], [2 * delivered, delivered]);
  const { runs } = await tidemark.run();
  assert.deepEqual(
    runs.filter(({ state }) => state !== 'nothing_to_commit'),
    [],
  );
  const { verdict, symptoms } = await tidemark.verify();
  assert.deepEqual([verdict, symptoms.map(({ message }) => message)], ['pass', []]);
}

describe('a commit to a catalog in PostgreSQL', { concurrency: true }, () => {
  for (const [what, { fault, commits }] of Object.entries(POSTGRES_FAULTS))
    it(`${commits ? 'succeeds by itself' : 'ends in one error, and the next run commits,'} where ${EVERY_CALL ? 'any call' : 'its end'} meets ${what}`, async () => {
      let committing = false;
      await using at = await opened((point) => {
        if (point === 'unit_prepared') committing = true;
        if (point === 'committed') committing = false;
      });
      const { proxy, project, tidemark } = at;
      const met: string[] = [];
      for (let number = 1; ; number += 1) {
        const struck = strike(proxy, {
          fault,
          number,
          counts: ({ text }) => committing && (EVERY_CALL || text === 'commit'),
        });
        const path = await deliver(project, number);
        const outcome = await run(tidemark, path);
        committing = false;
        const text = struck.call()?.text;
        if (text === undefined) {
          assert.deepEqual(outcome, { state: 'committed', code: null, next: '' });
          break;
        }
        met.push(text);
        if (outcome.state !== 'committed' || outcome.code !== null) {
          assert.deepEqual([outcome.state, outcome.code], ['failed', 'TM5006'], text);
          assert.match(outcome.next, /same command again/);
          assert.equal((await run(tidemark, path)).state, 'committed', text);
        } else assert.ok(commits || !/^(insert|update|commit)/.test(text), text);
      }
      assert.equal(met.filter((text) => text === 'commit').length, 1);
      assert.ok(!EVERY_CALL || met.length > 30);
      await assertWhole(at, met.length + 1);
    });
});
