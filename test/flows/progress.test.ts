import assert from 'node:assert/strict';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { listMoves } from '../../tidemark/src/catalog/progress-moves.ts';
import {
  manifestId,
  type TicketProject,
  ticket,
  ticketProject,
} from '../../tidemark/src/evidence/ticket-project.fixture.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';

const SOURCE = 'tickets:desk';

const BY_CURSOR = {
  load_mode: 'incremental_cursor',
  selection_window: { cursor_field: 'created_at', cursor_start: '2026-03-01T00:00:00Z' },
};

/** Tickets of 2026-03-01, one a minute from 10:00 on. */
const tickets = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => ticket(from + at));

const settings = async (project: TicketProject, fields: string) =>
  await writeFile(
    join(project.dir, 'tidemark.yaml'),
    `manifest_settings:\n  ${manifestId()}: { ${fields} }\n`,
  );

const moved = async (project: TicketProject) => {
  const { catalog } = await project.archive();
  return (await listMoves(catalog, { limit: 100 }))
    .reverse()
    .map(({ object, before, after, cause }) => ({ object, before, after, cause }));
};

const verified = async (project: TicketProject) => {
  const { catalog } = await project.archive();
  const rows = await catalog.selectFrom('verified').selectAll().execute();
  return rows.map(({ source_id, field, start_at, through }) => [source_id, field, start_at, through]);
};

const reconcile = async (project: TicketProject) => {
  await using tidemark = await openTidemark({ project: project.dir });
  const found = await Array.fromAsync(tidemark.reconcile());
  await tidemark.keepVerdicts(found);
  return found.map(({ reconciliation }) => reconciliation.verdict);
};

