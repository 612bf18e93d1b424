import assert from 'node:assert/strict';
import { rename, rm } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { openDataEngine } from '../../tidemark/src/bronze/data-engine.ts';
import { DEFAULT_LIMITS } from '../../tidemark/src/model/limits.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { configure } from '../../tidemark/src/testing/configure.ts';
import {
  currentFiles,
  newest,
  order,
  ordersProject,
  symptoms,
  take,
} from '../../tidemark/src/testing/orders-project.ts';
import { type } from '../../tidemark/src/testing/type-command.ts';

describe('the newest versions of a table that gets old', () => {
  it('let go of files as snapshots expire, and follow Bronze when its files are compacted', async () => {
    await using project = await ordersProject();
    await configure(project, {
      limits: { filesCompactMin: 3, snapshotsKeptMin: 1, snapshotsKeptMax: 2, snapshotsExpireMin: 1 },
    });
    for (const revision of [1, 2, 3, 4, 5, 6])
      await take(project, `batch-${revision}`, { a: [order(1, revision), order(10 + revision, 1)] });
    assert.ok((await currentFiles(project)).length <= 3, 'each fold replaced the file of the one before');
    assert.equal((await newest(project)).length, 7);
    assert.deepEqual((await newest(project))[0], ['o001', 6, null]);
    assert.deepEqual(await symptoms(project), []);
  });
});

describe('the newest versions that are not what Bronze says', () => {
  const damages: Record<string, (file: string) => Promise<void>> = {
    'a file of theirs is gone': (file) => rm(file),
    'a file of theirs holds other rows': async (file) => {
      await using engine = await openDataEngine({ spillDir: `${file}.spill`, limits: DEFAULT_LIMITS });
      await engine.run(
        `COPY (SELECT * REPLACE ('forged' AS note) FROM read_parquet('${file}')) TO '${file}.new' (FORMAT parquet)`,
      );
      await rename(`${file}.new`, file);
    },
  };
  for (const [what, damage] of Object.entries(damages)) {
    it(`are found by verify where ${what}, and made anew by maintain`, async () => {
      await using project = await ordersProject();
      await take(project, 'one', { a: [order(1, 1), order(1, 2), order(2, 1)] });
      const whole = await newest(project);
      for (const file of await currentFiles(project)) await damage(file);
      await using tidemark = await openTidemark({ project: project.root });
      const { symptoms: found, next } = await tidemark.verify();
      assert.deepEqual(
        found.map(({ kind, table }) => [kind, table]),
        [['current_differs', 'current.orders']],
      );
      assert.equal(next, 'tidemark maintain current.orders');
      await type(project, next ?? '');
      assert.deepEqual(await newest(project), whole);
      const { verdict, incidents } = await tidemark.verify();
      assert.deepEqual([verdict, incidents?.resolved], ['pass', 1]);
    });
  }

  it('do not keep the next batch from coming in', async () => {
    await using project = await ordersProject();
    await take(project, 'one', { a: [order(1, 1), order(2, 1)] });
    for (const file of await currentFiles(project)) await rm(file);
    await take(project, 'two', { a: [order(2, 2)] });
    assert.deepEqual(await newest(project), [
      ['o001', 1, null],
      ['o002', 2, null],
    ]);
    assert.deepEqual(await symptoms(project), []);
  });
});
