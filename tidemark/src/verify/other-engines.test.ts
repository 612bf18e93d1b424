import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pathOf, uriOf } from '../bronze/table-io.ts';
import { type TicketProject, ticket, ticketProject } from '../evidence/ticket-project.fixture.ts';
import { openTidemark } from '../open-tidemark.ts';
import { tablesAsSeen } from '../testing/read-tables.ts';
import {
  commitForeign,
  kindsOf,
  liveFiles,
  mend,
  verifyProject,
  writeBeside,
} from './damaged-project.fixture.ts';

async function twoDeliveries(): Promise<TicketProject> {
  const project = await ticketProject();
  await project.declare({ name: 'a', sources: { 'desk:a': [ticket(1), ticket(2)] } });
  await project.declare({ name: 'b', batchId: 'batch-2', sources: { 'desk:b': [ticket(2), ticket(3)] } });
  await project.run();
  return project;
}

async function file(project: TicketProject, at = 0) {
  const found = (await liveFiles(project.dir, 'ticket'))[at];
  assert.ok(found);
  return found;
}

/** Found as these kinds, all of them mended by one command, which leaves the tables as they were. */
async function isUndone(
  project: TicketProject,
  kinds: readonly string[],
  before: Awaited<ReturnType<typeof seen>>,
) {
  const found = await verifyProject(project.dir);
  assert.deepEqual(kindsOf(found), kinds);
  const commands = [...new Set(found.symptoms.map(({ suggestion }) => suggestion))];
  assert.equal(commands.length, 1, commands.join('\n'));
  await mend(project.dir, commands[0] ?? '');
  assert.deepEqual(await seen(project), before);
  const after = await verifyProject(project.dir);
  assert.deepEqual([after.symptoms, after.incidents?.resolved], [[], kinds.length]);
}

const seen = (project: TicketProject) => tablesAsSeen(project.home.dir);

