import { after, before, describe } from 'node:test';
import { createConnection } from 'mysql2/promise';
import { DEFAULT_LIMITS } from '../../tidemark/src/model/limits.ts';
import { readInstant, writeInstant } from '../../tidemark/src/progress/instant.ts';
import { MYSQL } from '../../tidemark/src/source/mysql/dialect.ts';
import { openRelation } from '../../tidemark/src/source/relation/read-relation.ts';
import { type MariadbServer, startMariadb } from '../../tidemark/src/testing/mariadb-server.ts';
import {
  describeRowSource,
  type OrderedKind,
  type SampleRow,
} from '../../tidemark/src/testing/row-source-conformance.ts';

const COLUMN: Readonly<Record<OrderedKind, string>> = {
  integer: 'bigint',
  date: 'date',
  instant: 'timestamp(6) NULL',
  text: 'varchar(200)',
};

let server: MariadbServer;
let databases = 0;
before(async () => {
  server = await startMariadb();
});
after(async () => await server[Symbol.asyncDispose]());

describe('MariaDB', () => {
  describeRowSource('A table of a MariaDB database', async (kind) => {
    databases += 1;
    const url = await server.createDatabase(`rows${databases}`);
    const writer = await createConnection({ uri: url, charset: 'utf8mb4' });
    await writer.query("SET time_zone = '+00:00'");
    await writer.query(`CREATE TABLE \`rows\` (id bigint PRIMARY KEY, at ${COLUMN[kind]})`);
    const written = (at: SampleRow['at']) =>
      kind === 'instant' ? writeInstant(readInstant(String(at))!).slice(0, -3) : String(at);
    return {
      insert: async (rows) => {
        await writer.beginTransaction();
        for (const { id, at } of rows)
          await writer.query('INSERT INTO `rows` (id, at) VALUES (?, ?)', [
            id,
            at === null ? null : written(at),
          ]);
        await writer.commit();
      },
      open: async ({ interval, chunkBytes, signal }) =>
        await openRelation(MYSQL, {
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
