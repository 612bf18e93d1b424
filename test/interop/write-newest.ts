/**
 * Makes a project that keeps the newest version of every order, batch by batch, for another reader to check:
 *
 *   node write-newest.ts <folder>
 *
 * `<folder>/expected.json` holds the newest revision of every order that is not deleted by its id, by a map in memory.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { configure } from '../../tidemark/src/testing/configure.ts';
import { CHANGE_CONTRACT, order, take } from '../../tidemark/src/testing/orders-project.ts';
import { sampleProjectAt } from '../../tidemark/src/testing/sample-project.ts';

const BATCHES = 6;
/** Enough for several files: one is cut between groups of 30,720 rows. */
const ORDERS_A_BATCH = 18_000;
const [folder = ''] = process.argv.slice(2);
const project = await sampleProjectAt(join(folder, 'project'));
await project.write('contracts/data/order.json', JSON.stringify(CHANGE_CONTRACT));
await configure(project, { limits: { currentFileBytesTarget: 64 * 1024 } });
const newest = new Map<string, { revision: number; op: string }>();
for (let batch = 0; batch < BATCHES; batch += 1) {
  // Most are new; every ninth is an older one again, in a revision that is sometimes late.
  const orders = Array.from({ length: ORDERS_A_BATCH }, (_, at) => {
    const again = at % 9 === 0;
    const id = again ? (at * 7 + batch) % ((batch + 1) * ORDERS_A_BATCH) : batch * ORDERS_A_BATCH + at;
    // No two of one order and one revision differ in what they do.
    const revision = again ? (at * 31 + batch * 17) % 23 : 1;
    return order(id, revision, { op: revision % 5 === 4 ? 'd' : 'u' });
  });
  for (const { order_id: id = '', revision = 0, op = '' } of orders)
    if (revision > (newest.get(id)?.revision ?? -1)) newest.set(id, { revision, op });
  await take(project, `batch-${batch}`, { a: orders });
}
const standing = [...newest].filter(([, { op }]) => op !== 'd').map(([id, { revision }]) => [id, revision]);
await writeFile(join(folder, 'expected.json'), JSON.stringify(Object.fromEntries(standing)));
