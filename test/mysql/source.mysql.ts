import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Connection, createConnection } from 'mysql2/promise';
import { examine } from '../../tidemark/src/doctor/examine.ts';
import { configure } from '../../tidemark/src/testing/configure.ts';
import { type MariadbServer, startMariadb } from '../../tidemark/src/testing/mariadb-server.ts';
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
import { ticket } from '../../tidemark/src/testing/sample-project.ts';

let server: MariadbServer;
let admin: Connection;
let databases = 0;
before(async () => {
  server = await startMariadb();
  admin = await createConnection(server.url);
});
after(async () => {
  await admin.end();
  await server[Symbol.asyncDispose]();
});

const TABLE = `CREATE TABLE tickets (
  ticket_id varchar(40) PRIMARY KEY, schema_version text, source_id text, ingest_batch_id text, customer_id text,
  status text, priority text, product_line text, created_at timestamp NULL, subject text, tags json, pii_level text,
  quality_gate text, owner text, updated_at timestamp(6) NULL DEFAULT CURRENT_TIMESTAMP(6), KEY (updated_at))`;

interface Desk extends RelationProject {
  readonly url: string;
  /** A client that writes. */
  readonly writer: Connection;
  add(...tickets: readonly Record<string, unknown>[]): Promise<void>;
}

