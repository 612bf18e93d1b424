import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { appendFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { homeOf, runOnly } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

/** Eight sources, the first by far the largest: what comes after it is received long before its turn. */
async function eightSources(): Promise<SampleProject> {
  const project = await sampleProject();
  const assets = [];
  for (const [index, name] of NAMES.entries()) {
    const records = Array.from({ length: index === 0 ? 4000 : 2 }, (_, at) => ticket(10_000 * index + at));
    assets.push(
      await project.asset({ source_id: name, path: `data/${name}.jsonl`, content: jsonLines(records) }),
    );
  }
  await project.manifest('m', { assets });
  return project;
}

describe('the sources of a manifest, received several at a time', () => {
  it('end, and pass every restart point, in the order of the manifest', async () => {
    await using project = await eightSources();
    const points: string[] = [];
    const ended: string[] = [];
    const landing = new Set<string>();
    const report = await runOnly(project, {
      onReached: (point) => void points.push(point),
      onEvent: (event) => {
        if (event.kind === 'asset_ended') ended.push(event.asset.sourceId);
        if (event.kind === 'asset_progress' && event.stage === 'landing')
          landing.add(`${event.sourceId} after ${ended.length}`);
      },
    });
    assert.equal(report.state, 'committed');
    assert.deepEqual(
      report.assets.map(({ sourceId }) => sourceId),
      NAMES,
    );
    assert.deepEqual(ended, NAMES);
    // Whoever watches is told of one source at a time: that whose turn it is.
    assert.ok(
      [...landing].every((told) => told === `${NAMES[Number(told.at(-1))]} after ${told.at(-1)}`),
      [...landing].join(),
    );
    const each = [
      'bytes_landed',
      'object_promoted',
      'receipt_recorded',
      'unit_refined',
      'data_files_written',
      'unit_prepared',
    ];
    assert.deepEqual(
      points.slice(1, 1 + 6 * NAMES.length),
      NAMES.flatMap(() => each),
    );
  });

  it('are received ahead of their turn, and no more of them than the limit says', async () => {
    await using project = await eightSources();
    await project.write('tidemark.yaml', 'limits:\n  landingsAtOnceMax: 3\n');
    const ahead: number[] = [];
    await runOnly(project, {
      onReached: async (point) => {
        if (point !== 'unit_prepared') return;
        const [runId = ''] = await readdir(join(homeOf(project), 'landing'));
        ahead.push((await readdir(join(homeOf(project), 'landing', runId))).length);
      },
    });
    // While the first was refined, two more were received; the last ones have nothing left before them.
    assert.equal(ahead[0], 2);
    assert.equal(Math.max(...ahead), 2);
    assert.equal(ahead.at(-1), 0);
  });

  it('that fail ahead of their turn fail in their turn; what was prepared before it is kept', async () => {
    await using project = await eightSources();
    await rm(join(project.root, 'data/d.jsonl'));
    const report = await runOnly(project);
    assert.equal(report.state, 'failed');
    const found = report.assets.filter(({ findings }) =>
      findings.some(({ rule }) => rule !== 'batch_blocked'),
    );
    assert.deepEqual(
      found.map(({ sourceId, findings }) => [sourceId, findings[0]?.rule]),
      [['d', 'source_missing']],
    );
    await project.asset({
      source_id: 'd',
      path: 'data/d.jsonl',
      content: jsonLines([ticket(30_000), ticket(30_001)]),
    });
    const again = await runOnly(project);
    assert.equal(again.state, 'committed');
    // Those after it have to be held against what it brings.
    const kept = again.assets
      .filter(({ reused }) => reused === 'prepared_unit')
      .map(({ sourceId }) => sourceId);
    assert.deepEqual(kept, ['a', 'b', 'c']);
  });

  it('are not taken in any more when the run is stopped before their turn, though their bytes are there', async () => {
    await using project = await eightSources();
    const stop = new AbortController();
    const points: string[] = [];
    const report = await runOnly(project, {
      signal: stop.signal,
      onReached: (point) => {
        points.push(point);
        if (point === 'unit_prepared') stop.abort();
      },
    });
    assert.equal(report.state, 'interrupted');
    assert.equal(points.filter((point) => point === 'bytes_landed').length, 1);
  });

  it('leave nothing landed when the run is stopped while they are read', async () => {
    await using project = await eightSources();
    for (const name of NAMES.slice(1))
      await appendFile(join(project.root, `data/${name}.jsonl`), Buffer.alloc(8 * 1024 * 1024, '\n'));
    const stop = new AbortController();
    await using tidemark = await openTidemark({
      project: project.root,
      signal: stop.signal,
      onEvent: ({ kind }) => {
        if (kind === 'asset_progress') stop.abort();
      },
    });
    const [report] = (await tidemark.run()).runs;
    assert.equal(report?.state, 'interrupted');
    assert.equal(existsSync(join(homeOf(project), 'landing', report?.runId ?? '')), false);
  });
});
