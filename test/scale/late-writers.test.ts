import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import pg from 'pg';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { startPostgres } from '../../tidemark/src/testing/postgres-server.ts';
import { sampleProject } from '../../tidemark/src/testing/sample-project.ts';
import { createMoves } from '../../tidemark/src/testing/typed-table.ts';
import {
  declareMoves,
  idsIn,
  idsThere,
  missingBy,
  readToTheEnd,
  runAll,
  writeOutOfOrder,
} from './late-writers.ts';

const ROWS = 200;

describe('a table of PostgreSQL, while transactions commit out of order and late', () => {
  it('is read without loss or double by the database’s clock and by transaction id, and an application’s lateness is found to the row', async () => {
    await using server = await startPostgres();
    const url = await server.createDatabase('moves');
    const client = new pg.Client(url);
    await client.connect();
    await using project = await sampleProject();
    try {
      await createMoves(client, ROWS);
      await declareMoves(project, { url, client });
      const options = { transactions: 30, openMax: 5, random: Math.random, firstId: ROWS + 1 };
      const writing = writeOutOfOrder(url, options);
      // Runs come while transactions are open that began before others that have committed.
      for (let step = 0; !(await writing.next()).done; step += 1) if (step % 25 === 0) await runAll(project);
      const last = await readToTheEnd(project, client);
      const all = await idsThere(client);
      const seen = await idsIn(project);
      assert.deepEqual(seen.by_clock, all);
      assert.deepEqual(seen.by_transaction, all);
      assert.equal(missingBy(last, 'by-application'), all.rows - seen.by_application.rows);
      assert.ok(all.rows > seen.by_application.rows, 'some came late');
      assert.deepEqual([missingBy(last, 'by-clock'), missingBy(last, 'by-transaction')], [0, 0]);
    } finally {
      await client.end();
    }
    await using tidemark = await openTidemark({ project: project.root });
    const { symptoms } = await tidemark.verify();
    assert.deepEqual([...new Set(symptoms.map(({ kind }) => kind))], ['late_behind_cursor']);
  });
});