/** Tickets changed on the first, second and third of April. */
async function desk(connection: object = {}): Promise<Desk> {
  databases += 1;
  const url = await server.createDatabase(`desk${databases}`);
  const writer = await opened(url);
  await writer.query(TABLE);
  const { project, declare } = await relationProject({ url, ...connection }, 'mysql:desk?table=tickets');
  const add = async (...tickets: readonly Record<string, unknown>[]) => {
    for (const one of tickets) await insert(writer, one);
  };
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

async function opened(url: string): Promise<Connection> {
  const connection = await createConnection({ uri: url, charset: 'utf8mb4' });
  await connection.query("SET time_zone = '+00:00'");
  return connection;
}

async function insert(client: Connection, record: Record<string, unknown>): Promise<void> {
  const values = Object.values(record).map((value) =>
    typeof value === 'object'
      ? JSON.stringify(value)
      : /^\d{4}-\d\d-\d\dT.*Z$/.test(String(value))
        ? String(value).replace('T', ' ').slice(0, -1)
        : value,
  );
  await client.query(`INSERT INTO tickets (${Object.keys(record).join(', ')}) VALUES (?)`, [values]);
}

const relyOnClock = async (of: Desk, clock: string | null, connection: object = {}) =>
  await configure(of.project, {
    connections: { desk: { url: of.url, ...connection } },
    manifest_settings: clock === null ? {} : { [MANIFEST]: { cursor_clock: clock } },
  });

describe('a table of MariaDB as a source', () => {
  it('is read whole first, then from its cursor on, ties at the boundary included', async () => {
    await using of = await desk();
    await relyOnClock(of, 'application');
    const first = await runOnly(of.project);
    assert.deepEqual(
      [first.state, account(first)],
      ['committed', { read: 3, accepted: 3, duplicate: 0 }],
      findingOf(first),
    );
    assert.equal(first.reconciliation?.verdict, 'pass');
    await of.add(changed(4, day(3)), changed(5, day(4)));
    const second = await runOnly(of.project);
    assert.deepEqual(account(second), { read: 3, accepted: 2, duplicate: 1 });
    assert.match(noteOf(second), /reads updated_at from 2026-04-03T00:00:00\.000000Z, its cursor/);
    assert.equal((await runOnly(of.project)).state, 'nothing_to_commit');
    assert.equal((await rowsOf(of.project)).length, 5);
    assert.equal(await verdictOf(of.project), 'pass');
  });

  it('comes as a query of the project too, and as a view, whole each time with full_snapshot', async () => {
    await using of = await desk({
      queries: { some: "SELECT * FROM tickets WHERE ticket_id NOT LIKE '%3' -- mine;" },
    });
    await of.writer.query('CREATE VIEW seen AS SELECT * FROM tickets');
    for (const [location, read] of [
      ['mysql:desk?query=some', 2],
      [`mysql:desk?table=desk${databases}.seen`, 3],
    ] as const) {
      await of.declare(location, { load_mode: 'full_snapshot' });
      const report = await runOnly(of.project);
      assert.equal(report.recordTally.read, read, findingOf(report));
    }
    assert.equal((await rowsOf(of.project)).length, 3);
  });

  it('is named by whatever name it has', async () => {
    await using of = await desk();
    const name = 'a`"b.c; DROP TABLE tickets -- ';
    const quoted = `\`${name.trim().replaceAll('`', '``')}\``;
    await of.writer.query(`CREATE TABLE ${quoted} LIKE tickets`);
    await of.writer.query(`INSERT INTO ${quoted} SELECT * FROM tickets`);
    const table = `"${name.trim().replaceAll('"', '""')}"`;
    await of.declare(`mysql:desk?${new URLSearchParams({ table })}`);
    const report = await runOnly(of.project);
    assert.equal(report.recordTally.accepted, 3, findingOf(report));
  });

  it('says what it lacks: connection, query, table, permission, snapshots, an order that fits', async () => {
    await using of = await desk();
    await of.writer.query('CREATE TABLE odd (updated_at datetime)');
    await of.writer.query('CREATE TABLE loose (updated_at timestamp) ENGINE = MyISAM');
    await of.writer.query(`CREATE USER guest${databases}`);
    const as = (user: string, database = `desk${databases}`) =>
      of.url.replace('root@', `${user}@`).replace(/desk\d+$/, database);
    await configure(of.project, {
      connections: {
        desk: { url: of.url, queries: { twice: 'SELECT 1 AS a, 2 AS a' } },
        guest: { url: as(`guest${databases}`, '') },
        stranger: { url: as('stranger') },
        away: { url: as('root', 'nowhere') },
        open: { url: `${of.url}?sslmode=require` },
        secure: { url: `${of.url}?ssl-mode=REQUIRED` },
        other: { url: 'postgres://127.0.0.1/x' },
      },
    });
    for (const [location, told] of [
      ['mysql:nope?table=t', /^TM4732 tidemark\.yaml has no connection nope/],
      [
        'mysql:other?table=t',
        /^TM4732 The url of connection other is postgres:\/\/…, and the manifest asks for mysql/,
      ],
      ['mysql:desk?query=q', /^TM4732 Connection desk has no query q; it has twice/],
      ['mysql:desk?query=twice', /^TM4736 .*Duplicate column name 'a'/],
      ['mysql:desk?table=nope', /^TM4736 .*Table '.*nope' doesn't exist/],
      [`mysql:guest?table=desk${databases}.tickets`, /^TM4736 .*SELECT command denied/],
      ['mysql:desk?table=loose', /^TM4736 .*kept by MyISAM, which has no snapshots.*ENGINE = InnoDB/],
      ['mysql:desk?table=odd', /^TM4736 .*column updated_at is datetime.*ordered by timestamp/],
      ['mysql:stranger?table=t', /^TM4734 .*Access denied for user/],
      ['mysql:away?table=t', /^TM4734 .*Unknown database 'nowhere'/],
      ['mysql:open?table=t', /^TM4734 .*no parameter sslmode; known are ssl-mode/],
      ['mysql:secure?table=t', /^TM4734 .*does not support secure/],
      ['mysql:desk', /^TM4731 .*has to name one table/],
      ['mysql://u@h/d?table=t', /^TM4731 .*right after mysql:/],
    ] as const) {
      await of.declare(location);
      const report = await runOnly(of.project);
      assert.match(`${findingOf(report)} ${report.assets[0]?.next ?? ''}`, told, location);
    }
  });

  it('is looked at by doctor: whether it answers, and lets it be seen what is open', async () => {
    await using of = await desk();
    const look = async (user: string) => {
      await relyOnClock(of, null, { url: of.url.replace('root@', `${user}@`) });
      const { examined } = await examine({ project: of.project.root });
      const { verdict: found, message, next } = examined.find(({ name }) => name === 'connections')!;
      return `${found}: ${message} ${next ?? ''}`;
    };
    await of.writer.query(`CREATE USER blind${databases}`);
    await of.writer.query(`GRANT SELECT ON desk${databases}.* TO blind${databases}`);
    assert.match(await look('root'), /^good: desk \(MariaDB \d+\.\d+\.\d+\) answers/);
    assert.match(
      await look(`blind${databases}`),
      /^doubtful: desk: account blind\d+@% may not see .* GRANT PROCESS ON \*\.\* TO 'blind\d+'@'%';/,
    );
    assert.match(await look('nobody'), /^bad: desk: TM4734 .*Access denied/);
  });
});

describe('a cursor of MariaDB', () => {
  it('by the database’s clock is read below the oldest open transaction: what that commits comes with a later run', async () => {
    await using of = await desk();
    await relyOnClock(of, 'database');
    const { updated_at: _, ...now } = changed(4, day(4));
    const add = async (client: Connection, number: number) =>
      await insert(client, { ...now, ticket_id: ticket(number).ticket_id, subject: `${number}` });
    const slow = await opened(of.url);
    await slow.beginTransaction();
    await add(slow, 5);
    await add(of.writer, 4);
    const first = await runOnly(of.project);
    assert.deepEqual(account(first), { read: 3, accepted: 3, duplicate: 0 }, findingOf(first));
    assert.match(
      noteOf(first),
      /1 row waits for a later run: a transaction is open since .* \(thread \d+ of root@.*\), and taken for a minute older/,
    );
    await slow.commit();
    await slow.end();
    for (;;) {
      const report = await runOnly(of.project);
      assert.ok(report.state === 'committed' || report.state === 'nothing_to_commit', findingOf(report));
      assert.equal(report.assets[0]?.gaps, undefined);
      if ((await rowsOf(of.project)).length === 5) break;
    }
    assert.equal(await verdictOf(of.project), 'pass');
  });

  it('is read below a statement that still waits for its table, whose time is that of its beginning', async () => {
    await using of = await desk();
    await relyOnClock(of, 'database');
    await of.writer.query('CREATE TABLE held (id int PRIMARY KEY)');
    const [holder, waiting] = [await opened(of.url), await opened(of.url)];
    await holder.query('LOCK TABLE held WRITE');
    const begun = waiting.query('INSERT INTO held VALUES (1)');
    for (;;) {
      const [processes] = await admin.query('SHOW PROCESSLIST');
      if (JSON.stringify(processes).includes('INSERT INTO held')) break;
    }
    await insert(of.writer, { ...changed(4, day(4)), updated_at: '2037-01-01T00:00:00Z' });
    const report = await runOnly(of.project);
    assert.equal(report.recordTally.read, 3, findingOf(report));
    assert.match(
      noteOf(report),
      /1 row waits for a later run: a statement is running for \d+ s \(thread \d+ of root@/,
    );
    await holder.query('UNLOCK TABLES');
    await begun;
    await holder.end();
    await waiting.end();
  });

  it('is refused where nobody can tell what is open, if the database’s clock is relied on; else late rows are counted', async () => {
    await using of = await desk();
    const blind = `blind${databases}`;
    await of.writer.query(`CREATE USER ${blind}`);
    await of.writer.query(`GRANT SELECT ON desk${databases}.* TO ${blind}`);
    const url = of.url.replace('root@', `${blind}@`);
    await relyOnClock(of, 'database', { url });
    const refused = await runOnly(of.project);
    assert.match(findingOf(refused), /^TM4737 .*account blind\d+@% may not see/);
    assert.match(refused.assets[0]?.next ?? '', /GRANT PROCESS ON \*\.\* TO 'blind\d+'@'%'/);
    await relyOnClock(of, null, { url });
    const counted = await runOnly(of.project);
    assert.match(noteOf(counted), /what is written late is found by counts: account blind\d+@% may not see/);
    assert.equal(counted.recordTally.accepted, 3);
  });

  it('is refused while a transaction is prepared whose session is gone, and on a server that is read-only', async () => {
    await using of = await desk();
    await relyOnClock(of, 'database');
    const half = await opened(of.url);
    await half.query("XA START 'half'");
    await half.query("UPDATE tickets SET owner = 'x'");
    await half.query("XA END 'half'");
    await half.query("XA PREPARE 'half'");
    await half.end();
    assert.match(findingOf(await runOnly(of.project)), /^TM4737 .*a transaction is prepared \(XA\)/);
    await admin.query("XA ROLLBACK 'half'");
    await admin.query('SET GLOBAL read_only = 1');
    assert.match(findingOf(await runOnly(of.project)), /^TM4737 .*read-only, as replicas are/);
    await admin.query('SET GLOBAL read_only = 0');
    const report = await runOnly(of.project);
    assert.equal(report.recordTally.accepted, 3, findingOf(report));
  });

  it('by transaction id is refused: MySQL gives a row none', async () => {
    await using of = await desk();
    await relyOnClock(of, 'transaction');
    assert.match(
      findingOf(await runOnly(of.project)),
      /^TM4736 .*cursor_clock: transaction is for PostgreSQL/,
    );
  });

  it('by an application’s clock has what comes behind it found as a gap, with the command that shows it', async () => {
    await using of = await desk();
    await relyOnClock(of, 'application');
    await runOnly(of.project);
    await of.add(changed(4, '2026-04-01T12:00:00Z'), changed(5, day(4)));
    const report = await runOnly(of.project);
    const [gap] = report.assets[0]?.gaps ?? [];
    assert.partialDeepStrictEqual(gap, { from: '2026-04-01', to: '2026-04-02', source: 2, read: 1 });
    assert.match(
      gap?.query ?? '',
      /^mysql --host=127\.0\.0\.1 --port=\d+ --user=root --password --execute 'SELECT \* FROM `tickets` WHERE `updated_at` >= .* desk\d+$/,
    );
  });
});
