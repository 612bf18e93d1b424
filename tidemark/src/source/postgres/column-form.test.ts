import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { parse } from 'lossless-json';
import pg from 'pg';
import { DEFAULT_LIMITS } from '../../model/limits.ts';
import { type PostgresServer, startPostgres } from '../../testing/postgres-server.ts';
import { LITERALS, MADE_LITERALS, MADE_TYPES, WITHOUT_INPUT } from '../../testing/postgres-types.ts';
import { textOf, typeName } from '../../testing/typed-table.ts';
import { openRelation } from '../relation/read-relation.ts';
import { POSTGRES } from './dialect.ts';

const LITERALS_OF: Readonly<Record<string, readonly string[]>> = { ...LITERALS, ...MADE_LITERALS };

let server: PostgresServer;
let url: string;
let client: pg.Client;
/** Types that this server has, as columns of `typed`. */
let types: string[];
let lines: string;

before(async () => {
  server = await startPostgres();
  url = await server.createDatabase('types');
  client = new pg.Client({ connectionString: url, types: { getTypeParser: () => String } });
  await client.connect();
  await client.query(MADE_TYPES);
  const { rows } = await client.query<{ name: string }>(
    `SELECT typname AS name FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace
     AND typtype IN ('b', 'r', 'm') AND typcategory <> 'A' OR typname IN ('int2vector', 'oidvector')`,
  );
  const known = new Set(rows.map(({ name }) => name));
  types = [...Object.keys(LITERALS).filter((name) => known.has(name)), ...Object.keys(MADE_LITERALS)];
  await client.query(
    `CREATE TABLE typed (id int8 PRIMARY KEY, ${types.map((type) => `"${type}" ${typeName(type)}`).join(', ')})`,
  );
  // Settings that shape text must not show: of the database, as a person may have set them.
  for (const setting of [
    'TimeZone TO "Asia/Kathmandu"',
    'DateStyle TO "SQL, DMY"',
    'IntervalStyle TO sql_standard',
  ])
    await client.query(`ALTER DATABASE types SET ${setting}`);
  const depth = Math.max(...types.map((type) => LITERALS_OF[type]?.length ?? 0));
  for (let at = 0; at < depth; at += 1) {
    const there = types.filter((type) => LITERALS_OF[type]?.[at] !== undefined);
    await client.query(
      `INSERT INTO typed (id, ${there.map((type) => `"${type}"`).join(', ')})
       VALUES (${at}, ${there.map((type) => `${pg.escapeLiteral(LITERALS_OF[type]?.[at] ?? '')}::${typeName(type)}`).join(', ')})`,
    );
  }
  await using reading = await openRelation(POSTGRES, {
    url,
    relation: { kind: 'table', namespace: 'public', table: 'typed' },
    interval: null,
    limits: DEFAULT_LIMITS,
    signal: new AbortController().signal,
  });
  lines = Buffer.concat(await Array.fromAsync(reading.chunks())).toString();
});
after(async () => {
  await client.end();
  await server[Symbol.asyncDispose]();
});

describe('every type of PostgreSQL', () => {
  it('is among those that are looked at here', async () => {
    const { rows } = await client.query<{ name: string }>(
      `SELECT typname AS name FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace
       AND (typtype IN ('b', 'r', 'm') AND typcategory <> 'A' OR typname IN ('int2vector', 'oidvector'))`,
    );
    const missing = rows.map(({ name }) => name).filter((name) => LITERALS[name] === undefined);
    assert.deepEqual(
      missing.filter((name) => !WITHOUT_INPUT.has(name)),
      [],
    );
  });

  it('is put back by the database from its JSON as it was', async () => {
    await client.query('CREATE TABLE again (LIKE typed)');
    await client.query(
      `INSERT INTO again SELECT typed.* FROM unnest($1::json[]) AS line, json_populate_record(null::typed, line) AS typed`,
      [lines.trimEnd().split('\n')],
    );
    for (const type of types) {
      const { rows } = await client.query(
        `SELECT a."${type}"::text AS was, b."${type}"::text AS is FROM typed AS a JOIN again AS b USING (id)
         WHERE a."${type}"::text IS DISTINCT FROM b."${type}"::text AND a."${type}"::text <> 'null'`,
      );
      // A JSON null is kept, and the database reads it as NULL. Between the tokens of json a line break has become a blank.
      const lost = rows.filter(({ was, is }) => type !== 'json' || was.replaceAll('\n', ' ') !== is);
      assert.deepEqual(lost, [], type);
    }
  });

  it('has the digest of its text that the database computes', async () => {
    const records = lines
      .trimEnd()
      .split('\n')
      .map((line) => parse(line) as Record<string, unknown>);
    await client.query("SET TimeZone TO 'UTC'; SET DateStyle TO 'ISO, YMD'; SET IntervalStyle TO iso_8601");
    const plain = types.filter((type) => !type.endsWith('[]') && !/^(jsonb?|moods|parcel)$/.test(type));
    for (const type of plain) {
      const { rows } = await client.query<{ digest: string }>(
        `SELECT encode(sha256(convert_to(string_agg(${textOf(type)}, E'\\n' ORDER BY id), 'UTF8')), 'hex') AS digest FROM typed`,
      );
      const texts = records.flatMap((record) => (record[type] === undefined ? [] : [wordOf(record[type])]));
      assert.equal(hash('sha256', texts.join('\n')), rows[0]?.digest, `${type}: ${texts}`);
    }
  });

  it('that has no number or time in JSON is text, as the database writes it', () => {
    const of = (type: string) =>
      lines
        .trimEnd()
        .split('\n')
        .flatMap((line) => {
          const value = (parse(line) as Record<string, unknown>)[type];
          return value === undefined ? [] : [typeof value === 'string' ? value : `number ${value}`];
        });
    assert.deepEqual(of('float8').slice(-3), ['NaN', '-Infinity', 'number 9.007199254740992e+15']);
    assert.deepEqual(of('timestamptz'), [
      '2026-03-06T04:59:58.123456Z',
      '2026-03-05T00:00:00.1Z',
      '-infinity',
      '0044-03-15 00:00:00+00 BC',
      '12026-01-01 00:00:00+00',
    ]);
    assert.deepEqual(of('int4[]').at(-1), '[0:1]={1,2}');
    assert.deepEqual(of('interval')[0], 'P1Y2M-3DT4H5M6.789S');
  });
});

/** Numbers as they are written. */
function wordOf(value: unknown): string {
  return String(value);
}
