import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { DEFAULT_LIMITS } from '../../tidemark/src/model/limits.ts';
import { MYSQL } from '../../tidemark/src/source/mysql/dialect.ts';
import { openRelation } from '../../tidemark/src/source/relation/read-relation.ts';
import type { Relation } from '../../tidemark/src/source/relation/relation.ts';
import { type MariadbServer, startMariadb } from '../../tidemark/src/testing/mariadb-server.ts';
import { MARIADB_TYPES, MYSQL_TYPES, type TypedLiteral } from '../../tidemark/src/testing/mysql-types.ts';

const TYPES: Readonly<Record<string, readonly TypedLiteral[]>> = { ...MYSQL_TYPES, ...MARIADB_TYPES };
const types = Object.keys(TYPES);
const depth = Math.max(...types.map((type) => TYPES[type]?.length ?? 0));

let server: MariadbServer;
let url: string;
let client: Connection;
before(async () => {
  server = await startMariadb();
  url = await server.createDatabase('types');
  client = await createConnection({ uri: url, charset: 'utf8mb4', timezone: 'Z' });
  await client.query("SET time_zone = '+00:00', sql_mode = ''");
  const columns = types.map((type, at) => `c${at} ${type}`).join(', ');
  await client.query(`CREATE TABLE typed (id int PRIMARY KEY, ${columns})`);
  for (let row = 0; row < depth; row += 1) {
    const values = types.map((type) => TYPES[type]?.[row]?.[0] ?? 'NULL').join(', ');
    await client.query(`INSERT INTO typed VALUES (${row}, ${values})`);
  }
  await client.query('CREATE VIEW seen AS SELECT * FROM typed');
  // Settings that shape text must not show, as a person may have set them.
  await client.query(
    "SET GLOBAL time_zone = '+05:45', GLOBAL sql_mode = 'PAD_CHAR_TO_FULL_LENGTH,NO_BACKSLASH_ESCAPES,ANSI_QUOTES', GLOBAL sql_select_limit = 1",
  );
});
after(async () => {
  await client.end();
  await server[Symbol.asyncDispose]();
});

async function read(relation: Relation): Promise<string[]> {
  await using reading = await openRelation(MYSQL, {
    url,
    relation,
    interval: null,
    limits: DEFAULT_LIMITS,
    signal: new AbortController().signal,
  });
  const text = Buffer.concat(await Array.fromAsync(reading.chunks())).toString();
  return text.split('\n').slice(0, -1).sort(byId);
}

const idOf = (line: string) => Number(/"id":(\d+)/.exec(line)?.[1]);
const byId = (a: string, b: string) => idOf(a) - idOf(b);

/** A line as it has to be: columns in the order of their names, NULL left out. */
function expected(row: number): string {
  const cells = types.flatMap((type, at) => {
    const json = TYPES[type]?.[row]?.[1];
    return json === undefined ? [] : [[`c${at}`, json] as const];
  });
  const sorted = [...cells, ['id', String(row)] as const].sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([name, json]) => `"${name}":${json}`).join(',')}}`;
}

describe('every type of MariaDB', () => {
  for (const [what, relation] of [
    ['a table', { kind: 'table', namespace: 'types', table: 'typed' }],
    ['a view', { kind: 'table', namespace: null, table: 'seen' }],
    ['a query', { kind: 'query', name: 'q', text: 'SELECT * FROM typed -- all of it;' }],
  ] as const)
    it(`is landed as its page says, of ${what}, whatever the settings of the server are`, async () => {
      const lines = await read(relation);
      for (const [row, line] of lines.entries()) {
        const told = line.split(/,(?="(?:c\d+|id)":)/);
        const wanted = expected(row).split(/,(?="(?:c\d+|id)":)/);
        const named = (part: string) => part.replace(/c(\d+)/, (_, at: string) => types[Number(at)] ?? '');
        assert.deepEqual(told.map(named), wanted.map(named));
      }
      assert.equal(lines.length, depth);
    });

  it('is put back by the database from its JSON as it was', async () => {
    await client.query('CREATE TABLE again LIKE typed');
    for (const line of await read({ kind: 'table', namespace: null, table: 'typed' })) {
      const row = idOf(line);
      const cells = types.flatMap((type, at) => {
        const json = TYPES[type]?.[row]?.[1];
        return json === undefined ? [] : [[`c${at}`, sqlOf(type, json)] as const];
      });
      const names = ['id', ...cells.map(([name]) => name)].join(', ');
      await client.query(
        `INSERT INTO again (${names}) VALUES (${[row, ...cells.map(([, sql]) => sql)].join(', ')})`,
      );
    }
    for (const [at, type] of types.entries()) {
      const [lost] = await client.query<RowDataPacket[]>(
        `SELECT a.c${at} AS was, b.c${at} AS has FROM typed AS a JOIN again AS b USING (id)
         WHERE NOT (a.c${at} <=> b.c${at}) OR hex(a.c${at}) <> hex(b.c${at})`,
      );
      assert.deepEqual(lost, [], type);
    }
  });

  it('has every number of it, single and double precision, read back as it was', async () => {
    const numbers = Array.from({ length: 2000 }, (_, index) => {
      const bytes = hash('sha256', String(index), 'buffer');
      return [bytes.readDoubleLE(0), bytes.readFloatLE(8)] as const;
    }).filter(([double]) => Number.isFinite(double));
    await client.query('CREATE TABLE numbers (id int PRIMARY KEY, d double, f float)');
    for (const [id, [d, f]] of numbers.entries())
      await client.query(`INSERT INTO numbers VALUES (${id}, ${literal(d)}, ${literal(f)})`);
    for (const [id, line] of (await read({ kind: 'table', namespace: null, table: 'numbers' })).entries()) {
      const { d, f } = JSON.parse(line) as { d: number; f?: number };
      const [wasDouble, wasFloat] = numbers[id]!;
      assert.equal(d, wasDouble);
      if (Number.isFinite(wasFloat)) assert.equal(Math.fround(f!), wasFloat);
    }
  });
});

/** Of a double; NULL of what MySQL has no number for. */
function literal(value: number): string {
  if (!Number.isFinite(value)) return 'NULL';
  const text = String(value);
  return text.includes('e') ? text : `${text}e0`;
}

/** What makes the value of a JSON value again. */
function sqlOf(type: string, json: string): string {
  if (type === 'json') return client.escape(json);
  if (!json.startsWith('"')) return /^(float|double)/.test(type) ? literal(Number(json)) : json;
  const text = JSON.parse(json) as string;
  if (type.startsWith('bit')) return `b'${text}'`;
  if (text.startsWith('\\x')) return `x'${text.slice(2)}'`;
  return client.escape(/^\d{4}-\d\d-\d\dT/.test(text) ? text.replace('T', ' ').replace('Z', '') : text);
}
