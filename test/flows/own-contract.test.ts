import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runOnly } from '../../tidemark/src/testing/run-project.ts';
import { jsonLines, sampleProject, ticket } from '../../tidemark/src/testing/sample-project.ts';
import { createTable, insertRows, openDatabase } from '../../tidemark/src/testing/sqlite-table.ts';

const PAGE = readFileSync(new URL('../../docs/MANIFESTS.md', import.meta.url), 'utf8');
const block = (language: string) => new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(PAGE)?.[1] ?? '';

/** As the page shows them. */
const ORDER = JSON.parse(block('json'));
const MANIFEST = block('yaml');

const order = (number: number, fields = {}) => ({
  order_id: `o${number}`,
  placed_at: `2026-03-01T0${number}:00:00Z`,
  total: number + 0.5,
  ...fields,
});

const tellOrder = (row: string) => {
  const { order_id: id, total } = Object.fromEntries(JSON.parse(row)) as Record<string, unknown>;
  return [id, total];
};

async function shop(records: readonly object[]) {
  const project = await sampleProject();
  await project.write('contracts/data/order.json', JSON.stringify(ORDER));
  await project.write('data/seed_manifests/orders.yaml', MANIFEST);
  await project.write('exports/orders.jsonl', jsonLines(records as Record<string, unknown>[]));
  const web = { $id: 'urn:shop:web-order:v1', 'x-tidemark': { ...ORDER['x-tidemark'], table: 'web_orders' } };
  await project.write('contracts/data/web-order.json', JSON.stringify({ ...ORDER, ...web }));
  const database = await openDatabase(project, 'web.db');
  createTable(database, 'orders', order(8));
  insertRows(database, 'orders', [order(8)]);
  database.close();
  return project;
}

describe('a contract and a manifest of one’s own', () => {
  it('bring records into a table of their own, once, found by their business key and verified', async () => {
    const again = order(2, { export_id: 'the second export' });
    await using project = await shop([order(1), order(2), again, order(3, { total: -1 })]);
    const first = await runOnly(project);
    assert.deepEqual(
      [first.recordTally.accepted, first.recordTally.duplicate, first.recordTally.rejected],
      [3, 1, 1],
      'what differs in lineage alone is a duplicate',
    );
    assert.equal((await runOnly(project)).state, 'nothing_to_commit');
    const { orders = [], web_orders: web = [] } = await tablesAsSeen(homeOf(project));
    assert.deepEqual(orders.map(tellOrder).sort(), [
      ['o1', 1.5],
      ['o2', 2.5],
    ]);
    assert.deepEqual(web.map(tellOrder), [['o8', 8.5]]);
    await using tidemark = await openTidemark({ project: project.root });
    assert.equal((await tidemark.show('o2'))[0]?.kind, 'record');
    assert.deepEqual((await tidemark.verify()).symptoms, []);
  });

  it('keep personal data that was turned away where it came in, and nowhere else', async () => {
    const email = { type: 'string', format: 'email' };
    const age = { type: 'integer', maximum: 150 };
    await using project = await shop([]);
    await project.write(
      'contracts/data/order.json',
      JSON.stringify({
        ...ORDER,
        properties: { ...ORDER.properties, email, age },
        'x-tidemark': { ...ORDER['x-tidemark'], pii: { email: 'email', age: 'age' } },
      }),
    );
    const [text, number] = ['ada.lovelace(at)example', 18_151_210];
    const turnedAway = [order(1, { email: text }), order(2, { age: number }), order(3, { total: -7.25 })];
    await project.write('exports/orders.jsonl', jsonLines(turnedAway));
    const run = await runOnly(project);
    assert.equal(run.recordTally.rejected, 3);
    await using tidemark = await openTidemark({ project: project.root });
    const told: unknown[] = [await tidemark.show(run.runId), await tidemark.diagnose(), run];
    for await (const rejection of tidemark.rejects({ runId: run.runId })) told.push(rejection);
    assert.match(JSON.stringify(told), /-7\.25/, 'what is not personal is told');
    assert.doesNotMatch(JSON.stringify(told), new RegExp(`${text.slice(0, 12)}|${number}`));
    const home = join(project.root, '.tidemark');
    const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const holding = files.filter(({ parentPath, name }) => {
      const bytes = readFileSync(join(parentPath, name));
      return bytes.includes(text) || bytes.includes(String(number));
    });
    for (const { parentPath, name } of holding)
      assert.equal(name, run.assets[0]?.sourceFingerprint, `${parentPath}/${name}`);
  });

  it('take a record in by replay once the contract admits it', async () => {
    await using project = await shop([order(1), order(3, { total: -1 })]);
    await runOnly(project);
    const { total: _, ...properties } = ORDER.properties;
    const wider = { ...ORDER, properties: { ...properties, total: { type: 'number' } } };
    await project.write('contracts/data/order.json', JSON.stringify(wider));
    await rm(join(project.root, 'exports'), { recursive: true });
    await rm(join(project.root, 'web.db'));
    await using tidemark = await openTidemark({ project: project.root });
    const request = {
      verb: 'replay',
      manifestId: 'orders-daily',
      batchId: '2026-03-01',
      reason: 'refunds',
    } as const;
    const plan = await tidemark.planRecovery(request);
    await tidemark.executePlan({ planId: plan.planId, verb: 'replay' });
    const { orders = [] } = await tablesAsSeen(homeOf(project));
    assert.deepEqual(
      orders
        .map(tellOrder)
        .map(([id]) => id)
        .sort(),
      ['o1', 'o3'],
    );
  });

  it('stand beside the first form in one folder', async () => {
    await using project = await shop([order(1)]);
    const asset = await project.asset({
      source_id: 'desk',
      path: 'data/t.jsonl',
      content: jsonLines([ticket(1)]),
    });
    await project.manifest('m', { assets: [asset] });
    await using tidemark = await openTidemark({ project: project.root });
    const { runs } = await tidemark.run();
    assert.deepEqual(
      runs.map(({ state }) => state),
      ['committed', 'committed'],
    );
  });
});

