import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RunReport } from '../../tidemark/src/evidence/run-report.ts';
import { RESTART_POINTS, type RestartPoint, type RunPoint } from '../../tidemark/src/model/restart-points.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { editCatalog } from '../../tidemark/src/testing/catalog-of.ts';
import { tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runOnly } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';
import { unreferencedFiles } from './unreferenced-files.ts';

async function deskProject(): Promise<SampleProject> {
  const project = await sampleProject();
  const lines = [ticket(1), ticket(2), ticket(1), ticket(3, { status: 'lost' })];
  const one = await project.asset({ source_id: 'one', path: 'data/one.jsonl', content: jsonLines(lines) });
  const content = jsonLines([ticket(4)]);
  const two = await project.asset({ source_id: 'two', path: 'data/two.jsonl', content });
  await project.manifest('m', { assets: [one, two] });
  return project;
}

/** As if the holder were a process of a machine that is no more. */
async function declareDead(project: SampleProject): Promise<void> {
  const holder = JSON.stringify({ host: 'gone', boot: 'gone', pid: 1, started: '1' });
  await editCatalog(homeOf(project), `UPDATE leases SET holder = '${holder}'`);
}

/**
 * A run is held at a point, taken for dead, and another takes its manifest over; the first goes on once the other has come to
 * `resumedAt`, or has ended.
 */
async function race(
  project: SampleProject,
  { pausedAt, resumedAt }: { pausedAt: RestartPoint; resumedAt: RestartPoint | null },
): Promise<{ late: RunReport; successor: RunReport }> {
  const [paused, goesOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const running = runOnly(project, {
    onReached: async (point) => {
      if (point !== pausedAt) return;
      paused.resolve();
      await goesOn.promise;
    },
  });
  await paused.promise;
  await declareDead(project);
  const successor = await runOnly(project, {
    onReached: async (point) => {
      if (point !== resumedAt) return;
      goesOn.resolve();
      await running;
    },
  });
  goesOn.resolve();
  return { late: await running, successor };
}

/** Everything is as the successor left it, and nothing is known against the batch. */
async function isWell(project: SampleProject): Promise<void> {
  const { ticket: tickets, rejects, skips } = await tablesAsSeen(homeOf(project));
  assert.deepEqual([tickets?.length, rejects?.length, skips?.length], [3, 1, 1]);
  assert.deepEqual(await unreferencedFiles(homeOf(project)), []);
  await using tidemark = await openTidemark({ project: project.root });
  assert.deepEqual(
    (await tidemark.incidents()).incidents.map(({ message }) => message),
    [],
  );
  const { verdict, symptoms } = await tidemark.verify({ quick: true });
  assert.deepEqual([verdict, symptoms.map(({ message }) => message)], ['pass', []]);
  assert.deepEqual(
    (await tidemark.advise()).map(({ recommendation }) => recommendation.kind),
    ['none'],
  );
}

const COMMITTED: readonly RunPoint[] = ['committed', 'read_back', 'proven'];
/** Inside the transaction nobody can take it over. */
const UNCOMMITTED = RESTART_POINTS.filter((point) => point !== 'inside_commit' && !COMMITTED.includes(point));

describe('a run that was taken for dead and goes on', () => {
  for (const pausedAt of UNCOMMITTED)
    it(`from ${pausedAt}, once another has brought its batch in, is told so and leaves no trace`, async () => {
      await using project = await deskProject();
      const { late, successor } = await race(project, { pausedAt, resumedAt: null });
      assert.deepEqual([successor.state, successor.reconciliation?.verdict], ['committed', 'pass']);
      assert.deepEqual([late.state, late.failure?.code], ['failed', 'TM5102'], late.failure?.message);
      await isWell(project);
    });

  for (const pausedAt of COMMITTED)
    it(`from ${pausedAt} was proven by the other, and is proven once`, async () => {
      await using project = await deskProject();
      const { late, successor } = await race(project, { pausedAt, resumedAt: null });
      assert.deepEqual([late.state, successor.state], ['committed', 'nothing_to_commit']);
      await isWell(project);
    });

  for (const [pausedAt, resumedAt] of [
    ['unit_refined', 'bytes_landed'],
    ['unit_prepared', 'run_opened'],
    ['unit_prepared', 'metadata_written'],
    ['metadata_written', 'snapshots_staged'],
    ['metadata_written', 'committed'],
  ] as const)
    it(`from ${pausedAt} while the other is at ${resumedAt} takes nothing away from it`, async () => {
      await using project = await deskProject();
      const { late, successor } = await race(project, { pausedAt, resumedAt });
      assert.deepEqual([successor.state, successor.reconciliation?.verdict], ['committed', 'pass']);
      assert.deepEqual([late.state, late.failure?.code], ['failed', 'TM5102'], late.failure?.message);
      await isWell(project);
    });
});
