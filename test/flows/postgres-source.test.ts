import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { examine } from '../../tidemark/src/doctor/examine.ts';
import type { RunReport } from '../../tidemark/src/evidence/run-report.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import type { RecoveryRequest } from '../../tidemark/src/recovery/plan-recovery.ts';
import { configure } from '../../tidemark/src/testing/configure.ts';
import { type PostgresServer, startPostgres } from '../../tidemark/src/testing/postgres-server.ts';
import { insertTickets, TICKETS_TABLE } from '../../tidemark/src/testing/postgres-tickets.ts';
import {
  account,
  changed,
  day,
  findingOf,
  MANIFEST,
  noteOf,
  type RelationProject,
  relationProject,
  rowsOf,
  verdictOf,
} from '../../tidemark/src/testing/relation-desk.ts';
import { runOnly } from '../../tidemark/src/testing/run-project.ts';
import { type SampleProject, ticket } from '../../tidemark/src/testing/sample-project.ts';

let server: PostgresServer;
let databases = 0;
before(async () => {
  server = await startPostgres({ settings: ['max_prepared_transactions=1'] });
});
after(async () => await server[Symbol.asyncDispose]());

interface Desk extends RelationProject {
  readonly url: string;
  /** A client that writes. */
  readonly writer: pg.Client;
  add(...tickets: readonly Record<string, unknown>[]): Promise<void>;
}

/** Tickets changed on the first, second and third of April. */
async function desk(connection: object = {}): Promise<Desk> {
  databases += 1;
  const url = await server.createDatabase(`desk${databases}`);
  const writer = new pg.Client(url);
  await writer.connect();
  await writer.query(TICKETS_TABLE);
  const { project, declare } = await relationProject(
    { url, ...connection },
    'postgres:desk?table=public.tickets',
  );
  const add = async (...tickets: readonly Record<string, unknown>[]) => await insertTickets(writer, tickets);
  await add(changed(1, day(1)), changed(2, day(2)), changed(3, day(3)));
  return {
    project,
    url,
    writer,
    add,
    declare,
    [Symbol.asyncDispose]: async () => {
      await writer.end();
      await project[Symbol.asyncDispose]();
    },
  };
}

async function recover(
  project: SampleProject,
  verb: Pick<RecoveryRequest, 'verb'> & Record<string, unknown>,
) {
  await using tidemark = await openTidemark({ project: project.root });
  const batch = { manifestId: MANIFEST, batchId: 'batch-m', reason: 'a test' };
  const { planId } = await tidemark.planRecovery({ ...batch, ...verb } as RecoveryRequest);
  return await tidemark.executePlan({ planId, verb: verb.verb });
}