describe('a batch of which too much is rejected', () => {
  const limited = (threshold: string) =>
    MANIFEST.replace('load_mode:', `reject_threshold: ${threshold}\nload_mode:`);
  const bad = (number: number) => order(number, { total: -1 });

  it('is withheld whole, says why each record was rejected, and comes in as it was prepared once its threshold admits it', async () => {
    await using project = await shop([order(1), order(2), bad(3)]);
    await project.write('data/seed_manifests/orders.yaml', limited('20%'));
    await using tidemark = await openTidemark({ project: project.root });
    const withheld = await runOnly(project);
    assert.equal(withheld.state, 'withheld');
    assert.equal(withheld.failure?.code, 'TM7005');
    assert.match(withheld.failure?.message ?? '', /^1 of the 4 records/);
    assert.deepEqual(await tablesAsSeen(homeOf(project)), {});
    const rejects = await Array.fromAsync(tidemark.rejects({ runId: withheld.runId }));
    assert.deepEqual(
      rejects.map(({ rule, line }) => [rule, line]),
      [['minimum', 3]],
    );
    const [advice] = await tidemark.advise();
    assert.equal(advice?.recommendation.kind, 'mend', 'trying again would come to the same');
    const [incident] = (await tidemark.incidents()).incidents;
    assert.equal(incident?.suggestion, `tidemark rejects --run ${withheld.runId}`);

    const again = await runOnly(project);
    assert.equal(again.state, 'withheld');
    assert.equal(
      (await Array.fromAsync(tidemark.rejects({ runId: again.runId }))).length,
      1,
      'prepared before',
    );

    await project.write('data/seed_manifests/orders.yaml', limited('1'));
    const committed = await runOnly(project);
    assert.equal(committed.state, 'committed');
    assert.equal(committed.assets[0]?.reused, 'prepared_unit');
    assert.deepEqual(committed.recordTally, { ...committed.recordTally, read: 4, accepted: 3, rejected: 1 });
    assert.deepEqual((await tidemark.verify()).symptoms, []);
    assert.deepEqual((await tidemark.incidents()).incidents, []);
  });

  it('that a recovery plan would bring is withheld too, and what is in the table stays', async () => {
    await using project = await shop([order(1), order(2)]);
    await project.write('data/seed_manifests/orders.yaml', limited('20%'));
    await runOnly(project);
    const before = await tablesAsSeen(homeOf(project));
    await project.write('exports/orders.jsonl', jsonLines([order(1), bad(2), bad(4)]));
    await using tidemark = await openTidemark({ project: project.root });
    const request = {
      verb: 'rerun',
      manifestId: 'orders-daily',
      batchId: '2026-03-01',
      reason: 'new',
    } as const;
    const plan = await tidemark.planRecovery(request);
    const report = await tidemark.executePlan({ planId: plan.planId, verb: 'rerun' });
    assert.equal(report.state, 'withheld');
    assert.deepEqual(await tablesAsSeen(homeOf(project)), before);
  });
});
