import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { listTables } from '../../tidemark/src/catalog/iceberg-tables.ts';
import type { RunReport } from '../../tidemark/src/evidence/run-report.ts';
import { RESTART_POINTS, type RunPoint } from '../../tidemark/src/model/restart-points.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { openCatalogOf } from '../../tidemark/src/testing/catalog-of.ts';
import { heads, tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';
import { unreferencedFiles } from './unreferenced-files.ts';

/** Points that a run passes once for each asset: killed at the second asset too, with the first one's work done. */
const PER_ASSET: readonly RunPoint[] = [
  'bytes_landed',
  'object_promoted',
  'receipt_recorded',
  'unit_refined',
  'data_files_written',
  'unit_prepared',
];

/** Before this point nothing of the batch may be seen; from `committed` on, all of it. */
const BEFORE_COMMIT = RESTART_POINTS.slice(0, RESTART_POINTS.indexOf('committed'));

const HISTORY = 'data/seed_manifests/a-history.json';
const BATCH = 'data/seed_manifests/b-batch.json';

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => ticket(from + index));

/** A first batch for a history, and a second one with duplicates inside it, against it, rejections and a held asset. */
async function historyAndBatch(): Promise<SampleProject> {
  const project = await sampleProject();
  const first = jsonLines(numbers(0, 40));
  await project.manifest('a-history', {
    assets: [await project.asset({ source_id: 'helpdesk', path: 'data/first.jsonl', content: first })],
  });
  return project;
}

async function addBatch(project: SampleProject): Promise<void> {
  const again = ticket(3, { ingest_batch_id: 'export-2' });
  const second = jsonLines([
    ...numbers(30, 70),
    again,
    ticket(71, { status: 'lost' }),
    '{"ticket_id":',
    ticket(50),
  ]);
  const third = jsonLines([...numbers(60, 90), ticket(91, { extra: true })]);
  await project.manifest('b-batch', {
    assets: [
      await project.asset({ source_id: 'helpdesk', path: 'data/second.jsonl', content: second }),
      await project.asset({ source_id: 'portal', path: 'data/third.jsonl', content: third }),
      await project.asset({
        source_id: 'held',
        path: 'data/held.jsonl',
        content: third,
        metadata_status: 'missing',
      }),
    ],
  });
}

async function run(project: SampleProject, manifest: string): Promise<RunReport[]> {
  await using tidemark = await openTidemark({ project: project.root });
  const { runs, unopened } = await tidemark.run({ manifestPaths: [join(project.root, manifest)] });
  assert.deepEqual(unopened, []);
  return [...runs];
}

/** Runs the project in a process of its own that kills itself at the point; resolves with the signal that ended it. */
function runUntil(
  project: SampleProject,
  { point, nth }: { point: RunPoint; nth: number },
): Promise<string | null> {
  const script = fileURLToPath(new URL('run-until.ts', import.meta.url));
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [script, project.root, join(project.root, BATCH), point, String(nth)],
      (error) => resolve(error?.signal ?? null),
    );
  });
}

describe('kill -9 between landing and the end of the commit', { concurrency: 2 }, () => {
  let expected: Record<string, string[]>;

  before(async () => {
    await using project = await historyAndBatch();
    await run(project, HISTORY);
    await addBatch(project);
    await run(project, BATCH);
    expected = await tablesAsSeen(join(project.root, '.tidemark'));
    assert.equal(expected.ticket?.length, 90);
  });

  for (const point of RESTART_POINTS) {
    for (const nth of PER_ASSET.includes(point) ? [1, 2] : [1]) {
      it(`at ${point}, time ${nth}, then a run: the same tables as without the kill`, async () => {
        await using project = await historyAndBatch();
        const home = join(project.root, '.tidemark');
        await run(project, HISTORY);
        const history = await heads(home);
        const seen = await tablesAsSeen(home);
        await addBatch(project);

        assert.equal(await runUntil(project, { point, nth }), 'SIGKILL');

        // What a consumer sees right after the kill: the history as it was, or the whole batch.
        if (BEFORE_COMMIT.includes(point)) {
          assert.deepEqual(await heads(home), history);
          assert.deepEqual(await tablesAsSeen(home), seen);
        } else {
          assert.deepEqual(await tablesAsSeen(home), expected);
        }

        const [resumed] = await run(project, BATCH);
        assert.deepEqual(await tablesAsSeen(home), expected);
        assert.ok(resumed);
        if (BEFORE_COMMIT.includes(point)) {
          assert.equal(resumed.state, 'committed');
          assert.equal(resumed.reconciliation?.verdict, 'pass');
          assert.notEqual(resumed.retryOf, null);
          assertReuse(resumed, { point, nth });
        } else {
          assert.equal(resumed.state, 'nothing_to_commit');
          await assertProven(home, resumed.manifestId);
        }
        assert.deepEqual(await unreferencedFiles(home), []);
        assert.deepEqual(await readdir(join(home, 'landing')).catch(() => []), []);
        assert.deepEqual(await readdir(join(home, 'scratch')).catch(() => []), []);
      });
    }
  }
});

/** Landed bytes are not copied again, prepared units are not refined again. */
function assertReuse(resumed: RunReport, { point, nth }: { point: RunPoint; nth: number }): void {
  const at = (name: RunPoint) => RESTART_POINTS.indexOf(name);
  const here = at(point);
  const [first, second] = resumed.assets;
  const preparedUnits = here > at('unit_prepared') ? 2 : here === at('unit_prepared') ? nth : nth - 1;
  const expectPrepared = PER_ASSET.includes(point) ? preparedUnits : here > at('unit_prepared') ? 2 : 0;
  const prepared = [first, second].filter((asset) => asset?.reused === 'prepared_unit').length;
  assert.equal(prepared, expectPrepared, `${prepared} prepared units were used again`);
}

async function assertProven(home: string, manifestId: string): Promise<void> {
  const catalog = await openCatalogOf(home);
  try {
    const rows = await catalog.selectFrom('runs').selectAll().where('manifest_id', '=', manifestId).execute();
    const committed = rows.filter((row) => row.state === 'committed');
    assert.equal(committed.length, 1);
    assert.equal(committed[0]?.proven, 1);
    assert.ok((await listTables(catalog)).length > 0);
  } finally {
    await catalog.destroy();
  }
}