describe('a table that another engine wrote to', () => {
  it('with rows of its own: the snapshot is named with its engine, the rows as nobody’s; both go out, readable under a tag', async () => {
    await using project = await twoDeliveries();
    const before = await seen(project);
    const select =
      "SELECT * REPLACE (NULL AS unit_key, NULL AS run_id, repeat('0', 32) AS record_fingerprint) FROM it";
    const added = await writeBeside(await file(project), { name: 'theirs.parquet', select });
    const snapshotId = await commitForeign(project.dir, {
      table: 'ticket',
      operation: 'append',
      add: [added],
    });
    const { symptoms } = await verifyProject(project.dir);
    const foreign = symptoms.find(({ kind }) => kind === 'foreign_snapshot');
    assert.match(foreign?.message ?? '', new RegExp(`Snapshot ${snapshotId} .*by another`));
    assert.equal(foreign?.suggestion, `tidemark catalog set-back ticket --before ${snapshotId}`);
    await isUndone(project, ['anchor_missing', 'foreign_snapshot'], before);
    const [report] = await project.run();
    assert.equal(report?.state, 'nothing_to_commit');
  });

  it('with rows that are there already: they are found doubled', async () => {
    await using project = await twoDeliveries();
    const before = await seen(project);
    const own = await file(project);
    const copy = pathOf(own.uri).replace(/[^/]+$/, `${randomUUID()}.parquet`);
    await copyFile(pathOf(own.uri), copy);
    await commitForeign(project.dir, {
      table: 'ticket',
      operation: 'append',
      add: [{ ...own, uri: uriOf(copy) }],
    });
    await isUndone(project, ['foreign_snapshot', 'unit_doubled'], before);
  });

  it('listing a file of ours once more', async () => {
    await using project = await twoDeliveries();
    const before = await seen(project);
    await commitForeign(project.dir, { table: 'ticket', operation: 'append', add: [await file(project)] });
    await isUndone(project, ['foreign_snapshot', 'unit_doubled'], before);
  });

  it('taking a file of ours out: its rows are missing, and come back', async () => {
    await using project = await twoDeliveries();
    const before = await seen(project);
    await commitForeign(project.dir, { table: 'ticket', operation: 'delete', remove: [await file(project)] });
    await isUndone(project, ['foreign_snapshot', 'rows_missing'], before);
  });

  it('putting our rows into other files: every row is found where it is now', async () => {
    await using project = await twoDeliveries();
    const own = await file(project);
    const moved = await writeBeside(own, { name: 'compacted.parquet', select: 'SELECT * FROM it' });
    await commitForeign(project.dir, { table: 'ticket', operation: 'replace', add: [moved], remove: [own] });
    assert.deepEqual(kindsOf(await verifyProject(project.dir)), ['foreign_snapshot']);
  });

  it('and a run of ours after it: it fails before its commit, with what shows the snapshot, until it is taken out', async () => {
    await using project = await twoDeliveries();
    const select = "SELECT * REPLACE (repeat('1', 32) AS record_fingerprint) FROM it";
    const added = await writeBeside(await file(project), { name: 'theirs.parquet', select });
    const snapshotId = await commitForeign(project.dir, {
      table: 'ticket',
      operation: 'append',
      add: [added],
    });
    const before = await seen(project);
    await project.declare({ name: 'c', batchId: 'batch-3', sources: { 'desk:c': [ticket(7)] } });
    const refused = (await project.run()).find(({ batchId }) => batchId === 'batch-3');
    assert.deepEqual([refused?.state, refused?.failure?.code], ['failed', 'TM6108']);
    assert.match(refused?.failure?.next ?? '', new RegExp(`tidemark show ${snapshotId} `));
    assert.deepEqual(await seen(project), before);
    await mend(project.dir, `tidemark catalog set-back ticket --before ${snapshotId}`);
    const committed = (await project.run()).find(({ batchId }) => batchId === 'batch-3');
    assert.equal(committed?.state, 'committed');
  });

  it('is written on top of where the project says warn: the incident is open from then on', async () => {
    await using project = await twoDeliveries();
    await writeFile(join(project.dir, 'tidemark.yaml'), 'foreign_snapshots: warn\n');
    await commitForeign(project.dir, { table: 'ticket', operation: 'append' });
    await project.declare({ name: 'c', batchId: 'batch-3', sources: { 'desk:c': [ticket(7)] } });
    await project.run();
    await using tidemark = await openTidemark({ project: project.dir });
    const { incidents } = await tidemark.incidents();
    assert.deepEqual(
      incidents.map(({ kind }) => kind),
      ['foreign_snapshot'],
    );
    const { incidents: recorded } = await tidemark.verify();
    assert.deepEqual([recorded?.opened, recorded?.resolved], [0, 0]);
  });

  it('is the project’s own where it says adopt: rows count, nothing is found', async () => {
    await using project = await twoDeliveries();
    await writeFile(join(project.dir, 'tidemark.yaml'), 'foreign_snapshots: adopt\n');
    const select =
      "SELECT * REPLACE (NULL AS unit_key, NULL AS run_id, repeat('0', 32) AS record_fingerprint) FROM it";
    const added = await writeBeside(await file(project), { name: 'theirs.parquet', select });
    await commitForeign(project.dir, { table: 'ticket', operation: 'append', add: [added] });
    await project.declare({ name: 'c', batchId: 'batch-3', sources: { 'desk:c': [ticket(7)] } });
    const report = (await project.run()).find(({ batchId }) => batchId === 'batch-3');
    assert.equal(report?.state, 'committed');
    const { symptoms } = await verifyProject(project.dir);
    assert.deepEqual(
      symptoms.map(({ message }) => message),
      [],
    );
    assert.equal((await seen(project)).ticket?.length, 4 + added.recordCount);
  });

  it('and a run of ours on top of it: what is above it is not taken out, and it says so', async () => {
    await using project = await twoDeliveries();
    await writeFile(join(project.dir, 'tidemark.yaml'), 'foreign_snapshots: warn\n');
    const select = "SELECT * REPLACE (repeat('1', 32) AS record_fingerprint) FROM it";
    const added = await writeBeside(await file(project), { name: 'theirs.parquet', select });
    const snapshotId = await commitForeign(project.dir, {
      table: 'ticket',
      operation: 'append',
      add: [added],
    });
    await project.declare({ name: 'c', batchId: 'batch-3', sources: { 'desk:c': [ticket(7)] } });
    await project.run();
    const found = await verifyProject(project.dir);
    const foreign = found.symptoms.find(({ kind }) => kind === 'foreign_snapshot');
    assert.match(foreign?.message ?? '', /runs have committed to the table since/);
    await using tidemark = await openTidemark({ project: project.dir });
    await assert.rejects(tidemark.setBackTable({ table: 'ticket', before: snapshotId }), { code: 'TM7120' });
  });
});
