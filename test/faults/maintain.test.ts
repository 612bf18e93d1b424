import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MAINTENANCE_POINTS, type RestartPoint } from '../../tidemark/src/model/restart-points.ts';
import type { RecoveryRequest } from '../../tidemark/src/recovery/plan-recovery.ts';
import { tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf } from '../../tidemark/src/testing/run-project.ts';
import { jsonLines, type SampleProject, ticket } from '../../tidemark/src/testing/sample-project.ts';
import { agedProject, maintain, tidemarkOf } from '../aged-project.ts';
import { unreferencedFiles } from './unreferenced-files.ts';

function killedAt(script: string, ...words: string[]): Promise<string | null> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [path, ...words], (error) => resolve(error?.signal ?? null));
  });
}

async function isSound(project: SampleProject): Promise<void> {
  await using tidemark = await tidemarkOf(project);
  const { symptoms } = await tidemark.verify({ quick: true });
  assert.deepEqual(
    symptoms.map(({ message }) => message),
    [],
  );
}

describe('kill -9 while tables are maintained', { concurrency: 2 }, () => {
  for (const point of MAINTENANCE_POINTS) {
    it(`at ${point}: no row is lost or doubled, and the next maintenance ends what was begun`, async () => {
      await using project = await agedProject({ batches: 3 });
      // What was compacted lies in an expired snapshot by now, so that there are files to remove as well.
      await maintain(project);
      const home = homeOf(project);
      const rows = await tablesAsSeen(home);
      await using tidemark = await tidemarkOf(project);
      await addFiles(project);
      const added = await tablesAsSeen(home);
      assert.notDeepEqual(added, rows);
      const { planId } = await tidemark.planMaintenance();
      assert.equal(await killedAt('maintain-until.ts', project.root, planId, point), 'SIGKILL');
      assert.deepEqual(await tablesAsSeen(home), added);
      // What it left is for the next maintenance to end, and for nobody to remove by hand.
      await isSound(project);

      await maintain(project);
      await maintain(project);
      assert.deepEqual(await tablesAsSeen(home), added);
      assert.deepEqual(await unreferencedFiles(home), []);
      assert.deepEqual(await readdir(join(home, 'scratch')).catch(() => []), []);
      await isSound(project);
    });
  }
});

/** Two more batches, so that there are small files again. */
async function addFiles(project: SampleProject): Promise<void> {
  for (const number of [7, 8]) {
    const content = jsonLines([ticket(number * 10), ticket(number * 10 + 1), ticket(10)]);
    const asset = await project.asset({ source_id: `desk-${number}`, path: `data/${number}.jsonl`, content });
    await project.manifest(`m${number}`, { assets: [asset] });
    await using tidemark = await tidemarkOf(project);
    const { runs } = await tidemark.run({
      manifestPaths: [join(project.root, `data/seed_manifests/m${number}.json`)],
    });
    assert.equal(runs[0]?.state, 'committed');
  }
}

describe('kill -9 while a batch is parted from others that share its file', { concurrency: 2 }, () => {
  const points: readonly RestartPoint[] = [
    'files_rewritten',
    'inside_maintenance',
    'maintained',
    'committed',
  ];
  for (const point of points) {
    it(`at ${point}: its own plan goes on, and the others keep every row`, async () => {
      await using project = await agedProject({ batches: 3 });
      await maintain(project);
      const home = homeOf(project);
      const rows = await tablesAsSeen(home);
      const asset = await project.asset({
        source_id: 'desk-2',
        path: 'data/2.jsonl',
        content: jsonLines([ticket(20), ticket(21, { status: 'closed' })]),
      });
      await project.manifest('m2', { assets: [asset] });
      await using tidemark = await tidemarkOf(project);
      const batch = { manifestId: 'manifest-m2-20260401-001', batchId: 'batch-m2' };
      const request = { verb: 'rerun', ...batch, reason: 'a test' } as RecoveryRequest;
      const { planId } = await tidemark.planRecovery(request);
      assert.equal(await killedAt('execute-until.ts', project.root, 'rerun', planId, point), 'SIGKILL');
      if (point === 'committed') await tidemark.run();
      else assert.equal((await tidemark.executePlan({ verb: 'rerun', planId })).failure, null);
      const now = await tablesAsSeen(home);
      const others = (all: Record<string, string[]>) =>
        all.ticket?.filter((row) => !row.includes('"batch-m2"'));
      assert.deepEqual(others(now), others(rows));
      assert.equal(now.ticket?.filter((row) => row.includes('"batch-m2"')).length, 2);
      await maintain(project);
      await isSound(project);
    });
  }
});
