import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DuckExample, EXAMPLE_SCHEMA } from './example-table.fixture.ts';
import { ascendingBy, sortSql, UNSORTED } from './sort-order.ts';

test('the declared order is the order DuckDB sorts in: ascending, nulls first', async () => {
  using duck = await DuckExample.open();
  const order = ascendingBy(2);
  assert.deepEqual(order, {
    'order-id': 1,
    fields: [{ transform: 'identity', 'source-id': 2, direction: 'asc', 'null-order': 'nulls-first' }],
  });
  const sql = sortSql(order, EXAMPLE_SCHEMA);
  const rows = await duck.rows(
    `SELECT created_at FROM (VALUES (2), (NULL), (1)) AS rows(created_at) ORDER BY ${sql}`,
  );
  assert.deepEqual(rows, [[null], [1], [2]]);
});

test('an unsorted table, or an order that is not by whole columns, has no SQL', () => {
  assert.equal(sortSql(UNSORTED, EXAMPLE_SCHEMA), null);
  const byBucket = { ...ascendingBy(2).fields[0]!, transform: 'bucket[4]' };
  assert.equal(sortSql({ 'order-id': 2, fields: [byBucket] }, EXAMPLE_SCHEMA), null);
});
