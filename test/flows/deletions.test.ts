import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import {
  CHANGE_CONTRACT,
  currentFiles,
  exportOrders,
  gone,
  newest,
  ORDER_CONTRACT,
  type Order,
  order,
  ordersProject,
  rowsAsSeen,
  symptoms,
  take,
} from '../../tidemark/src/testing/orders-project.ts';
import { homeOf, runOnly } from '../../tidemark/src/testing/run-project.ts';
import type { SampleProject } from '../../tidemark/src/testing/sample-project.ts';
import { createTable, insertRows, openDatabase } from '../../tidemark/src/testing/sqlite-table.ts';

const upsert = (id: number, revision: number, fields: Order = {}) =>
  order(id, revision, { op: 'u', ...fields });

const keys = async (project: SampleProject) =>
  (await newest(project)).map(([key, revision]) => [key, revision]);

async function replay(project: SampleProject, batchId: string, reason: string) {
  await using tidemark = await openTidemark({ project: project.root });
  const { planId } = await tidemark.planRecovery({ verb: 'replay', manifestId: 'orders', batchId, reason });
  return await tidemark.executePlan({ planId, verb: 'replay' });
}

describe('a log of changes whose contract says which of them delete', () => {
  it('takes the key of a deletion out of the newest versions, and keeps every record in Bronze', async () => {
    await using project = await ordersProject(CHANGE_CONTRACT);
    await take(project, 'one', { a: [upsert(1, 1), upsert(2, 1), upsert(3, 1), upsert(4, 1)] });
    const second = await take(project, 'two', { a: [gone(2, 2), upsert(3, 2), gone(4, 5), gone(9, 1)] });
    assert.deepEqual(await keys(project), [
      ['o001', 1],
      ['o003', 2],
    ]);
    const [current] = second.current ?? [];
    assert.deepEqual([current?.totalRecords, current?.deletedKeys, current?.supersededRecords], [2, 3, 6]);
    const { read, accepted } = second.recordTally;
    assert.deepEqual([read, accepted, second.reconciliation?.verdict], [4, 4, 'pass']);
    assert.equal((await rowsAsSeen(homeOf(project), 'orders')).length, 8);
    assert.deepEqual(await symptoms(project), []);
    assert.equal((await runOnly(project)).state, 'nothing_to_commit');
  });

  it('goes by the declared order, not by which came first: nothing late deletes, nothing late comes back', async () => {
    await using project = await ordersProject(CHANGE_CONTRACT);
    await take(project, 'one', { a: [upsert(1, 1), upsert(2, 5), gone(3, 7), gone(4, 2)] });
    await take(project, 'two', { a: [gone(1, 3), gone(2, 4)] });
    // Of its own order each is late or new: below the deletion of 1, above it, below that of 3, above that of 4.
    await take(project, 'three', { a: [upsert(1, 2), upsert(3, 6), upsert(4, 3)], b: [upsert(5, 1)] });
    assert.deepEqual(await keys(project), [
      ['o002', 5],
      ['o004', 3],
      ['o005', 1],
    ]);
    // The same deletion and the same row again are duplicates.
    const again = await take(project, 'four', { a: [gone(1, 3), upsert(1, 2), upsert(1, 4)] });
    assert.equal(again.recordTally.duplicate, 2);
    assert.deepEqual((await keys(project))[0], ['o001', 4]);
    assert.deepEqual(await symptoms(project), []);
  });

  it('may leave nothing at all', async () => {
    await using project = await ordersProject(CHANGE_CONTRACT);
    await take(project, 'one', { a: [upsert(1, 1), upsert(2, 1)] });
    await take(project, 'two', { a: [gone(1, 2), gone(2, 2)] });
    assert.deepEqual(await keys(project), []);
    await take(project, 'three', { a: [upsert(1, 3), upsert(2, 0)] });
    assert.deepEqual(await keys(project), [['o001', 3]]);
    assert.deepEqual(await symptoms(project), []);
  });

  it('has an operation that nobody knows rejected, with its line, and neither kept nor deleted', async () => {
    await using project = await ordersProject(CHANGE_CONTRACT);
    const unknown = upsert(1, 2, { op: 'truncate' });
    const { op: _, ...without } = upsert(2, 2);
    const report = await take(project, 'one', { a: [upsert(1, 1), unknown, without] });
    const { accepted, rejected } = report.recordTally;
    assert.deepEqual([accepted, rejected], [1, 2]);
    const rejects = await rowsAsSeen(homeOf(project), 'rejects');
    assert.deepEqual(
      rejects.map(({ record_line, rule, pointer, received }) => [
        Number(record_line),
        rule,
        pointer,
        received,
      ]),
      [
        [2, 'enum', '/op', '"truncate"'],
        [3, 'required', '/op', 'missing'],
      ],
    );
    assert.deepEqual(await keys(project), [['o001', 1]]);
  });

  it('comes to the same table where it is replayed, and where the table is made anew', async () => {
    await using project = await ordersProject(CHANGE_CONTRACT);
    await take(project, 'one', { a: [upsert(1, 1), upsert(2, 1), upsert(3, 1)] });
    await take(project, 'two', { a: [gone(1, 2), upsert(2, 2), gone(3, 2)] });
    const before = await rowsAsSeen(homeOf(project), 'current.orders');
    await replay(project, 'two', 'to see that it is the same');
    assert.deepEqual(await rowsAsSeen(homeOf(project), 'current.orders'), before);
    for (const file of await currentFiles(project)) await rm(file);
    await take(project, 'three', { a: [upsert(4, 1)] });
    assert.deepEqual(await keys(project), [
      ['o002', 2],
      ['o004', 1],
    ]);
    assert.deepEqual(await symptoms(project), []);
  });

  it('brings back what a deletion took that a replay takes out', async () => {
    await using project = await ordersProject(CHANGE_CONTRACT);
    await take(project, 'one', { a: [upsert(1, 1), upsert(2, 1)] });
    await take(project, 'two', { a: [gone(1, 9), gone(2, 2)] });
    assert.deepEqual(await keys(project), []);
    const { revision } = CHANGE_CONTRACT.properties;
    const properties = { ...CHANGE_CONTRACT.properties, revision: { ...revision, maximum: 5 } };
    await project.write('contracts/data/order.json', JSON.stringify({ ...CHANGE_CONTRACT, properties }));
    await replay(project, 'two', 'nines are mistakes');
    assert.deepEqual(await keys(project), [['o001', 1]]);
    assert.deepEqual(await symptoms(project), ['contract_drift orders']);
  });

  it('is folded anew once its contract says which records delete, and had not, by a run that commits nothing', async () => {
    const { deletion: _, ...traits } = CHANGE_CONTRACT['x-tidemark'];
    await using project = await ordersProject({ ...CHANGE_CONTRACT, 'x-tidemark': traits });
    await take(project, 'one', { a: [upsert(1, 1), upsert(2, 1), gone(2, 2)] });
    assert.deepEqual((await keys(project))[1], ['o002', 2]);
    await project.write('contracts/data/order.json', JSON.stringify(CHANGE_CONTRACT));
    assert.equal((await runOnly(project)).state, 'nothing_to_commit');
    assert.deepEqual(await keys(project), [['o001', 1]]);
    await take(project, 'two', { a: [upsert(3, 1), upsert(2, 1, { note: 'late' })] });
    assert.deepEqual(await keys(project), [
      ['o001', 1],
      ['o003', 1],
    ]);
  });

  it('deletes by a time of deletion, or by a flag', async () => {
    for (const [property, deletion, deleting, keeping] of [
      [{ type: ['string', 'null'], format: 'date-time' }, {}, '2026-03-02T00:00:00Z', null],
      [{ type: 'boolean' }, { values: [true] }, true, false],
    ] as const) {
      await using project = await ordersProject({
        ...ORDER_CONTRACT,
        required: ['order_id'],
        properties: { ...ORDER_CONTRACT.properties, deleted: property },
        'x-tidemark': { ...ORDER_CONTRACT['x-tidemark'], deletion: { property: 'deleted', ...deletion } },
      });
      const row = (id: number, revision: number, deleted?: unknown) =>
        ({ ...order(id, revision), ...(deleted !== undefined && { deleted }) }) as Order;
      await take(project, 'one', {
        a: [row(1, 1), row(2, 1, keeping), row(3, 1), row(1, 2, deleting), row(3, 2, keeping)],
      });
      assert.deepEqual(await keys(project), [
        ['o002', 1],
        ['o003', 2],
      ]);
      assert.deepEqual(await symptoms(project), []);
    }
  });

  it('is read from a table of changes by their number, from its cursor on', async () => {
    await using project = await ordersProject(CHANGE_CONTRACT);
    const database = await openDatabase(project, 'shop.db');
    createTable(database, 'changes', { ...upsert(1, 1) });
    insertRows(database, 'changes', [{ ...upsert(1, 1) }, { ...upsert(2, 2) }]);
    await exportOrders(project, { batch: 'log', files: {} });
    await project.write(
      'data/seed_manifests/orders.json',
      JSON.stringify({
        schema_version: 'source_manifest_v2',
        manifest_id: 'orders',
        batch_id: 'log',
        owner: 'shop',
        created_at: '2026-03-01T00:00:00Z',
        license_tag: 'proprietary',
        contract_ref: 'urn:shop:order:v1',
        load_mode: 'incremental_cursor',
        selection_window: { cursor_field: 'revision', cursor_start: '0' },
        write_mode: 'current_by_key',
        assets: [{ source_id: 'shop', source: { sqlite: 'shop.db', table: 'changes' }, asset_type: 'jsonl' }],
      }),
    );
    await runOnly(project);
    insertRows(database, 'changes', [{ ...upsert(1, 3), ...gone(1, 3) }, { ...upsert(3, 4) }]);
    database.close();
    const next = await runOnly(project);
    assert.equal(next.recordTally.accepted, 2);
    assert.deepEqual(await keys(project), [
      ['o002', 2],
      ['o003', 4],
    ]);
    assert.deepEqual(await symptoms(project), []);
  });

  it('tells of a deletion what it is: in the report, in the table’s story and in the record’s', async () => {
    await using project = await ordersProject(CHANGE_CONTRACT);
    await take(project, 'one', { a: [upsert(1, 1), gone(1, 2)] });
    await using tidemark = await openTidemark({ project: project.root, readOnly: true });
    const told = async (asked: string) =>
      (await tidemark.show(asked))
        .flatMap(({ facts }) => facts)
        .map(({ label, value }) => `${label}: ${value}`);
    const table = await told('current.orders');
    assert.ok(table.includes('deleted by: op d'), table.join('\n'));
    const record = await told('o001');
    assert.ok(record.includes('deletes: its key, which has no newest version'), record.join('\n'));
  });
});
