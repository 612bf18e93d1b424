import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { configure } from '../../tidemark/src/testing/configure.ts';
import {
  exportOrders,
  ORDER_CONTRACT,
  type Order,
  order,
  ordersProject,
  rowsAsSeen,
} from '../../tidemark/src/testing/orders-project.ts';
import { homeOf, runOnly } from '../../tidemark/src/testing/run-project.ts';
import {
  jsonLines,
  type SampleProject,
  sampleProject,
  ticket,
} from '../../tidemark/src/testing/sample-project.ts';
import { type, typed } from '../../tidemark/src/testing/type-command.ts';

type Unique = 'business_key' | 'version';

/** A shop whose contract says what of an order comes once. */
async function shop(unique?: Unique, traits: object = {}): Promise<SampleProject> {
  const declared = { ...ORDER_CONTRACT['x-tidemark'], ...traits, ...(unique && { unique }) };
  return await ordersProject({ ...ORDER_CONTRACT, 'x-tidemark': declared });
}

async function put(project: SampleProject, batch: string, ...orders: readonly Order[]): Promise<void> {
  await exportOrders(project, { batch, files: { a: orders }, writeMode: 'append' });
}

async function deliver(project: SampleProject, batch: string, ...orders: readonly Order[]): Promise<void> {
  await put(project, batch, ...orders);
  const { reconciliation, failure } = await runOnly(project);
  assert.deepEqual([failure, reconciliation?.verdict], [null, 'pass']);
}

interface Evidence {
  readonly identity?: readonly string[];
  readonly batchId: string;
  readonly line: number;
}

async function open(project: SampleProject) {
  await using tidemark = await openTidemark({ project: project.root });
  return (await tidemark.incidents()).incidents.map((incident) => {
    const { keys, records, rows } = incident.facts as { keys: number; records: number; rows: Evidence[] };
    return { ...incident, keys, records, rows };
  });
}

async function verify(project: SampleProject) {
  await using tidemark = await openTidemark({ project: project.root });
  return await tidemark.verify({ quick: true });
}

