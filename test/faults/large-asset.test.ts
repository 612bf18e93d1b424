import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { configure } from '../../tidemark/src/testing/configure.ts';
import { tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runOnly, runProject } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';
import { unreferencedFiles } from './unreferenced-files.ts';

/** Some twelve stretches, in threads. */
const BY_STRETCHES = { refineInPlaceBytesMax: 1, refineWorkersMax: 3, partBytesMax: 20_000 };
const IN_ONE_PIECE = { refineWorkersMax: 1 };
const RECORDS = 400;

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => ticket(from + index));

/** Every ninth record comes again at once and at the end, every thirtieth is none. */
function lines(): string {
  const records = numbers(0, RECORDS).flatMap((record, number) => {
    if (number % 30 === 29) return [{ ...record, status: 'lost' }];
    return number % 9 === 0 ? [record, { ...record, ingest_batch_id: 'export-2' }] : [record];
  });
  return jsonLines([...records, ...records.filter((_, at) => at % 9 === 0)]);
}

async function project(limits: object, history: readonly object[] = []): Promise<SampleProject> {
  const made = await sampleProject();
  await configure(made, { limits });
  if (history.length > 0) {
    const content = jsonLines(history as Record<string, unknown>[]);
    const asset = await made.asset({ source_id: 'portal', path: 'data/history.jsonl', content });
    await made.manifest('a-history', { assets: [asset] });
  }
  const asset = await made.asset({ source_id: 'helpdesk', path: 'data/large.jsonl', content: lines() });
  await made.manifest('b-large', { assets: [asset] });
  return made;
}

const dataFiles = async (of: SampleProject) =>
  await readdir(join(homeOf(of), 'warehouse/bronze/ticket/data')).catch(() => []);

describe('a large asset, which is written while it is refined', () => {
  let expected: Record<string, string[]>;

  before(async () => {
    await using whole = await project(IN_ONE_PIECE);
    await runOnly(whole);
    expected = await tablesAsSeen(homeOf(whole));
  });

  it('comes to what it comes to in one piece: rows, duplicates, keepers, occurrences', async () => {
    for (const history of [[], numbers(RECORDS - 60, RECORDS - 30), numbers(0, RECORDS)]) {
      await using whole = await project(IN_ONE_PIECE, history);
      await using cut = await project(BY_STRETCHES, history);
      for (const each of [whole, cut]) await runProject(each);
      assert.deepEqual(await tablesAsSeen(homeOf(cut)), await tablesAsSeen(homeOf(whole)));
      if (history.length === 0) assert.ok((await dataFiles(cut)).length > 10);
    }
  });

  it('is in data files, the most of it, while what follows its refining has not begun', async () => {
    await using cut = await project(BY_STRETCHES);
    const deadline = performance.now() + 30_000;
    await runOnly(cut, {
      onReached: async (point) => {
        if (point !== 'unit_refined') return;
        let there = 0;
        while (there < 6) {
          there = (await dataFiles(cut)).length;
          assert.ok(performance.now() < deadline, `${there} data files are there`);
        }
      },
    });
    assert.deepEqual(await tablesAsSeen(homeOf(cut)), expected);
  });

  it('leaves nothing to a run after a kill but what that one removes', async () => {
    await using cut = await project(BY_STRETCHES);
    const script = join(import.meta.dirname, 'run-until.ts');
    const manifest = join(cut.root, 'data/seed_manifests/b-large.json');
    const signal = await new Promise((resolve) => {
      execFile(process.execPath, [script, cut.root, manifest, 'unit_refined', '1'], (error) =>
        resolve(error?.signal),
      );
    });
    assert.equal(signal, 'SIGKILL');
    const { retryOf, state } = await runOnly(cut);
    assert.deepEqual([retryOf === null, state], [false, 'committed']);
    assert.deepEqual(await tablesAsSeen(homeOf(cut)), expected);
    assert.deepEqual(await unreferencedFiles(homeOf(cut)), []);
  });

  it('ends its run where a data file cannot be written, and comes in with the next one', async () => {
    await using cut = await project(BY_STRETCHES);
    {
      await using tidemark = await openTidemark({ project: cut.root });
      await cut.write('.tidemark/warehouse/bronze/ticket', 'no folder');
      const { unopened } = await tidemark.run();
      assert.equal(unopened[0]?.failure.code, 'TM2102');
    }
    await rm(join(homeOf(cut), 'warehouse/bronze/ticket'));
    assert.equal((await runOnly(cut)).state, 'committed');
    assert.deepEqual(await tablesAsSeen(homeOf(cut)), expected);
    assert.deepEqual(await unreferencedFiles(homeOf(cut)), []);
  });
});
