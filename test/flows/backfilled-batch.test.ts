import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type OpenOptions, openTidemark } from '../../tidemark/src/open-tidemark.ts';
import type { RecoveryRequest } from '../../tidemark/src/recovery/plan-recovery.ts';
import { tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runOnly } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';
import { createTable, insertRows, openDatabase } from '../../tidemark/src/testing/sqlite-table.ts';

const MANIFEST = 'manifest-m-20260401-001';
const INTERVAL = { from: '2026-04-01T00:02:00Z', to: '2026-04-01T00:05:00Z' };
const BACKFILLED = `batch-m.backfill.${INTERVAL.from}..${INTERVAL.to}`;

/** Five tickets, a minute apart; the manifest takes in the last two. */
async function incremental(): Promise<SampleProject> {
  const project = await sampleProject();
  await deliver(project, [1, 2, 3, 4, 5]);
  await runOnly(project);
  return project;
}

async function deliver(
  project: SampleProject,
  numbers: readonly number[],
  fields: Record<string, 'missing'> = {},
) {
  const content = jsonLines(numbers.map((number) => ticket(number)));
  const asset = await project.asset({
    source_id: 'helpdesk',
    path: 'data/t.jsonl',
    content,
    ...fields,
  });
  await project.manifest('m', {
    load_mode: 'incremental_cursor',
    selection_window: { cursor_field: 'created_at', cursor_start: '2026-04-01T00:04:00Z' },
    assets: [asset],
  });
}

async function carryOut(project: SampleProject, request: Asked, options: OpenOptions = {}) {
  await using tidemark = await openTidemark({ project: project.root, ...options });
  const of = { manifestId: MANIFEST, batchId: BACKFILLED, reason: 'a test' };
  const { planId } = await tidemark.planRecovery({ ...of, ...request } as RecoveryRequest);
  return await tidemark.executePlan({ verb: request.verb, planId });
}

type Asked =
  | { readonly verb: 'retry' | 'rerun' | 'replay' }
  | { readonly verb: 'backfill'; readonly batchId: string; readonly from: string; readonly to: string };

const backfill = async (project: SampleProject, options: OpenOptions = {}) =>
  await carryOut(project, { verb: 'backfill', batchId: 'batch-m', ...INTERVAL }, options);

/** Where reading goes on; what is proven may grow by a backfill. */
async function progressOf(project: SampleProject) {
  await using tidemark = await openTidemark({ project: project.root, readOnly: true });
  return (await tidemark.status()).progress.map(({ verified: _verified, ...reading }) => reading);
}

async function tickets(project: SampleProject): Promise<number> {
  return (await tablesAsSeen(homeOf(project))).ticket?.length ?? 0;
}

describe('the batch of a backfill', () => {
  it('that was interrupted is retried in its own interval, and the cursor stays where it is', async () => {
    await using project = await incremental();
    const before = await progressOf(project);
    // The file has grown beyond the cursor: its new ticket is for the next run to take in.
    await deliver(project, [1, 2, 3, 4, 5, 9]);
    const controller = new AbortController();
    const onReached: OpenOptions['onReached'] = (point) =>
      point === 'unit_prepared' ? controller.abort() : undefined;
    assert.equal((await backfill(project, { signal: controller.signal, onReached })).state, 'interrupted');

    const report = await carryOut(project, { verb: 'retry' });
    assert.deepEqual([report.state, report.recordTally.accepted], ['committed', 2]);
    assert.deepEqual(await progressOf(project), before);
    assert.equal(await tickets(project), 4);
  });

  it('of a table is retried and rerun in its own interval too, though its cursor is far ahead', async () => {
    await using project = await sampleProject();
    const database = await openDatabase(project, 'data/desk.db');
    createTable(database, 'tickets', ticket(1));
    insertRows(
      database,
      'tickets',
      [1, 2, 3, 4, 5, 6].map((number) => ticket(number)),
    );
    const desk = { source_id: 'helpdesk', asset_type: 'jsonl' } as const;
    const judged = { metadata_status: 'complete', pii_scan_status: 'clear' } as const;
    await project.manifest('m', {
      load_mode: 'incremental_cursor',
      selection_window: { cursor_field: 'created_at', cursor_start: '2026-04-01T00:06:00Z' },
      assets: [{ ...desk, ...judged, source_url_or_path: 'sqlite:data/desk.db?table=tickets' }],
    });
    await runOnly(project);
    const before = await progressOf(project);
    const controller = new AbortController();
    await backfill(project, { signal: controller.signal, onReached: () => controller.abort() });
    assert.equal((await carryOut(project, { verb: 'retry' })).recordTally.accepted, 3);
    database.exec("UPDATE tickets SET subject = 'Mended' WHERE created_at = '2026-04-01T00:03:00Z'");
    database.close();
    assert.equal((await carryOut(project, { verb: 'rerun' })).recordTally.accepted, 3);
    assert.deepEqual(await progressOf(project), before);
    assert.equal(await tickets(project), 4);
  });

  it('is rerun in its own interval once its source has mended it, and the cursor stays where it is', async () => {
    await using project = await incremental();
    await backfill(project);
    const before = await progressOf(project);
    await deliver(project, [1, 2, 3, 4, 9]);

    const report = await carryOut(project, { verb: 'rerun' });
    assert.deepEqual(
      [report.state, report.recordTally.accepted, report.recordTally.out_of_window],
      ['committed', 2, 2],
    );
    assert.deepEqual(await progressOf(project), before);
    assert.equal(await tickets(project), 4);
  });

  it('admits a source that was held in its own interval', async () => {
    await using project = await incremental();
    await deliver(project, [1, 2, 3, 4, 5, 6], { metadata_status: 'missing' });
    await backfill(project);
    assert.equal(await tickets(project), 2);
    await deliver(project, [1, 2, 3, 4, 5, 6]);

    await carryOut(project, { verb: 'replay' });
    assert.equal(await tickets(project), 4);
  });

  it('that waits for its proof is proven by a run of its manifest, which takes nothing into it', async () => {
    await using project = await incremental();
    await backfill(project, {
      onReached: (point) => {
        if (point === 'committed') throw new Error('stopped here');
      },
    });
    await using tidemark = await openTidemark({ project: project.root });
    const [advice] = await tidemark.advise({ batchId: BACKFILLED });
    assert.equal(advice?.next, 'tidemark run --manifest-path data/seed_manifests/m.json');
    await tidemark.run();
    const [proven] = await tidemark.advise({ batchId: BACKFILLED });
    assert.equal(proven?.recommendation.kind, 'none');
    assert.equal(await tickets(project), 4);
  });

  it('is not run as a batch of the whole manifest: that is refused, with what mends it', async () => {
    await using project = await incremental();
    await backfill(project);
    const [before, moved] = [await tickets(project), await progressOf(project)];
    await using tidemark = await openTidemark({ project: project.root });

    const { runs, unopened } = await tidemark.run({ batchId: BACKFILLED });
    assert.deepEqual(runs, []);
    assert.equal(unopened[0]?.failure.code, 'TM7006');
    assert.equal(
      unopened[0]?.failure.next,
      `tidemark recover --manifest ${MANIFEST} --batch-id ${BACKFILLED}`,
    );
    assert.equal(await tickets(project), before);
    assert.deepEqual(await progressOf(project), moved);
  });
});
