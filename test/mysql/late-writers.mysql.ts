import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { DEFAULT_LIMITS } from '../../tidemark/src/model/limits.ts';
import { readInstant, writeInstant } from '../../tidemark/src/progress/instant.ts';
import { MYSQL } from '../../tidemark/src/source/mysql/dialect.ts';
import { openRelation } from '../../tidemark/src/source/relation/read-relation.ts';
import type { ValueOrder } from '../../tidemark/src/source/row-source.ts';
import { type MariadbServer, startMariadb } from '../../tidemark/src/testing/mariadb-server.ts';

const DEADLINE_MS = 120_000;
const WRITERS = 4;
const TRANSACTIONS = 12;

let server: MariadbServer;
let url: string;
before(async () => {
  server = await startMariadb();
  url = await server.createDatabase('late');
  await run([
    `CREATE TABLE moves (id bigint AUTO_INCREMENT PRIMARY KEY,
       at timestamp(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6), KEY (at))`,
  ]);
});
after(async () => await server[Symbol.asyncDispose]());

async function run(statements: readonly string[]): Promise<void> {
  const client = await createConnection(url);
  for (const statement of statements) await client.query(statement);
  await client.end();
}

/** Transactions that stay open, and commit in another order than they began; every fifth is undone. */
function writer(number: number): string[] {
  return Array.from({ length: TRANSACTIONS }, (_, at) => [
    `DO sleep(${(number * 7 + at * 3) % 10} / 10)`,
    'BEGIN',
    'INSERT INTO moves () VALUES ()',
    `DO sleep(${(number * 3 + at * 7) % 10} / 20)`,
    'INSERT INTO moves () VALUES (), ()',
    at % 5 === 4 ? 'ROLLBACK' : 'COMMIT',
  ]).flat();
}

/** Makes writers wait after their statements have begun. */
const LOCKING = Array.from({ length: 6 }, () => [
  'LOCK TABLES moves WRITE',
  'DO sleep(0.3)',
  'UNLOCK TABLES',
  'DO sleep(0.7)',
]).flat();

const order: ValueOrder = {
  of: 'a date-time',
  kind: 'instant',
  keyOf: (value) => {
    const ns = readInstant(String(value));
    return ns === null ? null : writeInstant(ns);
  },
};

const open = async (signal: AbortSignal, startAt: string | null = null) =>
  await openRelation(MYSQL, {
    url,
    relation: { kind: 'table', namespace: null, table: 'moves' },
    interval: { field: 'at', order, startAt, endBefore: null, clock: 'database' },
    limits: DEFAULT_LIMITS,
    signal,
  });

describe('a table of MariaDB that others write to in transactions that overlap, while its definition is locked again and again', () => {
  it('is read from cursor to cursor by the database’s clock without the loss of a row', async () => {
    const seen = new Set<number>();
    let startAt: string | null = null;
    let waiting = 0;
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const read = async () => {
      await using reading = await open(signal, startAt);
      const { through, remark } = reading.interval;
      for await (const chunk of reading.chunks())
        for (const [, id] of Buffer.from(chunk)
          .toString()
          .matchAll(/"id":(\d+)/g))
          seen.add(Number(id));
      startAt = through ?? startAt;
      if (remark !== undefined) waiting += 1;
      return remark;
    };
    let writing = true;
    const written = Promise.all([
      run(LOCKING),
      ...Array.from({ length: WRITERS }, (_, number) => run(writer(number))),
    ]).finally(() => {
      writing = false;
    });
    while (writing) await read();
    await written;
    while ((await read()) !== undefined);
    const client = await createConnection(url);
    const [rows] = await client.query<RowDataPacket[]>('SELECT id FROM moves');
    await client.end();
    assert.equal(rows.length, WRITERS * (TRANSACTIONS - Math.floor(TRANSACTIONS / 5)) * 3);
    assert.deepEqual(
      rows.filter(({ id }) => !seen.has(id)),
      [],
    );
    assert.ok(waiting > 0);
  });

  it('is not read by an old list of what is open, which the server gives as long as others keep asking for it', async () => {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const [asking, writing] = [await createConnection(url), await createConnection(url)];
    const ask = async () => await asking.query('SELECT * FROM information_schema.INNODB_TRX');
    let others = true;
    await ask();
    await writing.query('INSERT INTO moves () VALUES ()');
    await writing.query('BEGIN');
    await writing.query('INSERT INTO moves () VALUES ()');
    const asked = (async () => {
      while (others) await ask();
    })();
    await assert.rejects(open(signal), /list of open transactions is read by others so often/);
    others = false;
    await asked;
    await using reading = await open(signal);
    assert.match(String(reading.interval.remark), /a transaction is open since/);
    await writing.query('COMMIT');
    await Promise.all([asking.end(), writing.end()]);
  });
});
