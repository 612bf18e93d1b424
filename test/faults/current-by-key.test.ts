import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { CHANGE_CONTRACT, exportOrders, ordersProject } from '../../tidemark/src/testing/orders-project.ts';
import { tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runOnly } from '../../tidemark/src/testing/run-project.ts';
import type { SampleProject } from '../../tidemark/src/testing/sample-project.ts';
import { unreferencedFiles } from './unreferenced-files.ts';

const orders = (from: number, to: number, revision: number) =>
  Array.from({ length: to - from }, (_, index) => ({
    order_id: `o${from + index}`,
    revision,
    op: 'u',
    placed_at: `2026-03-01T00:00:${String((from + index) % 60).padStart(2, '0')}Z`,
  }));

/** A first batch that is in the tables, and a second one that changes some of its orders, and deletes two. */
async function twoBatches(): Promise<SampleProject> {
  const project = await ordersProject(CHANGE_CONTRACT);
  await exportOrders(project, { batch: 'one', files: { a: orders(10, 40, 1) } });
  await runOnly(project);
  const deleted = orders(20, 22, 3).map((order) => ({ ...order, op: 'd' }));
  await exportOrders(project, {
    batch: 'two',
    files: { a: orders(30, 50, 2), b: orders(10, 12, 0), c: deleted },
  });
  return project;
}

/** Runs the project in a process of its own that kills itself at the point; resolves with the signal that ended it. */
function killedAt(project: SampleProject, point: string): Promise<string | null> {
  const script = fileURLToPath(new URL('run-until.ts', import.meta.url));
  const manifest = join(project.root, 'data/seed_manifests/orders.json');
  return new Promise((resolve) => {
    execFile(process.execPath, [script, project.root, manifest, point], (error) =>
      resolve(error?.signal ?? null),
    );
  });
}

describe('kill -9 while the newest versions are folded', { concurrency: 2 }, () => {
  let expected: Record<string, string[]>;

  before(async () => {
    await using project = await twoBatches();
    await runOnly(project);
    expected = await tablesAsSeen(homeOf(project));
    assert.equal(expected['current.orders']?.length, 38);
    assert.equal(expected.orders?.length, 54);
  });

  for (const point of ['snapshots_staged', 'metadata_written', 'inside_commit', 'committed'] as const) {
    it(`at ${point}: Bronze and they are seen together, and after a run they are the same as without the kill`, async () => {
      await using project = await twoBatches();
      const home = homeOf(project);
      const seen = await tablesAsSeen(home);
      assert.equal(await killedAt(project, point), 'SIGKILL');
      assert.deepEqual(await tablesAsSeen(home), point === 'committed' ? expected : seen);
      await runOnly(project);
      assert.deepEqual(await tablesAsSeen(home), expected);
      assert.deepEqual(await unreferencedFiles(home), []);
      await using tidemark = await openTidemark({ project: project.root });
      assert.deepEqual((await tidemark.verify({ quick: true })).symptoms, []);
    });
  }
});
