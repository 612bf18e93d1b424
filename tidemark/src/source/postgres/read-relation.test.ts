import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { DEFAULT_LIMITS } from '../../model/limits.ts';
import { type PostgresServer, startPostgres } from '../../testing/postgres-server.ts';
import { describeRowSource, type OrderedKind } from '../../testing/row-source-conformance.ts';
import { openRelation } from '../relation/read-relation.ts';
import { POSTGRES } from './dialect.ts';

const COLUMN: Readonly<Record<OrderedKind, string>> = {
  integer: 'bigint',
  date: 'date',
  instant: 'timestamptz',
  text: 'text',
};

let server: PostgresServer;
let databases = 0;

before(async () => {
  server = await startPostgres();
});
after(async () => await server[Symbol.asyncDispose]());

describe('PostgreSQL', () => {
  describeRowSource('A table of a PostgreSQL database', async (kind) => {
    databases += 1;
    const url = await server.createDatabase(`rows${databases}`);
    const writer = new pg.Client(url);
    await writer.connect();
    await writer.query(`CREATE TABLE rows (id bigint PRIMARY KEY, at ${COLUMN[kind]})`);
    return {
      insert: async (rows) => {
        await writer.query('BEGIN');
        for (const { id, at } of rows)
          await writer.query('INSERT INTO rows (id, at) VALUES ($1, $2)', [
            id,
            at === null ? null : String(at),
          ]);
        await writer.query('COMMIT');
      },
      open: async ({ interval, chunkBytes, signal }) =>
        await openRelation(POSTGRES, {
          url,
          relation: { kind: 'table', namespace: null, table: 'rows' },
          interval,
          limits: { ...DEFAULT_LIMITS, chunkBytes },
          signal,
        }),
      [Symbol.asyncDispose]: async () => await writer.end(),
    };
  });

  it('reads from a cursor on by its index alone, however large the table is', async () => {
    await using source = await database();
    const { url, client } = source;
    await client.query(`CREATE TABLE rows AS
        SELECT n AS id, '2026-03-01'::timestamptz + n * interval '1 minute' AS at, repeat('x', 200) AS pad
        FROM generate_series(1, 20000) AS n`);
    await client.query('ALTER TABLE rows ADD PRIMARY KEY (id); CREATE INDEX ON rows (at)');
    await client.query('VACUUM ANALYZE rows');
    const scans = async () => {
      const { rows } = await client.query<Record<'seq' | 'idx', string>>(
        "SELECT seq_scan AS seq, idx_scan AS idx FROM pg_stat_user_tables WHERE relname = 'rows'",
      );
      return { seq: Number(rows[0]?.seq), idx: Number(rows[0]?.idx) };
    };
    const before = await scans();
    const order = { of: 'a date-time', kind: 'instant', keyOf: String } as const;
    const startAt = '2026-03-14T21:00:00Z';
    {
      await using reading = await openRelation(POSTGRES, {
        url,
        relation: { kind: 'table', namespace: null, table: 'rows' },
        interval: { field: 'at', order, startAt, endBefore: null, clock: 'database' },
        limits: DEFAULT_LIMITS,
        signal: new AbortController().signal,
      });
      await Array.fromAsync(reading.chunks());
      assert.deepEqual([reading.interval.rows, reading.interval.through], [21, '2026-03-14T21:20:00Z']);
    }
    // The server counts them once the session has ended.
    let after = await scans();
    while (after.idx === before.idx) after = await scans();
    assert.equal(after.seq, before.seq);
  });

  it('names what it cannot land: bytes that are no text, a row longer than it may be', async () => {
    await using source = await database("ENCODING 'SQL_ASCII' TEMPLATE template0");
    await source.client.query(
      "CREATE TABLE odd AS SELECT E'a\\xff' AS name; CREATE TABLE long AS SELECT repeat('x', 500000) AS text",
    );
    const read = async (table: string, limits: typeof DEFAULT_LIMITS) => {
      await using reading = await openRelation(POSTGRES, {
        url: source.url,
        relation: { kind: 'table', namespace: null, table },
        interval: null,
        limits,
        signal: new AbortController().signal,
      });
      return Buffer.concat(await Array.fromAsync(reading.chunks())).length;
    };
    await assert.rejects(read('odd', DEFAULT_LIMITS), {
      code: 'TM4736',
      message: /invalid byte sequence for encoding "UTF8"/,
    });
    await assert.rejects(read('long', { ...DEFAULT_LIMITS, lineBytesMax: 100_000 }), {
      code: 'TM4736',
      next: /Raise limits\.lineBytesMax/,
    });
    assert.equal(
      await read('long', { ...DEFAULT_LIMITS, lineBytesMax: 300_000 }),
      '{"text":""}\n'.length + 500_000,
    );
  });
});

/** A database of its own with a client. */
async function database(options = ''): Promise<AsyncDisposable & { url: string; client: pg.Client }> {
  databases += 1;
  const url = await server.createDatabase(`own${databases}`, options);
  const client = new pg.Client(url);
  await client.connect();
  return { url, client, [Symbol.asyncDispose]: async () => await client.end() };
}
