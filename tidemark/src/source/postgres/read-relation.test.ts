import { after, before, describe } from 'node:test';
import pg from 'pg';
import { DEFAULT_LIMITS } from '../../model/limits.ts';
import { type PostgresServer, startPostgres } from '../../testing/postgres-server.ts';
import { describeRowSource, type OrderedKind } from '../../testing/row-source-conformance.ts';
import { openRelation } from './read-relation.ts';

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
        await openRelation({
          url,
          relation: { kind: 'table', namespace: null, table: 'rows' },
          interval,
          limits: { ...DEFAULT_LIMITS, chunkBytes },
          signal,
        }),
      [Symbol.asyncDispose]: async () => await writer.end(),
    };
  });
});
