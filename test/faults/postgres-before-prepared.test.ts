import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { TidemarkError } from '../../tidemark/src/errors/tidemark-error.ts';
import { RESTART_POINTS } from '../../tidemark/src/model/restart-points.ts';
import { type OpenOptions, openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { configure } from '../../tidemark/src/testing/configure.ts';
import { type PostgresCall, postgresProxy } from '../../tidemark/src/testing/postgres-proxy.ts';
import { type PostgresServer, startPostgres } from '../../tidemark/src/testing/postgres-server.ts';
import { insertTickets, TICKETS_TABLE } from '../../tidemark/src/testing/postgres-tickets.ts';
import { changed, relationProject, rowsOf, verdictOf } from '../../tidemark/src/testing/relation-desk.ts';
import { ANSWER_MS, POSTGRES_FAULTS, strike } from './postgres-faults.ts';

/** A quarter of an hour: `TIDEMARK_TEST_EVERY_CALL=1 node --test` this file. */
const EVERY_CALL = process.env.TIDEMARK_TEST_EVERY_CALL === '1';

/** Where the server is killed; here the first, the last and one between stand for all. */
const KILLED_AT = RESTART_POINTS.slice(0, RESTART_POINTS.indexOf('unit_prepared')).filter(
  (point) => EVERY_CALL || /^(run_opened|receipt_recorded|data_files_written)$/.test(point),
);

type Side = 'tables' | 'catalog';

/** The call of either that stands for all: the rows themselves, and the last word before they are refined. */
const DECIDES: Readonly<Record<Side, RegExp>> = { tables: /^COPY /, catalog: /^insert into "receipts"/ };

/** Errors that a fault may end a run in where it does not get over it by itself. */
const ENDS: Readonly<Record<Side, RegExp>> = {
  // The batch waits, and its asset says why: the server is away, others stand in the way, or it says no.
  tables: /^TM7004 TM473[356]$/,
  catalog: /^TM500[356]$/,
};

/** On a machine that is slow, a run may have got as far as its commit and not been told so. */
const BROUGHT = /^(committed|nothing_to_commit)$/;

let databases = 0;

/**
 * A table of tickets that is read from its cursor on, by a run whose catalog is another database of the same server; both
 * are reached by way of a proxy of their own.
 */
async function desk(server: PostgresServer) {
  databases += 1;
  const number = databases;
  const url = await server.createDatabase(`desk_${number}`);
  const catalogUrl = await server.createDatabase(`catalog_${number}`);
  const tables = await postgresProxy(server.url);
  const catalog = await postgresProxy(server.url);
  await insert(url, TICKETS_TABLE);
  const { project } = await relationProject(
    { url: tables.through(url) },
    'postgres:desk?table=public.tickets',
  );
  await configure(project, {
    catalog: `${catalog.through(catalogUrl)}?query_timeout=${ANSWER_MS}`,
    maintenance: { automatic: false },
    limits: { databaseTotalMs: 2 * ANSWER_MS, sourceAttemptsMax: 8, retryDelayMs: 10 },
  });
  let deliveries = 0;
  return {
    project,
    tables,
    catalog,
    /** Two tickets that are newer than all that is there. */
    deliver: async () => {
      deliveries += 1;
      const at = new Date(Date.UTC(2026, 1, 1, 0, deliveries)).toISOString();
      const both = [2 * deliveries, 2 * deliveries + 1].map((one) => changed(one, at, { created_at: at }));
      await insert(url, '', both);
    },
    /** How the run ended: its state, or the codes of its one error. */
    run: async (options: OpenOptions = {}): Promise<string> => {
      try {
        await using tidemark = await openTidemark({ project: project.root, ...options });
        const { runs, unopened } = await tidemark.run();
        const [run] = runs;
        const failure = run?.failure ?? unopened[0]?.failure;
        if (failure == null) return run?.state ?? '';
        assert.match(failure.next, /^\S.*(again|tidemark)/);
        return [failure.code, ...(run?.assets ?? []).map(({ findings }) => codeIn(findings))]
          .join(' ')
          .trim();
      } catch (error) {
        // Not even opened.
        assert.ok(error instanceof TidemarkError, String(error));
        return error.code;
      }
    },
    /** Every ticket is there once: to a consumer of the tables, and to a verification. */
    assertWhole: async () => {
      for (const proxy of [tables, catalog]) proxy.fault = () => null;
      const rows = await rowsOf(project);
      assert.deepEqual([rows.length, new Set(rows).size], [2 * deliveries, 2 * deliveries]);
      assert.equal(await verdictOf(project), 'pass');
    },
    [Symbol.asyncDispose]: async () => {
      await project[Symbol.asyncDispose]();
      for (const proxy of [tables, catalog]) await proxy[Symbol.asyncDispose]();
    },
  };
}

async function insert(url: string, sql: string, tickets: readonly Record<string, unknown>[] = []) {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(sql);
  await insertTickets(client, tickets);
  await client.end();
}

function codeIn(findings: readonly { message: string }[]): string {
  return /^TM\d{4}/.exec(findings[0]?.message ?? '')?.[0] ?? '';
}

describe('a run that reads a table of PostgreSQL, its catalog there too', { concurrency: true }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres();
  });
  after(async () => await server[Symbol.asyncDispose]());

  for (const side of ['tables', 'catalog'] as const)
    it(`meets any fault ${side === 'tables' ? 'while it reads' : 'in its catalog'} before its unit is prepared: it commits, or ends in one error and the next does`, async () => {
      await using at = await desk(server);
      for (const [what, { fault }] of Object.entries(POSTGRES_FAULTS))
        for (let number = 1; ; number += 1) {
          let isPrepared = false;
          const counts = ({ text }: PostgresCall) => !isPrepared && (EVERY_CALL || DECIDES[side].test(text));
          const struck = strike(at[side], { fault, number, counts });
          await at.deliver();
          const outcome = await at.run({
            onReached: (point) => {
              if (point === 'unit_prepared') isPrepared = true;
            },
          });
          isPrepared = true;
          const met = struck.call();
          if (met === null) {
            assert.deepEqual([outcome, EVERY_CALL], ['committed', true]);
            assert.ok(number > (side === 'tables' ? 10 : 40));
            break;
          }
          if (outcome !== 'committed') {
            assert.match(outcome, ENDS[side], `${what}: ${met.text}`);
            assert.match(await at.run(), BROUGHT, `${what}: ${met.text}`);
          }
          if (!EVERY_CALL) break;
        }
      await at.assertWhole();
    });

  it('is planned, over every cut connection, as if there had been none', async () => {
    await using at = await desk(server);
    await at.deliver();
    await at.run();
    await at.deliver();
    const plan = async () => {
      await using tidemark = await openTidemark({ project: at.project.root, readOnly: true });
      return await tidemark.plan();
    };
    const undisturbed = await plan();
    let cuts = 0;
    for (; ; cuts += 1) {
      const struck = strike(at.catalog, { fault: 'cut_before', number: cuts + 1, counts: () => true });
      assert.deepEqual(await plan(), undisturbed, struck.call()?.text);
      if (struck.call() === null) break;
    }
    assert.ok(cuts > 3);
    assert.equal(await at.run(), 'committed');
    await at.assertWhole();
  });
});

describe('a run whose PostgreSQL is killed, and comes back', () => {
  it('before its unit is prepared, wherever: it commits, or ends in one error and the next does', async () => {
    await using server = await startPostgres();
    await using at = await desk(server);
    for (const point of KILLED_AT) {
      await at.deliver();
      const outcome = await at.run({
        onReached: async (reached) => {
          if (reached !== point) return;
          await server.kill();
          await server.start();
        },
      });
      if (outcome === 'committed') continue;
      assert.match(outcome, ENDS.catalog, point);
      assert.match(await at.run(), BROUGHT, point);
    }
    await at.assertWhole();
  });
});
