import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import {
  exportOrders,
  newest,
  ORDER_CONTRACT,
  order,
  ordersProject,
  rowsAsSeen,
  symptoms,
  take,
} from '../../tidemark/src/testing/orders-project.ts';
import { homeOf, runOnly } from '../../tidemark/src/testing/run-project.ts';

describe('a manifest that writes current by key', () => {
  it('keeps the newest of each business key beside all versions, and a late one does not come in', async () => {
    await using project = await ordersProject();
    const first = await take(project, 'one', { a: [order(1, 1), order(2, 5), order(1, 2), order(3, 1)] });
    assert.deepEqual(
      first.current?.map(({ table, totalRecords, supersededRecords }) => [
        table,
        totalRecords,
        supersededRecords,
      ]),
      [['current.orders', 3, 1]],
    );
    const changed = { note: 'changed' };
    const second = await take(project, 'two', {
      a: [order(2, 4, changed), order(3, 1), order(4, 1)],
      b: [order(3, 2, changed), { revision: 7, placed_at: '2026-03-01T00:00:00Z' }],
    });
    assert.deepEqual(await newest(project), [
      ['o001', 2, null],
      ['o002', 5, null],
      ['o003', 2, 'changed'],
      ['o004', 1, null],
    ]);
    assert.equal((await rowsAsSeen(homeOf(project), 'orders')).length, 8, 'no version is lost');
    const [changedRow] = (await rowsAsSeen(homeOf(project), 'current.orders')).filter(
      ({ note }) => note !== null,
    );
    assert.equal(changedRow?.run_id, second.runId, 'each row leads to what brought it');
    assert.equal((await runOnly(project)).state, 'nothing_to_commit');
    assert.deepEqual(await symptoms(project), []);
  });

  it('takes the last line of the last file of the last run where nothing declares an order', async () => {
    const { version_order: _, event_time: __, ...traits } = ORDER_CONTRACT['x-tidemark'];
    await using project = await ordersProject({ ...ORDER_CONTRACT, 'x-tidemark': traits });
    await take(project, 'one', {
      'day-1': [order(1, 1), order(1, 2), order(2, 9), order(2, 8)],
      'day-2': [order(1, 0)],
    });
    assert.deepEqual(await newest(project), [
      ['o001', 0, null],
      ['o002', 8, null],
    ]);
    await take(project, 'two', { 'day-1': [order(2, 7)] });
    assert.deepEqual((await newest(project))[1], ['o002', 7, null]);
    assert.deepEqual(await symptoms(project), []);
  });

  it('folds what came in before it was declared, by a run that commits nothing', async () => {
    await using project = await ordersProject();
    const files = { a: [order(1, 1), order(1, 2)] };
    await exportOrders(project, { batch: 'one', files, writeMode: 'append' });
    assert.equal((await runOnly(project)).current, undefined);
    assert.deepEqual(await newest(project), []);
    const folding = await take(project, 'one', files);
    assert.equal(folding.state, 'nothing_to_commit');
    assert.deepEqual(
      folding.current?.map(({ table }) => table),
      ['current.orders'],
    );
    assert.deepEqual(await newest(project), [['o001', 2, null]]);
    await using tidemark = await openTidemark({ project: project.root, readOnly: true });
    const { tables } = await tidemark.status();
    assert.deepEqual(
      tables.map(({ table, committed }) => [table, committed?.batchId]),
      [
        ['orders', 'one'],
        ['current.orders', 'one'],
      ],
    );
    // A table that is once folded is folded by whatever run commits to it.
    await exportOrders(project, { batch: 'two', files: { a: [order(1, 3)] }, writeMode: 'append' });
    await runOnly(project);
    assert.deepEqual(await newest(project), [['o001', 3, null]]);
    assert.deepEqual(await symptoms(project), []);
  });

  it('gives way to the next older version where a replay takes rows out', async () => {
    await using project = await ordersProject();
    await take(project, 'one', { a: [order(1, 1), order(2, 1)] });
    await take(project, 'two', { a: [order(1, 9), order(3, 1)] });
    const { revision } = ORDER_CONTRACT.properties;
    await project.write(
      'contracts/data/order.json',
      JSON.stringify({
        ...ORDER_CONTRACT,
        properties: { ...ORDER_CONTRACT.properties, revision: { ...revision, maximum: 5 } },
      }),
    );
    await using tidemark = await openTidemark({ project: project.root });
    const request = {
      verb: 'replay',
      manifestId: 'orders',
      batchId: 'two',
      reason: 'nines are mistakes',
    } as const;
    const { planId } = await tidemark.planRecovery(request);
    await tidemark.executePlan({ planId, verb: 'replay' });
    assert.deepEqual(await newest(project), [
      ['o001', 1, null],
      ['o002', 1, null],
      ['o003', 1, null],
    ]);
    assert.deepEqual(await symptoms(project), ['contract_drift orders']);
  });
});
