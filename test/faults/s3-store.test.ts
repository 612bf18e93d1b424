import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ERROR_CODES } from '../../tidemark/src/errors/codes.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import {
  configureStore,
  type ProjectInStore,
  projectInStore,
} from '../../tidemark/src/testing/project-in-store.ts';
import { heads } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf } from '../../tidemark/src/testing/run-project.ts';
import type { Fault, S3Request } from '../../tidemark/src/testing/s3-server.ts';
import { jsonLines, ticket } from '../../tidemark/src/testing/sample-project.ts';

/** What goes wrong with single requests, in turn, so that every kind of request meets every kind of fault over the runs. */
const FAULTS: readonly Fault[] = [
  'unavailable_before',
  'cut_before',
  'lost_acknowledgement',
  'failed_after',
  'truncated_body',
];

/** Two tables: tickets, and the rejection of one. */
async function delivered(): Promise<ProjectInStore> {
  const at = await projectInStore();
  await configureStore(at.project, at.server, { prefix: at.prefix, limits: { storeAttemptsMax: 2 } });
  const content = jsonLines([ticket(1), ticket(2), { ...ticket(3), status: 'lost' }]);
  const asset = await at.project.asset({ source_id: 'helpdesk', path: 'data/m.jsonl', content });
  await at.project.manifest('m', { assets: [asset] });
  return at;
}

/** The outcome of a run: its state, or the code of what kept it from being opened or failed it. */
async function run({ project }: ProjectInStore): Promise<{ state: string; code: string | null }> {
  await using tidemark = await openTidemark({ project: project.root });
  const { runs, unopened } = await tidemark.run();
  const [report] = runs;
  if (report === undefined) return { state: 'unopened', code: unopened[0]?.failure.code ?? null };
  return { state: report.state, code: report.failure?.code ?? null };
}

async function isWhole({ project }: ProjectInStore): Promise<void> {
  await using tidemark = await openTidemark({ project: project.root });
  const { symptoms, verdict } = await tidemark.verify({ quick: true });
  assert.deepEqual([verdict, symptoms.map(({ message }) => message)], ['pass', []]);
}

/** The requests of a run that nothing disturbs. */
const undisturbed: readonly S3Request[] = await (async () => {
  await using at = await delivered();
  assert.equal((await run(at)).state, 'committed');
  return [...at.server.requests];
})();

describe('a run into S3', { concurrency: 6 }, () => {
  for (const { number, operation } of undisturbed) {
    const fault = FAULTS[number % FAULTS.length] ?? 'cut_before';
    it(`commits all the same where request ${number}, ${operation}, meets ${fault.replaceAll('_', ' ')}`, async () => {
      await using at = await delivered();
      at.server.fault = (request) => (request.number === number ? fault : null);
      assert.deepEqual(await run(at), { state: 'committed', code: null });
      at.server.fault = () => null;
      assert.deepEqual(await run(at), { state: 'nothing_to_commit', code: null });
      await isWhole(at);
    });

    it(`ends in one error where the store is gone from request ${number}, ${operation}, on, and the next goes on`, async () => {
      await using at = await delivered();
      at.server.fault = (request) => (request.number >= number ? 'cut_before' : null);
      const outcome = await run(at).catch((error) => ({ state: 'refused', code: String(error.code) }));
      // After the commit nothing but its proof, or what is tidied up, can be missing.
      if (outcome.code !== null) assert.equal(outcome.code, ERROR_CODES.store_unreachable);
      const tables = Object.keys(await heads(homeOf(at.project)).catch(() => ({})));
      assert.ok(tables.length === 0 || tables.length === 2, `half of a batch is visible: ${tables.join()}`);
      assert.equal(tables.length === 2, outcome.state === 'committed');
      at.server.fault = () => null;
      assert.match((await run(at)).state, tables.length === 0 ? /^committed$/ : /^nothing_to_commit$/);
      await isWhole(at);
      assert.equal(at.keys('warehouse/bronze/ticket/data/').length, 1);
    });
  }
});
