import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openDataEngine, sqlText } from '../../tidemark/src/bronze/data-engine.ts';
import type { Reconciliation } from '../../tidemark/src/evidence/reconcile.ts';
import { DEFAULT_LIMITS } from '../../tidemark/src/model/limits.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { durablesOf, keysOf } from '../../tidemark/src/testing/durables-of.ts';
import { tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runOnly } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';
import { type } from '../../tidemark/src/testing/type-command.ts';

const MANIFEST = 'data/seed_manifests/m.json';

/** A batch with a duplicate and a rejection, whose run is killed between its commit and its proof. */
async function committedAndKilled(): Promise<SampleProject> {
  const project = await sampleProject();
  const content = jsonLines([ticket(1), ticket(1), ticket(2, { status: 'parked' })]);
  const asset = await project.asset({ source_id: 'helpdesk', path: 'data/m.jsonl', content });
  await project.manifest('m', { assets: [asset] });
  const script = fileURLToPath(new URL('run-until.ts', import.meta.url));
  const words = [script, project.root, join(project.root, MANIFEST), 'committed'];
  const signal = await new Promise((resolve) => {
    execFile(process.execPath, words, (error) => resolve(error?.signal));
  });
  assert.equal(signal, 'SIGKILL');
  return project;
}

/** The key of its only data file. */
async function dataFileOf(project: SampleProject, table: string): Promise<string> {
  await using durables = await durablesOf(homeOf(project));
  const [key = ''] = await keysOf(durables, `warehouse/bronze/${table}/data/`);
  return key;
}

/** Overwrites what a data file holds of one column; its footer and its other columns stay as they are. */
async function spoilColumn(project: SampleProject, key: string, column: string): Promise<void> {
  await using durables = await durablesOf(homeOf(project));
  const path = join(project.root, 'spoiled.parquet');
  await durables.getToFile(key, path);
  const spillDir = join(project.root, 'spill');
  await using engine = await openDataEngine({ spillDir, limits: DEFAULT_LIMITS });
  const [chunk] = await engine.rows(
    `SELECT coalesce(dictionary_page_offset, data_page_offset) AS at, total_compressed_size AS size
     FROM parquet_metadata(${sqlText(path)}) WHERE path_in_schema = ${sqlText(column)}`,
  );
  const bytes = await readFile(path);
  bytes.fill(0xff, Number(chunk?.at), Number(chunk?.at) + Number(chunk?.size));
  await durables.put(key, bytes);
}

/** What is on record of the run that was killed, and which files of rows its folder has. */
async function proofOf(project: SampleProject): Promise<{ sealed: Reconciliation; rows: string[] }> {
  await using durables = await durablesOf(homeOf(project));
  const keys = await keysOf(durables, 'evidence/');
  for (const key of keys.filter((name) => name.endsWith('/reconciliation.json'))) {
    const { reconciliation, files } = JSON.parse(String(Buffer.from((await durables.get(key)) ?? [])));
    const folder = key.slice(0, key.lastIndexOf('/') + 1);
    const names = keys.filter((name) => name.startsWith(folder)).map((name) => name.slice(folder.length));
    const rows = names.filter((name) => name.endsWith('.jsonl'));
    assert.deepEqual(
      rows,
      Object.keys(files).filter((name) => name.endsWith('.jsonl')),
    );
    if (rows.length > 0) return { sealed: reconciliation, rows };
  }
  throw new Error('nothing is proven');
}

/** The next run proves what it can, the incident names the replay, and after it everything is well. */
async function isProvenAsFarAsItGoes(project: SampleProject, lost: { key: string; rows: string[] }) {
  const next = await runOnly(project);
  assert.deepEqual([next.state, next.failure], ['nothing_to_commit', null]);
  const { sealed, rows } = await proofOf(project);
  assert.deepEqual([sealed.verdict, rows], ['fail', lost.rows]);
  const unreadable = sealed.checks.filter(({ name }) => name === 'readable');
  assert.ok(unreadable.length === 1 && unreadable[0]?.subject.endsWith(lost.key));
  await using tidemark = await openTidemark({ project: project.root });
  const { incidents } = await tidemark.incidents();
  const failed = incidents.filter(({ kind }) => kind === 'reconciliation_failed');
  assert.equal(failed.length, 1);
  await type(project, failed[0]?.suggestion ?? '');
  assert.deepEqual((await tidemark.verify()).symptoms, []);
}

describe('a data file that is lost between the commit and its proof', () => {
  it('fails the proof of its run, and not the next run, whose other work goes on', async () => {
    await using project = await committedAndKilled();
    const before = await tablesAsSeen(homeOf(project));
    const key = await dataFileOf(project, 'skips');
    await using durables = await durablesOf(homeOf(project));
    await durables.remove(key);
    await isProvenAsFarAsItGoes(project, { key, rows: ['rejections.jsonl'] });
    assert.deepEqual(await tablesAsSeen(homeOf(project)), before);
  });

  it('does so too where it is damaged in a column that only its evidence repeats', async () => {
    await using project = await committedAndKilled();
    const key = await dataFileOf(project, 'rejects');
    await spoilColumn(project, key, 'received');
    await isProvenAsFarAsItGoes(project, { key, rows: ['skips.jsonl'] });
  });
});

describe('a raw object that is lost between the commit and its proof', () => {
  it('fails that proof, and once its source has brought it again and a verification passed, nothing is left to do', async () => {
    await using project = await committedAndKilled();
    await using durables = await durablesOf(homeOf(project));
    const [object = ''] = await keysOf(durables, 'raw/');
    await durables.remove(object);
    await using tidemark = await openTidemark({ project: project.root });
    const { symptoms } = await tidemark.verify();
    assert.deepEqual(
      symptoms.map(({ kind }) => kind),
      ['raw_object_missing'],
    );
    await type(project, symptoms[0]?.suggestion ?? '');
    assert.deepEqual((await tidemark.verify()).symptoms, []);
    assert.deepEqual((await tidemark.incidents()).incidents, []);
    assert.equal((await tidemark.advise())[0]?.recommendation.kind, 'none');
    assert.deepEqual((await tidemark.status()).unwell, []);
    assert.equal((await proofOf(project)).sealed.verdict, 'fail', 'what was sealed stays as it was');
  });
});
