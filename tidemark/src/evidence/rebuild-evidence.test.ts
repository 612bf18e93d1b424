import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { liveFilesOf } from './live-files.ts';
import { rebuildEvidence } from './rebuild-evidence.ts';
import { type TicketProject, ticket, ticketProject } from './ticket-project.fixture.ts';
import { verifyEvidence } from './verify-evidence.ts';

describe('rebuilding evidence', () => {
  test('makes every missing or altered file again exactly as it was sealed, and leaves the others alone', async () => {
    await using project = await practice();
    const archive = await project.archive();
    const [runId = assert.fail()] = await readdir(archive.home.evidenceDir);
    const folder = join(archive.home.evidenceDir, runId);
    const names = (await readdir(folder)).sort();
    assert.equal(names.length, 6);
    await writeFile(join(folder, 'report.md'), 'all is well');
    const some = await rebuildEvidence(archive, runId);
    assert.deepEqual([some.restored, some.intact.length, some.lost], [['report.md'], 5, []]);
    await rm(folder, { recursive: true });
    const all = await rebuildEvidence(archive, runId);
    assert.deepEqual([...all.restored].sort(), names);
    assert.equal((await verifyEvidence(archive)).verdict, 'pass');
    assert.deepEqual(await readdir(archive.home.evidenceDir), [runId]);
  });

  test('serves a run that committed nothing as well', async () => {
    await using project = await practice();
    const [again = assert.fail()] = await project.run();
    const archive = await project.archive();
    await rm(join(archive.home.evidenceDir, again.runId), { recursive: true });
    const { restored } = await rebuildEvidence(archive, again.runId);
    assert.deepEqual([...restored].sort(), ['report.md', 'run.json']);
  });

  test('replaces evidence by nothing but itself: what cannot be made as it was sealed stays as it lies', async () => {
    await using project = await practice();
    const archive = await project.archive();
    const [runId = assert.fail()] = await readdir(archive.home.evidenceDir);
    const rejections = join(archive.home.evidenceDir, runId, 'rejections.jsonl');
    const text = `${await readFile(rejections, 'utf8')}{}\n`;
    await writeFile(rejections, text);
    for (const { path } of await liveFilesOf(archive.catalog, 'rejects')) await rm(path);
    const { restored, lost } = await rebuildEvidence(archive, runId);
    assert.deepEqual([restored, lost.map(({ name }) => name)], [[], ['rejections.jsonl']]);
    assert.equal(await readFile(rejections, 'utf8'), text);
  });

  test('of a run that sealed nothing is an error with the next command', async () => {
    await using project = await practice();
    await assert.rejects(rebuildEvidence(await project.archive(), 'nobody'), {
      code: 'TM8002',
      next: 'tidemark status',
    });
  });
});

async function practice(): Promise<TicketProject> {
  const project = await ticketProject();
  const lines = [ticket(1), ticket(1), ticket(2, { status: 'asleep' })];
  await project.declare({ sources: { 'desk:a': lines, 'desk:b': [ticket(3)] }, held: ['desk:b'] });
  await project.run();
  return project;
}