describe('a table of PostgreSQL as a source', () => {
  it('is read whole first, then from its cursor on, ties at the boundary included', async () => {
    await using of = await desk();
    const first = await runOnly(of.project);
    assert.deepEqual([first.state, account(first)], ['committed', { read: 3, accepted: 3, duplicate: 0 }]);
    assert.equal(first.reconciliation?.verdict, 'pass');
    await of.add(changed(4, day(3)), changed(5, day(4)));
    const second = await runOnly(of.project);
    assert.deepEqual(account(second), { read: 3, accepted: 2, duplicate: 1 });
    assert.match(noteOf(second), /reads updated_at from 2026-04-03T00:00:00Z, its cursor/);
    const third = await runOnly(of.project);
    assert.equal(third.state, 'nothing_to_commit');
    assert.equal((await rowsOf(of.project)).length, 5);
    assert.equal(await verdictOf(of.project), 'pass');
  });

  it('comes as a query of the project too, and as a view, whole each time with full_snapshot', async () => {
    await using of = await desk({
      queries: { some: "SELECT * FROM tickets WHERE ticket_id NOT LIKE '%3' -- mine;" },
    });
    await of.writer.query('CREATE VIEW seen AS SELECT * FROM tickets');
    for (const [location, read] of [
      ['postgres:desk?query=some', 2],
      ['postgres:desk?table=seen', 3],
    ] as const) {
      await of.declare(location, { load_mode: 'full_snapshot' });
      const report = await runOnly(of.project);
      assert.equal(report.recordTally.read, read, findingOf(report));
    }
    assert.equal((await rowsOf(of.project)).length, 3);
  });

  it('is named by whatever name it has', async () => {
    await using of = await desk();
    const name = 'a"b.c; DROP TABLE tickets --';
    await of.writer.query(
      `CREATE SCHEMA "S.1"; CREATE TABLE "S.1".${pg.escapeIdentifier(name)} AS TABLE tickets`,
    );
    const table = `"S.1"."${name.replaceAll('"', '""')}"`;
    await of.declare(`postgres:desk?${new URLSearchParams({ table })}`);
    const report = await runOnly(of.project);
    assert.equal(report.recordTally.accepted, 3, findingOf(report));
  });

  it('says what it lacks: connection, query, table, column, permission, an order that fits', async () => {
    await using of = await desk();
    await of.writer.query(
      `CREATE TABLE shut (); CREATE ROLE guest LOGIN; CREATE TABLE odd (updated_at timestamp)`,
    );
    await configure(of.project, {
      connections: {
        desk: { url: of.url },
        guest: { url: of.url.replace('postgres@', 'guest@') },
        // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference as users write it
        unset: { url: 'postgres://${env:TIDEMARK_TEST_UNSET}@127.0.0.1/x' },
        away: { url: of.url.replace(/\/desk\d+$/, '/nowhere') },
      },
    });
    for (const [location, told] of [
      [
        'postgres:nope?table=t',
        /^TM4732 tidemark\.yaml has no connection nope; it has desk, guest, unset, away/,
      ],
      ['postgres:unset?table=t', /^TM4732 .*\$\{env:TIDEMARK_TEST_UNSET\} is not set/],
      ['postgres:desk?query=q', /^TM4732 Connection desk has no query q; it has none/],
      ['postgres:desk?table=public.nope', /^TM4736 .*relation "public\.nope" does not exist/],
      ['postgres:guest?table=tickets', /^TM4736 .*permission denied for table tickets/],
      ['postgres:desk?table=shut', /^TM4736 .*has no column updated_at, its cursor; it has/],
      ['postgres:desk?table=odd', /^TM4736 .*column updated_at is timestamp.*AT TIME ZONE/],
      ['postgres:away?table=t', /^TM4734 .*database "nowhere" does not exist/],
      ['postgres:desk', /^TM4731 .*has to name one table/],
      ['postgres://u@h/d?table=t', /^TM4731 .*it is a URL: give the database a name under connections/],
    ] as const) {
      await of.declare(location);
      assert.match(findingOf(await runOnly(of.project)), told, location);
    }
  });

  it('is looked at by doctor: whether it answers, and lets it be seen what is open', async () => {
    await using of = await desk();
    const look = async (user: string) => {
      await configure(of.project, {
        connections: { desk: { url: of.url.replace('postgres@', `${user}@`) } },
      });
      const { examined } = await examine({ project: of.project.root });
      const { verdict: found, message, next } = examined.find(({ name }) => name === 'connections')!;
      return `${found}: ${message} ${next ?? ''}`;
    };
    await of.writer.query('CREATE ROLE seer LOGIN; CREATE ROLE blind LOGIN; GRANT pg_read_all_stats TO seer');
    assert.match(await look('seer'), /^good: desk \(PostgreSQL \d+\.\d+\) answers/);
    assert.match(
      await look('blind'),
      /^doubtful: desk: role blind may not see .* GRANT pg_read_all_stats TO blind;/,
    );
    assert.match(await look('nobody'), /^bad: desk: TM4734 .*role "nobody" does not exist/);
  });

  it('backfills and reruns as a table does, and replays without the database', async () => {
    await using of = await desk();
    await runOnly(of.project);
    await of.writer.query("DELETE FROM tickets WHERE updated_at = '2026-04-01T00:00:00Z'");
    const rerun = await recover(of.project, { verb: 'rerun' });
    assert.equal(rerun.state, 'committed');
    assert.equal((await rowsOf(of.project)).length, 2);
    await of.add(changed(9, '2026-03-15T00:00:00Z'));
    const filled = await recover(of.project, { verb: 'backfill', from: '2026-03-01T00:00:00Z', to: day(1) });
    assert.deepEqual(account(filled), { read: 1, accepted: 1, duplicate: 0 });
    await of.writer.query('DROP TABLE tickets');
    const replayed = await recover(of.project, { verb: 'replay', rewrite: true });
    assert.equal(replayed.state, 'committed');
    assert.equal((await rowsOf(of.project)).length, 3);
    assert.equal(await verdictOf(of.project), 'pass');
  });
});