describe('progress', () => {
  it('moves in the commit, and every move can be read afterwards', async () => {
    await using project = await ticketProject();
    await project.declare({ sources: { [SOURCE]: tickets(1, 3) } });
    const [first] = await project.run();
    await project.declare({ sources: { [SOURCE]: tickets(1, 5) } });
    await project.run();
    const checkpoints = (await moved(project)).filter(({ object }) => object === 'checkpoint');
    assert.equal(checkpoints.length, 2);
    assert.equal(checkpoints[0]?.before, null);
    assert.equal(checkpoints[1]?.before, first?.assets[0]?.unitKey);
    const at = (minute: number) => `2026-03-01 10:0${minute}:00.000000+00`;
    assert.deepEqual(
      (await moved(project)).filter(({ object }) => object !== 'checkpoint'),
      [
        { object: 'watermark', before: null, after: at(3), cause: 'commit' },
        { object: 'verified', before: null, after: at(3), cause: 'verification' },
        { object: 'watermark', before: at(3), after: at(5), cause: 'commit' },
        { object: 'verified', before: at(3), after: at(5), cause: 'verification' },
      ],
    );
  });

  it('does not move when the commit is broken off inside', async () => {
    await using project = await ticketProject();
    await project.declare({ sources: { [SOURCE]: tickets(1, 3) } });
    await project.runKilledAt('inside_commit');
    assert.deepEqual(await moved(project), []);
  });

  it('is verified only once the run is proven, by whoever proves it', async () => {
    await using project = await ticketProject();
    await project.declare({ sources: { [SOURCE]: tickets(1, 3) } });
    await project.runKilledAt('committed');
    assert.deepEqual(await verified(project), []);
    await project.run();
    assert.deepEqual(await verified(project), [
      [SOURCE, 'created_at', null, '2026-03-01 10:03:00.000000+00'],
    ]);
  });

  it('acknowledges nothing that may still come late', async () => {
    await using project = await ticketProject();
    await settings(project, 'lateness: 2h');
    await project.declare({ sources: { [SOURCE]: tickets(1, 3) } });
    await project.run();
    const settled = '2026-03-01 08:03:00.000000+00';
    assert.deepEqual(
      (await moved(project)).slice(1).map(({ object, after }) => [object, after]),
      [
        ['watermark', settled],
        ['verified', settled],
      ],
    );
  });

  it('goes back to before what fails its proof, and forward again when it is mended', async () => {
    await using project = await ticketProject();
    await project.declare({ sources: { [SOURCE]: tickets(1, 3) } });
    const [report] = await project.run();
    const before = await verified(project);
    const { catalog } = await project.archive();
    const [unit] = await catalog.selectFrom('units').select('prepared').execute();
    const [uri] = /file:[^"]+\.parquet/.exec(unit?.prepared ?? '') ?? [''];
    await rename(fileURLToPath(uri), join(project.dir, 'aside'));
    assert.deepEqual(await reconcile(project), ['fail']);
    assert.deepEqual(await verified(project), []);
    await rename(join(project.dir, 'aside'), fileURLToPath(uri));
    assert.deepEqual(await reconcile(project), ['pass']);
    assert.deepEqual(await reconcile(project), ['pass']);
    assert.deepEqual(await verified(project), before);
    const rows = await catalog.selectFrom('verifications').selectAll().orderBy('seq').execute();
    assert.deepEqual(
      rows.map(({ verdict, mended_by }) => [verdict, mended_by]),
      [
        ['pass', null],
        ['fail', report?.runId],
        ['pass', null],
      ],
    );
  });
});

describe('an operator', () => {
  const UPDATED = 'created_at';
  const request = {
    table: 'ticket',
    sourceId: SOURCE,
    object: 'cursor',
    field: UPDATED,
    reason: 'a test',
  } as const;

  /** Two tickets taken in by cursor: it stands at 10:02. */
  const withCursor = async () => {
    const project = await ticketProject();
    await project.declare({
      sources: { [SOURCE]: tickets(1, 2) },
      changes: BY_CURSOR,
    });
    await project.run();
    return project;
  };

  const opened = async (project: TicketProject) => await openTidemark({ project: project.dir });

  it('sets the progress of a source that is held by now', async () => {
    await using project = await withCursor();
    await project.declare({ sources: { [SOURCE]: tickets(1, 2) }, held: [SOURCE], changes: BY_CURSOR });
    await project.run();
    await using tidemark = await opened(project);
    const value = '2026-03-01T10:01:00Z';
    const { planId } = await tidemark.planState({ ...request, value });
    await tidemark.executeState({ planId });
    const state = (await tidemark.state({ target: SOURCE })).find(({ table }) => table === 'ticket');
    assert.deepEqual([state?.cursor?.value, state?.checkpoint?.records], [value, 2]);
  });

  it('sets a cursor by plan: nothing moves before it is executed, then it is in history and evidence', async () => {
    await using project = await withCursor();
    await using tidemark = await opened(project);
    const value = '2026-03-01T10:01:00Z';
    const { planId, plan } = await tidemark.planState({ ...request, value });
    assert.deepEqual(plan.change, {
      object: 'cursor',
      field: UPDATED,
      before: '2026-03-01T10:02:00Z',
      after: value,
      effect: { kind: 'read_again', from: value, to: '2026-03-01T10:02:00Z' },
    });
    const cursor = async () => (await tidemark.state({ target: SOURCE }))[0]?.cursor?.value;
    assert.equal(await cursor(), '2026-03-01T10:02:00Z');
    const { operationId } = await tidemark.executeState({ planId: planId.slice(0, 12) });
    assert.equal(await cursor(), value);
    const [last] = await tidemark.stateHistory({ limit: 1 });
    assert.deepEqual(
      [last?.cause, last?.runId, last?.reason, last?.before, last?.after],
      ['operator', operationId, 'a test', '2026-03-01T10:02:00Z', value],
    );
    assert.equal((await tidemark.verifyEvidence()).verdict, 'pass');
    await assert.rejects(tidemark.executeState({ planId }), { code: 'TM7101' });
  });

  it('is told what no forward run would ever read', async () => {
    await using project = await withCursor();
    await using tidemark = await opened(project);
    const { plan } = await tidemark.planState({ ...request, value: '2026-03-05T00:00:00Z' });
    assert.equal(plan.change.effect.kind, 'never_read');
  });

  it('is refused when the source has moved since the plan', async () => {
    await using project = await withCursor();
    await using tidemark = await opened(project);
    const { planId } = await tidemark.planState({ ...request, value: '2026-03-01T09:00:00Z' });
    await project.declare({
      sources: { [SOURCE]: tickets(1, 4) },
      changes: BY_CURSOR,
    });
    await project.run();
    await assert.rejects(tidemark.executeState({ planId }), { code: 'TM7102' });
  });

  it('is refused while a run is in progress', async () => {
    await using project = await withCursor();
    await using tidemark = await opened(project);
    const { planId } = await tidemark.planState({ ...request, value: '2026-03-01T09:00:00Z' });
    await project.declare({ sources: { [SOURCE]: tickets(1, 3) } });
    const refusals: unknown[] = [];
    const onReached = async (point: string) => {
      if (point !== 'run_opened') return;
      await tidemark.executeState({ planId }).catch((error) => refusals.push(error.code));
      await tidemark.planState({ ...request, value: '1' }).catch((error) => refusals.push(error.code));
    };
    await project.run({ onReached });
    assert.deepEqual(refusals, ['TM7001', 'TM7001']);
  });

  it('is refused a value of another form, an unknown source and a plan that was edited', async () => {
    await using project = await withCursor();
    await using tidemark = await opened(project);
    await assert.rejects(tidemark.planState({ ...request, value: '42' }), {
      code: 'TM7107',
      message: /is a whole number/,
    });
    await assert.rejects(tidemark.planState({ ...request, sourceId: 'nobody', value: '42' }), {
      code: 'TM8002',
    });
    const { planId } = await tidemark.planState({ ...request, value: '2026-03-01T09:00:00Z' });
    const { catalog } = await project.archive();
    const [row] = await catalog.selectFrom('plans').select('body').execute();
    await catalog
      .updateTable('plans')
      .set({ body: row?.body.replace('a test', 'another') ?? '' })
      .execute();
    await assert.rejects(tidemark.executeState({ planId }), { code: 'TM7104' });
  });
});

describe('the state', () => {
  it('says where each source stands and how far its objects of progress are apart', async () => {
    await using project = await ticketProject();
    await settings(project, 'lateness: 1h');
    await project.declare({
      sources: { [SOURCE]: tickets(1, 2) },
      changes: BY_CURSOR,
    });
    await project.run();
    const now = new Date('2026-03-01T12:02:00Z');
    const clock = { now: () => now, newRunId: () => '', newTraceId: () => '' };
    await using tidemark = await openTidemark({ project: project.dir, clock });
    const [state] = await tidemark.state({ target: manifestId() });
    const hour = 3_600_000;
    assert.deepEqual(state?.checkpoint?.records, 2);
    assert.deepEqual(state?.watermarkBehindCursor, { kind: 'time', ms: hour });
    assert.deepEqual(state?.verifiedBehindWatermark, { kind: 'time', ms: 0 });
    assert.equal(state?.watermarkAgeMs, 3 * hour);
    assert.deepEqual(await tidemark.state({ target: 'nobody' }), []);
  });

  it('is exported the same while nothing moves', async () => {
    await using project = await ticketProject();
    await project.declare({ sources: { [SOURCE]: tickets(1, 3) } });
    await project.run();
    await using tidemark = await openTidemark({ project: project.dir, readOnly: true });
    const text = async () => (await Array.fromAsync(tidemark.exportState())).join('');
    const first = await text();
    assert.equal(await text(), first);
    const { watermarks, progress_moves: moves } = JSON.parse(first);
    assert.deepEqual([watermarks.length, moves.length], [1, 3]);
  });
});
