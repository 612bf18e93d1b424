import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { PLAIN } from '../../tidemark/src/cli/render/paint.ts';
import { statusLines } from '../../tidemark/src/cli/render/status.ts';
import {
  manifestId,
  type TicketProject,
  ticket,
  ticketProject,
} from '../../tidemark/src/evidence/ticket-project.fixture.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';

const statusOf = async (project: TicketProject, now = '2026-03-01T12:00:00Z') => {
  const clock = { now: () => new Date(now), newRunId: () => '', newTraceId: () => '' };
  await using tidemark = await openTidemark({ project: project.dir, readOnly: true, clock });
  return await tidemark.status();
};

const screenOf = async (project: TicketProject, width = 80) =>
  statusLines(await statusOf(project), { width, paint: PLAIN, projectWords: [] });

const desk = async (project: TicketProject, batchId: string, numbers: readonly number[]) =>
  await project.declare({
    batchId,
    sources: { 'desk:a': numbers.map((number) => ticket(number)), 'desk:b': [ticket(50)] },
  });

describe('the seven questions of the next morning', () => {
  it('are answered when all is well', async () => {
    await using project = await ticketProject();
    await desk(project, 'monday', [1, 2]);
    const [run] = await project.run();
    const { answers, tables, advice, attention } = await statusOf(project);
    assert.deepEqual(
      [answers?.because, answers?.run.runId, answers?.run.state],
      ['latest', run?.runId, 'committed'],
    );
    assert.deepEqual(answers?.written?.records, run?.recordTally);
    assert.deepEqual(answers?.notWritten, { count: 0, sources: [] });
    const ticketTable = tables.find(({ table }) => table === 'ticket');
    assert.deepEqual(ticketTable?.waiting, []);
    assert.equal(ticketTable?.committed?.batchId, 'monday');
    assert.deepEqual([advice[0]?.recommendation.kind, attention], ['none', []]);
  });

  it('are answered after a run that failed: what is missing, that readers see old data, and the one command', async () => {
    await using project = await ticketProject();
    await desk(project, 'monday', [1, 2]);
    const [monday] = await project.run();
    await desk(project, 'tuesday', [3]);
    await rm(join(project.dir, 'exports/desk-desk-b.jsonl'));
    await project.run();
    const { answers, tables, advice, attention, manifests } = await statusOf(project);
    assert.deepEqual(
      [answers?.because, answers?.batchId, answers?.run.state],
      ['unwell', 'tuesday', 'failed'],
    );
    assert.deepEqual(answers?.reach, {
      received: 1,
      lastReceived: 'desk:a',
      prepared: 1,
      lastPrepared: 'desk:a',
      declared: 2,
    });
    assert.equal(answers?.written, null);
    assert.deepEqual(
      answers?.notWritten.sources.map(({ sourceId }) => sourceId),
      ['desk:a', 'desk:b'],
    );
    const ticketTable = tables.find(({ table }) => table === 'ticket');
    assert.deepEqual(ticketTable?.waiting, [{ manifestId: manifestId(), batchId: 'tuesday' }]);
    assert.equal(ticketTable?.committed?.runId, monday?.runId);
    const command = `tidemark retry --manifest ${manifestId()} --batch-id tuesday`;
    assert.equal(advice[0]?.next, command);
    assert.deepEqual(
      attention.map(({ next }) => next),
      [command],
    );
    assert.equal(manifests[0]?.health, 'unhealthy');
  });

  it('are answered for a run whose process died', async () => {
    await using project = await ticketProject();
    await desk(project, 'monday', [1, 2]);
    await project.runKilledAt('unit_prepared');
    const { answers, advice } = await statusOf(project);
    assert.equal(answers?.run.state, 'died');
    assert.deepEqual([answers?.reach.prepared, answers?.reach.lastPrepared], [1, 'desk:a']);
    assert.deepEqual(
      answers?.notWritten.sources.map(({ outcome }) => outcome),
      ['not_reached', 'not_reached'],
    );
    assert.match(advice[0]?.next ?? '', /^tidemark retry /);
  });

  it('are answered while a run goes on', async () => {
    await using project = await ticketProject();
    await desk(project, 'monday', [1, 2]);
    const seen: unknown[] = [];
    await project.run({
      onReached: async (point) => {
        if (point !== 'unit_prepared' || seen.length > 0) return;
        const { answers, advice } = await statusOf(project);
        seen.push([
          answers?.because,
          answers?.run.state,
          answers?.reach.lastPrepared,
          advice[0]?.recommendation.kind,
        ]);
      },
    });
    assert.deepEqual(seen, [['running', 'running', 'desk:a', 'wait']]);
  });

  it('are one screen, at 80 columns and at 120', async () => {
    await using project = await ticketProject();
    await desk(project, 'monday', [1, 2]);
    await project.run();
    await desk(project, 'tuesday', [3]);
    await rm(join(project.dir, 'exports/desk-desk-b.jsonl'));
    await project.run();
    for (const width of [80, 120]) {
      const lines = await screenOf(project, width);
      assert.ok(lines.length <= 40, `${lines.length} lines`);
      assert.deepEqual(
        lines.filter((line) => line.length > width),
        [],
      );
      const labels = ['running', 'up to', 'written', 'not written', 'downstream', 'recovery', 'command'];
      const answered = lines.flatMap((line) => labels.filter((label) => line.startsWith(`  ${label}  `)));
      assert.deepEqual(answered, labels);
    }
  });
});

describe('the health of a manifest', () => {
  it('follows the age of its data by event time, whatever ran since', async () => {
    await using project = await ticketProject();
    await writeFile(
      join(project.dir, 'tidemark.yaml'),
      `manifest_settings:\n  ${manifestId()}: { cadence: 1d, lateness: 1h }\n`,
    );
    await desk(project, 'monday', [1, 2]);
    await project.run();
    await project.run();
    const health = async (now: string) => {
      const [manifest] = (await statusOf(project, now)).manifests;
      return [manifest?.health, manifest?.staleness.kind];
    };
    assert.deepEqual(await health('2026-03-02T10:00:00Z'), ['healthy', 'fresh']);
    assert.deepEqual(await health('2026-03-02T12:00:00Z'), ['degraded', 'stale']);
    assert.deepEqual(await health('2026-03-05T12:00:00Z'), ['unhealthy', 'overdue']);
  });
});
