import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { type MariadbServer, startMariadb } from '../../tidemark/src/testing/mariadb-server.ts';
import { type LongReading, PATIENT, readLong } from '../../tidemark/src/testing/read-long.ts';

/** Far more than the sockets between hold: who cuts at the first piece cuts in the middle. */
const ROWS = 3000;

let server: MariadbServer;
let url: string;
before(async () => {
  server = await startMariadb();
  url = await server.createDatabase('desk');
  await using client = await opened();
  await client.query('CREATE TABLE `long` (id int PRIMARY KEY, text mediumtext)');
  await client.query(`INSERT INTO \`long\` SELECT seq, repeat(sha2(seq, 256), 300) FROM seq_1_to_${ROWS}`);
});
after(async () => await server[Symbol.asyncDispose]());

async function opened(): Promise<Connection & AsyncDisposable> {
  const client = await createConnection(url);
  client.on('error', () => undefined);
  return Object.assign(client, { [Symbol.asyncDispose]: async () => await client.end() });
}

/** Kills what reads the long table. */
async function kill(what: 'CONNECTION' | 'QUERY'): Promise<void> {
  await using client = await opened();
  const [found] = await client.query<RowDataPacket[]>(
    "SELECT id FROM information_schema.PROCESSLIST WHERE info LIKE 'SELECT `id`%ORDER BY%'",
  );
  for (const { id } of found) await client.query(`KILL ${what} ${id}`);
}

const LONG = { database: 'mysql', connection: 'desk' } as const;

/** Reads the long table, or a query. */
async function read({ query, ...reading }: Partial<LongReading> & { query?: string } = {}) {
  return await readLong(
    query === undefined
      ? { url, ...reading, location: { ...LONG, kind: 'table', namespace: 'desk', table: 'long' } }
      : { url, ...reading, location: { ...LONG, kind: 'query', query: 'query' }, queries: { query } },
  );
}

describe('a table of MariaDB that is being read', () => {
  let whole: string;
  before(async () => {
    const { result } = await read();
    assert.ok(result.kind === 'read', JSON.stringify(result));
    whole = result.bytes.sha256;
  });

  for (const [what, cut, told] of [
    [
      'whose server is killed, and comes back',
      () => void server.kill().then(async () => await server.start()),
      /^mysql:\/\/root@127\.0\.0\.1:\d+\/desk does not answer: /,
    ],
    ['whose connection is killed', () => void kill('CONNECTION'), /desk does not answer: /],
    ['whose statement is killed', () => void kill('QUERY'), /Query execution was interrupted/],
  ] as const)
    it(`${what}, is read anew, whole, and the attempt is told`, async () => {
      const { result, failed } = await read({ atFirst: cut });
      assert.ok(result.kind === 'read', JSON.stringify(result));
      assert.equal(result.bytes.sha256, whole);
      assert.equal(result.interval?.rows, ROWS);
      assert.match(failed[0]?.reason ?? '', told);
    });

  it('that is locked is waited for, and is named where the lock is not let go', async () => {
    await using holder = await opened();
    await holder.query('LOCK TABLE `long` WRITE');
    const limits = { ...PATIENT, databaseLockMs: 30, sourceAttemptsMax: 2 };
    const { result } = await read({ limits });
    assert.ok(result.kind === 'unreachable');
    assert.equal(result.code, 'TM4735');
    assert.match(result.message, /^desk, table long: another transaction holds a lock/);
    const waited = await read({ limits, onFailed: () => void holder.query('UNLOCK TABLES') });
    assert.equal(waited.result.kind === 'read' && waited.result.bytes.sha256, whole);
  });

  it('takes no longer than it may', async () => {
    const { result } = await read({
      limits: { ...PATIENT, databaseTotalMs: 300 },
      query: 'SELECT sleep(20) AS slept',
    });
    assert.ok(result.kind === 'unreachable');
    assert.match(`${result.code} ${result.next}`, /^TM4735 Raise limits\.databaseTotalMs/);
  });

  it('takes no longer than it may from a server that holds the line and says nothing either', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const limits = { ...PATIENT, databaseTotalMs: 30 };
    const { result } = await read({ limits, url: `mysql://me@127.0.0.1:${port}/x` });
    assert.equal(result.kind === 'unreachable' && result.code, 'TM4735');
    silent.close();
  });

  it('with a row that is longer than it may be, names it', async () => {
    const { result } = await read({ limits: { ...PATIENT, lineBytesMax: 1000 } });
    assert.ok(result.kind === 'unreachable');
    assert.match(
      `${result.code} ${result.message} ${result.next}`,
      /^TM4736 .*a row is longer than.*lineBytesMax/,
    );
  });

  it('is let go of at once when the run is stopped', async () => {
    const stop = new AbortController();
    await assert.rejects(read({ signal: stop.signal, atFirst: () => stop.abort() }), { name: 'AbortError' });
    await using client = await opened();
    for (;;) {
      const [found] = await client.query<RowDataPacket[]>('SHOW PROCESSLIST');
      if (found.length === 1) break;
    }
  });

  it('that no server has at its address is told after as many attempts as are allowed', async () => {
    const gone = createServer().listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const { port } = gone.address() as AddressInfo;
    gone.close();
    await once(gone, 'close');
    const limits = { ...PATIENT, sourceAttemptsMax: 2, retryDelayMs: 1 };
    const { result, failed } = await read({ limits, url: `mysql://me@127.0.0.1:${port}/x` });
    assert.ok(result.kind === 'unreachable');
    assert.match(`${result.code} ${result.message}`, /^TM4733 .*does not answer: .*ECONNREFUSED/);
    assert.equal(failed.length, 1);
  });
});
