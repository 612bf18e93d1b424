import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import type { FailedAttempt } from '../../tidemark/src/landing/read-patiently.ts';
import { DEFAULT_LIMITS, type Limits } from '../../tidemark/src/model/limits.ts';
import { readRelation } from '../../tidemark/src/run/read-relation.ts';
import { type MariadbServer, startMariadb } from '../../tidemark/src/testing/mariadb-server.ts';
import { tempFolder } from '../../tidemark/src/testing/temp-folder.ts';

/** Far more than the sockets between hold: who cuts at the first piece cuts in the middle. */
const ROWS = 3000;
const LIMITS: Limits = { ...DEFAULT_LIMITS, sourceAttemptsMax: 10, retryDelayMs: 50 };

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

/** Reads the long table; `atFirst` is called once, when the first piece of it has come. */
async function read({
  limits = LIMITS,
  at = url,
  query,
  signal = new AbortController().signal,
  atFirst = () => undefined,
  onFailed = () => undefined,
}: {
  limits?: Limits;
  at?: string;
  query?: string;
  signal?: AbortSignal;
  atFirst?: () => void;
  onFailed?: (failed: FailedAttempt) => void;
} = {}) {
  await using folder = await tempFolder();
  const failed: FailedAttempt[] = [];
  let begun = false;
  const result = await readRelation(
    {
      limits,
      root: folder.path,
      connections: { desk: { url: at, queries: query === undefined ? {} : { query } } },
    },
    {
      location: {
        database: 'mysql',
        connection: 'desk',
        ...(query === undefined
          ? { kind: 'table', namespace: 'desk', table: 'long' }
          : { kind: 'query', query: 'query' }),
      },
      wanted: null,
      copyTo: join(folder.path, 'rows.jsonl'),
      signal,
      onBytes: () => {
        if (!begun) atFirst();
        begun = true;
      },
      onFailedAttempt: (attempt) => {
        failed.push(attempt);
        onFailed(attempt);
      },
    },
  );
  return { result, failed };
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
    const limits = { ...LIMITS, databaseLockMs: 30, sourceAttemptsMax: 2 };
    const { result } = await read({ limits });
    assert.ok(result.kind === 'unreachable');
    assert.equal(result.code, 'TM4735');
    assert.match(result.message, /^desk, table long: another transaction holds a lock/);
    const waited = await read({ limits, onFailed: () => void holder.query('UNLOCK TABLES') });
    assert.equal(waited.result.kind === 'read' && waited.result.bytes.sha256, whole);
  });

  it('takes no longer than it may', async () => {
    const { result } = await read({
      limits: { ...LIMITS, databaseTotalMs: 300 },
      query: 'SELECT sleep(20) AS slept',
    });
    assert.ok(result.kind === 'unreachable');
    assert.match(`${result.code} ${result.next}`, /^TM4735 Raise limits\.databaseTotalMs/);
  });

  it('takes no longer than it may from a server that holds the line and says nothing either', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const limits = { ...LIMITS, databaseTotalMs: 30 };
    const { result } = await read({ limits, at: `mysql://me@127.0.0.1:${port}/x` });
    assert.equal(result.kind === 'unreachable' && result.code, 'TM4735');
    silent.close();
  });

  it('with a row that is longer than it may be, names it', async () => {
    const { result } = await read({ limits: { ...LIMITS, lineBytesMax: 1000 } });
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
    const limits = { ...LIMITS, sourceAttemptsMax: 2, retryDelayMs: 1 };
    const { result, failed } = await read({ limits, at: `mysql://me@127.0.0.1:${port}/x` });
    assert.ok(result.kind === 'unreachable');
    assert.match(`${result.code} ${result.message}`, /^TM4733 .*does not answer: .*ECONNREFUSED/);
    assert.equal(failed.length, 1);
  });
});
