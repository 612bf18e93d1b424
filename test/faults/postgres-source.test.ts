import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { configure } from '../../tidemark/src/testing/configure.ts';
import { type PostgresServer, startPostgres } from '../../tidemark/src/testing/postgres-server.ts';
import { type LongReading, PATIENT, readLong } from '../../tidemark/src/testing/read-long.ts';
import { tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runOnly } from '../../tidemark/src/testing/run-project.ts';
import { sampleProject, ticket } from '../../tidemark/src/testing/sample-project.ts';

/** Far more than the sockets between hold: who cuts at the first piece cuts in the middle. */
const ROWS = 3000;

let server: PostgresServer;
let url: string;
before(async () => {
  server = await startPostgres();
  url = await server.createDatabase('desk');
  await ask(`CREATE TABLE long (id int PRIMARY KEY, text text);
    INSERT INTO long SELECT n, repeat(md5(n::text), 600) FROM generate_series(1, ${ROWS}) AS n`);
});
after(async () => await server[Symbol.asyncDispose]());

async function ask(sql: string): Promise<void> {
  await using client = await opened();
  await client.query(sql);
}

async function opened(): Promise<pg.Client & AsyncDisposable> {
  const client = new pg.Client(url);
  client.on('error', () => undefined);
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: async () => await client.end() });
}

const LONG = {
  database: 'postgres',
  kind: 'table',
  connection: 'desk',
  namespace: 'public',
  table: 'long',
} as const;

/** Reads the long table. */
async function read(reading: Partial<LongReading> = {}) {
  return await readLong({ url, location: LONG, ...reading });
}

describe('a table of PostgreSQL that is being read', () => {
  let whole: string;
  before(async () => {
    const { result } = await read();
    assert.ok(result.kind === 'read', JSON.stringify(result));
    whole = result.bytes.sha256;
  });

  for (const [what, cut] of [
    [
      'whose server is killed, and comes back',
      () => void server.kill().then(async () => await server.start()),
    ],
    [
      'whose connection is cut',
      () =>
        void ask(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tidemark' AND query LIKE 'COPY%'",
        ),
    ],
  ] as const)
    it(`${what}, is read anew, whole, and the attempt is told`, async () => {
      const { result, failed } = await read({ atFirst: cut });
      assert.ok(result.kind === 'read', JSON.stringify(result));
      assert.equal(result.bytes.sha256, whole);
      assert.equal(result.interval?.rows, ROWS);
      assert.ok(failed.length > 0);
      assert.match(
        failed[0]?.reason ?? '',
        /^postgres:\/\/postgres@127\.0\.0\.1:\d+\/desk does not answer: /,
      );
    });

  it('that is locked is waited for, and is named where the lock is not let go', async () => {
    await using holder = await opened();
    await holder.query('BEGIN; LOCK TABLE long');
    const limits = { ...PATIENT, databaseLockMs: 30, sourceAttemptsMax: 2 };
    const { result } = await read({ limits });
    assert.ok(result.kind === 'unreachable');
    assert.equal(result.code, 'TM4735');
    assert.match(result.message, /^desk, table long: another transaction holds a lock/);
    const waited = await read({ limits, onFailed: () => void holder.query('COMMIT') });
    assert.equal(waited.result.kind === 'read' && waited.result.bytes.sha256, whole);
  });

  it('takes no longer than it may', async () => {
    await using holder = await opened();
    await holder.query('BEGIN; LOCK TABLE long');
    const { result } = await read({ limits: { ...PATIENT, databaseTotalMs: 30 } });
    assert.ok(result.kind === 'unreachable');
    assert.match(`${result.code} ${result.next}`, /^TM4735 Raise limits\.databaseTotalMs/);
  });

  it('takes no longer than it may from a server that holds the line and says nothing either', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const limits = { ...PATIENT, databaseTotalMs: 30 };
    const { result } = await read({ limits, url: `postgres://me@127.0.0.1:${port}/x` });
    assert.equal(result.kind === 'unreachable' && result.code, 'TM4735');
    silent.close();
  });

  it('is let go of at once when the run is stopped', async () => {
    const stop = new AbortController();
    await assert.rejects(read({ signal: stop.signal, atFirst: () => stop.abort() }), { name: 'AbortError' });
    await using client = await opened();
    for (;;) {
      const { rows } = await client.query(
        "SELECT 1 FROM pg_stat_activity WHERE application_name = 'tidemark'",
      );
      if (rows.length === 0) break;
    }
  });
});

describe('a database that stays away', () => {
  it('ends a run in one error that says what to do; the next run goes on from the same cursor', async () => {
    await using project = await sampleProject();
    await configure(project, {
      connections: { desk: { url } },
      limits: { sourceAttemptsMax: 2, retryDelayMs: 1 },
    });
    await project.manifest('m', {
      load_mode: 'incremental_cursor',
      selection_window: { cursor_field: 'updated_at', cursor_start: '2026-01-01T00:00:00Z' },
      assets: [
        {
          source_id: 'desk',
          source_url_or_path: 'postgres:desk?query=tickets',
          asset_type: 'jsonl',
          metadata_status: 'complete',
          pii_scan_status: 'clear',
        },
      ],
    });
    const declared = (days: readonly number[]) => {
      const records = days.map((day) => ticket(day, { updated_at: `2026-04-0${day}T00:00:00Z` }));
      const columns = Object.keys(records[0] ?? {}).map((name) =>
        name === 'tags' ? 'tags json' : name.endsWith('_at') ? `${name} timestamptz` : `${name} text`,
      );
      const query = `SELECT * FROM json_to_recordset(${pg.escapeLiteral(JSON.stringify(records))}) AS given (${columns.join(', ')})`;
      return configure(project, { connections: { desk: { url, queries: { tickets: query } } } });
    };
    await declared([1, 2]);
    assert.equal((await runOnly(project)).recordTally.accepted, 2);
    await server.kill();
    const failed = await runOnly(project);
    assert.equal(failed.state, 'failed');
    const [asset] = failed.assets;
    assert.match(
      asset?.findings[0]?.message ?? '',
      /^TM4733 desk, query tickets: postgres:.* does not answer/,
    );
    assert.match(asset?.next ?? '', /tidemark doctor/);
    assert.equal(failed.attempts.length, 1);
    await server.start();
    await declared([2, 3]);
    const next = await runOnly(project);
    assert.deepEqual([next.recordTally.read, next.recordTally.accepted], [2, 1]);
    assert.equal((await tablesAsSeen(homeOf(project))).ticket?.length, 3);
  });
});
