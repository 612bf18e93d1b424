import assert from 'node:assert/strict';
import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openDataEngine, sqlText } from '../../tidemark/src/bronze/data-engine.ts';
import type { RunReport } from '../../tidemark/src/evidence/run-report.ts';
import { DEFAULT_LIMITS } from '../../tidemark/src/model/limits.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { homeOf } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';

/** What finding and naming a keeper takes. */
const NEEDED = [
  'record_fingerprint',
  'unit_key',
  'run_id',
  'batch_id',
  'source_id',
  'record_line',
  'ingested_at',
];

const onDay = (day: number, from: number, count: number) =>
  Array.from({ length: count }, (_, index) =>
    ticket(from + index, { created_at: `2026-04-0${day}T10:0${index}:00Z` }),
  );

async function take(
  project: SampleProject,
  name: string,
  lines: Record<string, unknown>[],
): Promise<RunReport> {
  const asset = await project.asset({
    source_id: name,
    path: `data/${name}.jsonl`,
    content: jsonLines(lines),
  });
  await project.manifest(name, { assets: [asset] });
  await using tidemark = await openTidemark({ project: project.root });
  const { runs } = await tidemark.run({
    manifestPaths: [join(project.root, `data/seed_manifests/${name}.json`)],
  });
  assert.equal(runs[0]?.state, 'committed', JSON.stringify(runs[0]?.failure));
  return runs[0];
}

/** Three days of history, a data file each, by day. */
async function threeDays(): Promise<{ project: SampleProject; files: string[] }> {
  const project = await sampleProject();
  const folder = join(homeOf(project), 'warehouse/bronze/ticket/data');
  const files: string[] = [];
  for (const day of [1, 2, 3]) {
    await take(project, `day${day}`, onDay(day, day * 10, 4));
    files.push(
      ...(await readdir(folder)).map((name) => join(folder, name)).filter((path) => !files.includes(path)),
    );
  }
  assert.equal(files.length, 3);
  return { project, files };
}

/** Zeroes every column of a data file but some: whoever reads one of the others fails. */
async function leaveColumns(path: string, columns: readonly string[], scratch: string): Promise<void> {
  await using duck = await openDataEngine({ spillDir: join(scratch, 'spill'), limits: DEFAULT_LIMITS });
  const chunks = await duck.rows(
    `SELECT path_in_schema AS path, least(dictionary_page_offset, data_page_offset) AS dictionary, data_page_offset AS data,
       total_compressed_size AS size FROM parquet_metadata(${sqlText(path)})`,
  );
  const file = await open(path, 'r+');
  let zeroed = 0;
  try {
    for (const chunk of chunks) {
      if (columns.includes(String(chunk.path))) continue;
      const start = Number(chunk.dictionary) > 0 ? Number(chunk.dictionary) : Number(chunk.data);
      await file.write(Buffer.alloc(Number(chunk.size)), 0, Number(chunk.size), start);
      zeroed += 1;
    }
  } finally {
    await file.close();
  }
  assert.ok(zeroed > 20, `${zeroed} columns were zeroed`);
}

describe('records that come in on top of a history', () => {
  it('are compared with the files whose event times overlap theirs, and no other is opened', async () => {
    const { project, files } = await threeDays();
    await using _ = project;
    for (const path of [files[0], files[2]]) await rm(path ?? '');
    const { recordTally, reconciliation } = await take(project, 'again', [
      ...onDay(2, 20, 4),
      ...onDay(2, 70, 2),
    ]);
    assert.deepEqual([recordTally.accepted, recordTally.duplicate], [2, 4]);
    assert.equal(reconciliation?.verdict, 'pass');
  });

  it('are compared by fingerprint alone: of an overlapping file, only what names a keeper is read', async () => {
    const { project, files } = await threeDays();
    await using _ = project;
    await leaveColumns(files[1] ?? '', NEEDED, project.root);
    const { recordTally } = await take(project, 'again', [...onDay(2, 20, 4), ...onDay(2, 70, 2)]);
    assert.deepEqual([recordTally.accepted, recordTally.duplicate], [2, 4]);
    // The check can fail: with the fingerprints gone, so is the comparison.
    await leaveColumns(files[1] ?? '', NEEDED.slice(1), project.root);
    await assert.rejects(take(project, 'third', onDay(2, 22, 2)));
  });
});