/** A transaction of another session, open until it is ended. */
async function open(of: Desk): Promise<AsyncDisposable & { client: pg.Client }> {
  const client = new pg.Client({ connectionString: of.url, application_name: 'slow job' });
  await client.connect();
  await client.query('BEGIN');
  return { client, [Symbol.asyncDispose]: async () => await client.end() };
}

/** Runs until the table holds so many rows: a reading by time ends a second before now. */
async function runUntil(of: Desk, count: number): Promise<RunReport> {
  for (;;) {
    const report = await runOnly(of.project);
    assert.ok(report.state === 'committed' || report.state === 'nothing_to_commit', findingOf(report));
    if ((await rowsOf(of.project)).length >= count) return report;
  }
}

describe('a cursor of PostgreSQL', () => {
  it('by the database’s clock is read below the oldest open transaction: what that commits comes with the next run', async () => {
    await using of = await desk();
    await configure(of.project, { manifest_settings: { [MANIFEST]: { cursor_clock: 'database' } } });
    await of.writer.query('ALTER TABLE tickets ALTER updated_at SET DEFAULT now()');
    const { updated_at: _, ...now } = changed(4, day(4));
    const columns = Object.keys(now).join(', ');
    const add = (client: pg.Client, number: number) =>
      client.query(
        `INSERT INTO tickets (${columns}) SELECT ${columns} FROM json_populate_record(NULL::tickets, $1)`,
        [JSON.stringify({ ...now, ticket_id: ticket(number).ticket_id, subject: `${number}` })],
      );
    await using session = await open(of);
    const slow = session.client;
    // Its time is that of its beginning, though it has written nothing yet.
    await slow.query('SELECT now()');
    await add(of.writer, 4);
    const first = await runOnly(of.project);
    assert.deepEqual(account(first), { read: 3, accepted: 3, duplicate: 0 });
    assert.match(
      noteOf(first),
      /1 row waits for a later run: a transaction is open since .* of postgres slow job\)/,
    );
    await add(slow, 5);
    await slow.query('COMMIT');
    assert.deepEqual((await runUntil(of, 5)).assets[0]?.gaps, undefined);
    assert.equal(await verdictOf(of.project), 'pass');
  });

  it('does not stand at a declared end that is not finished yet', async () => {
    await using of = await desk();
    const cursorOf = async () => {
      await runOnly(of.project);
      await using tidemark = await openTidemark({ project: of.project.root, readOnly: true });
      return (await tidemark.state())[0]?.cursor?.value;
    };
    const until = async (cursor_end: string) =>
      await of.declare('postgres:desk?table=tickets', {
        selection_window: { cursor_field: 'updated_at', cursor_start: '2026-01-01T00:00:00Z', cursor_end },
      });
    await until('2126-01-01T00:00:00Z');
    assert.equal(await cursorOf(), day(3));
    await of.add(changed(4, day(4)));
    await until('2026-05-01T00:00:00Z');
    assert.equal(await cursorOf(), '2026-05-01T00:00:00Z');
    assert.equal((await rowsOf(of.project)).length, 4);
  });

  it('by transaction id is read below the oldest open one', async () => {
    await using of = await desk();
    await of.writer.query('ALTER TABLE tickets ADD txid xid8 DEFAULT pg_current_xact_id()');
    await declareTransactions(of);
    await using session = await open(of);
    const slow = session.client;
    await insertTickets(slow, [{ ...changed(4, day(1)) }]);
    await slow.query("UPDATE tickets SET txid = pg_current_xact_id() WHERE subject LIKE 'Ticket 4%'");
    await of.add(changed(5, day(2)));
    await of.writer.query("UPDATE tickets SET txid = pg_current_xact_id() WHERE subject LIKE 'Ticket 5%'");
    const first = await runOnly(of.project);
    assert.equal(first.recordTally.accepted, 3, findingOf(first));
    assert.match(noteOf(first), /1 row waits for a later run: transaction \d+ is open/);
    await slow.query('COMMIT');
    assert.equal((await runOnly(of.project)).recordTally.accepted, 2);
    assert.equal((await rowsOf(of.project)).length, 5);
    assert.equal(await verdictOf(of.project), 'pass');
  });

  it('that a restored database has not come to is refused', async () => {
    await using of = await desk();
    await of.writer.query('ALTER TABLE tickets ADD txid xid8 DEFAULT pg_current_xact_id()');
    await declareTransactions(of, '999999999');
    assert.match(
      findingOf(await runOnly(of.project)),
      /^TM4736 .*begin at transaction 999999999.*was restored/,
    );
  });

  it('is refused where nobody can tell what is open, if the database’s clock is relied on', async () => {
    await using of = await desk();
    await of.writer.query(
      `CREATE ROLE blind${databases} LOGIN; GRANT SELECT ON tickets TO blind${databases}`,
    );
    await configure(of.project, {
      connections: { desk: { url: of.url.replace('postgres@', `blind${databases}@`) } },
      manifest_settings: { [MANIFEST]: { cursor_clock: 'database' } },
    });
    const refused = await runOnly(of.project);
    assert.match(findingOf(refused), /^TM4737 .*role blind\d+ may not see/);
    assert.match(refused.assets[0]?.next ?? '', /GRANT pg_read_all_stats TO blind\d+/);
    await configure(of.project, { manifest_settings: {} });
    const counted = await runOnly(of.project);
    assert.match(noteOf(counted), /what is written late is found by counts: role blind\d+ may not see/);
    assert.equal(counted.recordTally.accepted, 3);
  });

  it('is refused while a transaction is prepared, if the database’s clock is relied on', async () => {
    await using of = await desk();
    const relyOn = async (clock: string | null) =>
      await configure(of.project, {
        manifest_settings: clock === null ? {} : { [MANIFEST]: { cursor_clock: clock } },
      });
    await of.writer.query("BEGIN; SELECT now(); PREPARE TRANSACTION 'half'");
    await relyOn('database');
    assert.match(findingOf(await runOnly(of.project)), /^TM4737 .*transaction half is prepared/);
    await relyOn(null);
    assert.match(noteOf(await runOnly(of.project)), /found by counts: transaction half is prepared/);
    await of.writer.query("COMMIT PREPARED 'half'");
  });

  it('by an application’s clock has what comes behind it found as a gap, which a backfill mends', async () => {
    await using of = await desk();
    await runOnly(of.project);
    await of.add(changed(4, '2026-04-01T12:00:00Z'), changed(5, day(4)));
    const report = await runOnly(of.project);
    const [gap] = report.assets[0]?.gaps ?? [];
    assert.partialDeepStrictEqual(gap, { from: '2026-04-01', to: '2026-04-02', source: 2, read: 1 });
    assert.match(
      gap?.query ?? '',
      /^psql .*desk\d+'? -c 'SELECT \* FROM "public"\."tickets" WHERE "updated_at" >= /,
    );
    await recover(of.project, { verb: 'backfill', from: '2026-04-01', to: '2026-04-02' });
    assert.equal((await rowsOf(of.project)).length, 5);
    assert.equal(await verdictOf(of.project), 'pass');
  });

  // The last one: the server stays a standby.
  it('is refused on a standby too, where the primary’s transactions cannot be seen', async () => {
    await using of = await desk();
    await configure(of.project, { manifest_settings: { [MANIFEST]: { cursor_clock: 'database' } } });
    of.writer.on('error', () => undefined); // The server ends it now.
    await server.becomeStandby();
    assert.match(findingOf(await runOnly(of.project)), /^TM4737 .*this server is a standby/);
    await configure(of.project, { manifest_settings: {} });
    assert.equal((await runOnly(of.project)).recordTally.accepted, 3);
  });
});

/** By a contract that knows the id of the transaction. */
async function declareTransactions(of: Desk, from = '0'): Promise<void> {
  const path = 'contracts/data/ticket.json';
  const contract = JSON.parse(await readFile(join(of.project.root, path), 'utf8'));
  contract.properties.txid = { type: 'integer' };
  await of.project.write(path, JSON.stringify(contract));
  await of.declare('postgres:desk?table=tickets', {
    selection_window: { cursor_field: 'txid', cursor_start: from },
  });
}
