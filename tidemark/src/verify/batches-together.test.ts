import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openSqliteCatalog } from '../catalog/open-sqlite.ts';
import { type TicketProject, ticket, ticketProject } from '../evidence/ticket-project.fixture.ts';
import { openTidemark } from '../open-tidemark.ts';
import { tablesAsSeen } from '../testing/read-tables.ts';
import { kindsOf, mend, verifyProject } from './damaged-project.fixture.ts';

async function windowed(project: TicketProject, batch: string, [from, to]: readonly [string, string]) {
  const minute = (at: string) => `2026-03-01T10:${at}:00Z`;
  await project.declare({
    batchId: batch,
    sources: { 'desk:a': Array.from({ length: 40 }, (_, at) => ticket(at)) },
    changes: {
      load_mode: 'incremental_cursor',
      selection_window: {
        cursor_field: 'created_at',
        cursor_start: minute(from),
        cursor_end: minute(to),
      },
    },
  });
  await project.run();
}

describe('batches of one manifest', () => {
  it('with an interval that none of them covers: it is found, and the backfill that is suggested closes it', async () => {
    await using project = await ticketProject();
    await windowed(project, 'batch-1', ['00', '10']);
    await windowed(project, 'batch-2', ['20', '30']);
    const found = await verifyProject(project.dir);
    assert.deepEqual(kindsOf(found), ['interval_hole']);
    const [hole] = found.symptoms;
    assert.deepEqual([hole?.facts.from, hole?.facts.to], ['2026-03-01T10:10:00Z', '2026-03-01T10:20:00Z']);
    await using tidemark = await openTidemark({ project: project.dir });
    const [advice] = await tidemark.advise({ batchId: 'batch-2' });
    assert.equal(advice?.next, hole?.suggestion);
    await mend(project.dir, hole?.suggestion ?? '');
    const { ticket: rows = [] } = await tablesAsSeen(project.home.dir);
    assert.equal(rows.length, 30);
    const after = await verifyProject(project.dir);
    assert.deepEqual([after.symptoms, after.incidents?.resolved], [[], 1]);
  });

  it('that meet leave nothing to be found', async () => {
    await using project = await ticketProject();
    await windowed(project, 'batch-1', ['00', '10']);
    await windowed(project, 'batch-2', ['10', '30']);
    assert.deepEqual((await verifyProject(project.dir)).symptoms, []);
  });
});

describe('duplicates of another batch', () => {
  it('that have lost what was kept in their place are found under the key that the run gave them, and brought in', async () => {
    await using project = await ticketProject();
    const deliver = async (name: string, numbers: readonly number[]) => {
      const sources = { [`desk:${name}`]: numbers.map((number) => ticket(number)) };
      await project.declare({ name, batchId: `batch-${name}`, sources });
    };
    await deliver('a', [1, 2, 4, 5]);
    await project.run();
    await deliver('b', [2, 3]);
    await project.run();
    await deliver('a', [1, 9, 4, 5]);
    await mend(project.dir, 'tidemark rerun --manifest manifest-a-20260301-001 --batch-id batch-a');
    const found = await verifyProject(project.dir);
    assert.deepEqual(kindsOf(found), ['duplicate_without_keeper']);
    assert.deepEqual(found.incidents, { opened: 0, repeated: 1, resolved: 0 });
    await mend(project.dir, found.symptoms[0]?.suggestion ?? '');
    const { ticket: rows = [] } = await tablesAsSeen(project.home.dir);
    assert.equal(rows.length, 6);
    assert.deepEqual((await verifyProject(project.dir)).symptoms, []);
  });
});

describe('a verification beside a run', () => {
  it('looks at what was committed when it began, and takes nothing of the run for a fault', async () => {
    await using project = await ticketProject();
    await project.declare({ name: 'a', sources: { 'desk:a': [ticket(1), ticket(2)] } });
    await project.run();
    await project.declare({ name: 'b', sources: { 'desk:b': [ticket(2), ticket(3), 'no ticket'] } });
    const seen: string[] = [];
    await project.run({
      onReached: async (point) => {
        // There the catalog is locked, and recording waits for the commit.
        if (point === 'inside_commit') return;
        const { symptoms, incidents } = await verifyProject(project.dir);
        assert.deepEqual([symptoms, incidents?.opened], [[], 0], point);
        seen.push(point);
      },
    });
    assert.ok(seen.includes('data_files_written') && seen.includes('committed'));
    assert.deepEqual((await verifyProject(project.dir)).symptoms, []);
  });

  it('tells what it found and leaves no trace where the catalog may not be written', async () => {
    await using project = await ticketProject();
    await project.declare({ sources: { 'desk:a': [ticket(1)] } });
    await project.run();
    const catalog = openSqliteCatalog({ path: project.home.catalogPath, readOnly: false });
    await catalog.deleteFrom('receipts').execute();
    await catalog.destroy();
    await using tidemark = await openTidemark({ project: project.dir, readOnly: true });
    const report = await tidemark.verify();
    assert.deepEqual(
      [report.verdict, kindsOf(report), report.incidents],
      ['fail', ['receipt_missing'], null],
    );
    assert.deepEqual((await verifyProject(project.dir)).incidents, { opened: 1, repeated: 0, resolved: 0 });
  });

  it('ends when it is told to, and records nothing', async () => {
    await using project = await ticketProject();
    await project.declare({ sources: { 'desk:a': [ticket(1)] } });
    await project.run();
    const controller = new AbortController();
    await using tidemark = await openTidemark({
      project: project.dir,
      signal: controller.signal,
      onEvent: () => controller.abort(),
    });
    await assert.rejects(tidemark.verify(), { name: 'AbortError' });
  });
});