describe('a key that is declared to come once', () => {
  it('and comes again with other content is told by the run, with the rows on both sides, and mended by a rerun', async () => {
    await using project = await shop('business_key');
    await deliver(project, 'b1', order(1, 1, { note: 'first' }), order(2, 1));
    assert.deepEqual(await open(project), []);
    await put(project, 'b2', order(3, 1), order(1, 2, { note: 'another' }));
    const ran = await typed(project, 'tidemark run');
    assert.match(ran.stdout, /key_collision: shop .*\n.*o001.*\n.*next: npx tidemark rerun/);
    const [found, ...others] = await open(project);
    assert.ok(found);
    assert.deepEqual(others, []);
    assert.deepEqual(
      [found.kind, found.class, found.severity, found.batchId, found.sourceId],
      ['key_collision', 'duplicate', 'major', 'b2', 'shop'],
    );
    assert.deepEqual(
      found.rows.map(({ identity, batchId, line }) => [identity, batchId, line]),
      [
        [['o001'], 'b1', 1],
        [['o001'], 'b2', 2],
      ],
    );
    const rows = await rowsAsSeen(homeOf(project), 'orders');
    assert.equal(rows.length, 4, 'both are in the table: nothing is turned away');

    const diagnosed = (await typed(project, 'tidemark diagnose')).stdout;
    assert.match(diagnosed, /duplicate: key_collision, major, open, incident [0-9a-f]{16}: .*o001/);
    assert.match(diagnosed, /npx tidemark rerun --manifest orders --batch-id b2\s*$/);
    assert.equal((await typed(project, 'tidemark verify')).exit, 8, 'it stays while it is so');
    assert.deepEqual(
      (await open(project)).map(({ key, timesSeen }) => [key, timesSeen]),
      [[found.key, 2]],
      'as the same incident',
    );

    await put(project, 'b2', order(3, 1), order(4, 1, { note: 'another' }));
    await type(project, found.suggestion);
    assert.deepEqual(await open(project), [], 'the proof of the rerun has looked again');
    const verified = await typed(project, 'tidemark verify');
    assert.equal(verified.exit, 0, verified.stdout);
  });

  it('is told within one delivery too; what is equal is a duplicate, and none of them', async () => {
    await using project = await shop('business_key');
    const other = order(2, 1, { note: 'y' });
    await deliver(project, 'b1', order(1, 1), order(2, 1), other, order(3, 1), order(3, 1));
    const found = await open(project);
    assert.deepEqual(
      found.map(({ batchId, keys, records }) => [batchId, keys, records]),
      [['b1', 1, 1]],
    );
  });

  it('by version lets versions come, and tells of two contents of one', async () => {
    await using project = await shop('version');
    await deliver(project, 'b1', order(1, 1), order(2, 1));
    await deliver(project, 'b2', order(1, 2));
    assert.deepEqual(await open(project), []);
    await deliver(project, 'b3', order(1, 2, { note: 'not that' }), order(2, 2));
    const [found, ...others] = await open(project);
    assert.deepEqual(others, []);
    assert.deepEqual(
      found?.rows.map(({ identity, batchId }) => [identity?.slice(0, 2), batchId]),
      [
        [['o001', '2'], 'b2'],
        [['o001', '2'], 'b3'],
      ],
    );
  });

  it('of nobody is declared: other content is a further version, and no incident', async () => {
    await using project = await shop();
    await deliver(project, 'b1', order(1, 1), order(1, 1, { note: 'other' }));
    assert.deepEqual((await verify(project)).symptoms, []);
  });

  it('is declared by the project for a built-in contract: verify finds what is there already, and it is over once it is declared no more', async () => {
    await using project = await sampleProject();
    const tickets = [ticket(1), ticket(1, { subject: 'corrected, and nobody said that it is newer' })];
    const desk = await project.asset({
      source_id: 'desk',
      path: 'data/desk.jsonl',
      content: jsonLines(tickets),
    });
    await project.manifest('m', { assets: [desk] });
    await runOnly(project);
    assert.deepEqual(await open(project), []);
    await configure(project, { tables: { ticket: { unique: 'version' } } });
    assert.equal((await verify(project)).verdict, 'fail');
    const [found] = await open(project);
    assert.deepEqual([found?.kind, found?.table, found?.keys], ['key_collision', 'ticket', 1]);
    await configure(project, { tables: {} });
    assert.equal((await verify(project)).verdict, 'pass');
    assert.deepEqual(await open(project), []);
  });

  it('is told of what came later, also once what was there is made again', async () => {
    await using project = await shop('business_key');
    await deliver(project, 'b1', order(1, 1));
    await deliver(project, 'b2', order(1, 1, { note: 'other' }));
    const [before] = await open(project);
    await put(project, 'b1', order(1, 1), order(5, 1));
    await type(project, 'tidemark rerun --manifest orders --batch-id b1');
    await verify(project);
    assert.deepEqual(
      (await open(project)).map(({ key, batchId }) => [key, batchId]),
      [[before?.key, 'b2']],
    );
  });

  it('is not told to be over by who cannot look: its contract is gone', async () => {
    await using project = await shop('business_key');
    await deliver(project, 'b1', order(1, 1), order(1, 2));
    await project.write('contracts/data/order.json', '{}');
    await verify(project);
    assert.equal((await open(project)).filter(({ kind }) => kind === 'key_collision').length, 1);
  });

  it('is told by whoever proves the run that was stopped before it looked', async () => {
    await using project = await shop('business_key');
    await put(project, 'b1', order(1, 1), order(1, 2));
    const stop = (point: string) => {
      if (point === 'read_back') throw new Error('stopped here');
    };
    const stopped = await runOnly(project, { onReached: stop });
    assert.deepEqual([stopped.state, stopped.reconciliation], ['committed', null]);
    assert.deepEqual(await open(project), []);
    await runOnly(project);
    assert.deepEqual(
      (await open(project)).map(({ kind }) => kind),
      ['key_collision'],
    );
  });

  it('and is personal data is never named', async () => {
    await using project = await shop('business_key', { pii: { order_id: 'customer-number' } });
    await deliver(project, 'b1', order(1, 1), order(1, 2));
    const [found] = await open(project);
    assert.equal(found?.rows.length, 2);
    assert.doesNotMatch(JSON.stringify(found), /o001/);
  });
});
