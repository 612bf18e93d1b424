import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { CONFIG_FIELDS, parseConfig } from '../tidemark/src/config/read-config.ts';

const path = join(import.meta.dirname, '../tidemark/schemas/tidemark.schema.json');
const schema = JSON.parse(readFileSync(path, 'utf8'));
const judge = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);

/** Whether the engine takes a text of tidemark.yaml. */
function taken(text: string): boolean {
  try {
    parseConfig({ root: '/project', path: '/project/tidemark.yaml', text });
    return true;
  } catch {
    return false;
  }
}

describe('the schema of tidemark.yaml', () => {
  it('knows every field that the engine knows, and no other', () => {
    assert.deepEqual(Object.keys(schema.properties).sort(), [...CONFIG_FIELDS].sort());
  });

  process.env.TIDEMARK_TEST_PASSWORD = 'x';
  for (const text of [
    '',
    '# nothing\n',
    'home: /var/tidemark\nlimits: { chunkBytes: 64 }\n',
    'tables: { ticket: { partition_by: ["day(created_at)"] } }\n',
    'manifest_settings: { m: { cadence: 1d, lateness: PT6H, lookback: 1d12h, partitions: daily } }\n',
    'manifest_settings: { m: { lookback: 5, partitions: 6h } }\n',
    'manifest_settings: { m: { formats: { s: { format: csv, delimiter: ";", quote: "", "null": NULL } } } }\n',
    'manifest_settings: { m: { formats: { s: { format: json, pointer: /data/items, encoding: latin-1 } } } }\n',
    'manifest_settings: { m: { formats: { s: { header: false, columns: [a, b], compression: zstd } } } }\n',
    'maintenance: { automatic: false }\nforeign_snapshots: warn\n',
    `catalog: postgres://me:\${env:TIDEMARK_TEST_PASSWORD}@db/x\n`,
    `http: { allow_private: [10.0.0.0/8], credentials: { "https://a.example": { bearer: "\${env:A}" } } }\n`,
    `singer: { desk: { command: [tap-desk], config: { token: "\${env:A}", since: 5 }, env: { A: b } } }\n`,
    `http: { credentials: { "https://a.example": { headers: { X-Key: "\${file:k}" } } } }\n`,
    'apis: { desk: { url: "https://a.example/t?x=1", records: /data, since: after, paging: { kind: page, parameter: p, first: 0 } } }\n',
    'apis: { desk: { url: "https://a.example/t", paging: { kind: cursor, next: /meta/next, parameter: c } } }\n',
    'apis: { desk: { url: "https://a.example/t", paging: { kind: link } } }\n',
    `connections: { crm: { url: "postgres://me:\${env:A}@db/crm", queries: { open: "SELECT 1 AS a" } } }\n`,
    `connections: { lake: { url: s3://lake/in, region: eu-west-1, access_key_id: "\${env:K}", secret_access_key: "\${file:s}" } }\n`,
    `connections: { lake: { url: s3://lake, endpoint: "\${env:E}", path_style: false, session_token: "\${env:T}" } }\n`,
    `connections: { shop: { url: "mysql://me:\${env:A}@db/shop?ssl-mode=REQUIRED" } }\n`,
    'manifest_settings: { m: { cursor_clock: database } }\n',
    'store: s3://lake/team/bronze\n',
    `store: { url: s3://lake, endpoint: "http://127.0.0.1:9000", path_style: true, checksums: when_required }\n`,
    `store: { url: s3://lake, access_key_id: me, secret_access_key: "\${env:TIDEMARK_TEST_PASSWORD}" }\n`,
  ])
    it(`takes what the engine takes: ${text.trim() || 'nothing'}`, () => {
      assert.ok(taken(text));
      assert.ok(judge(parse(text)), JSON.stringify(judge.errors));
    });

  for (const text of [
    'hom: x\n',
    'home: ""\n',
    'limits: { chunkBites: 64 }\n',
    'limits: { chunkBytes: 0 }\n',
    'limits: { recordDepthMax: 100000 }\n',
    'tables: { ticket: { partitions: 1 } }\n',
    'manifest_settings: { m: { cadence: P1M! } }\n',
    'manifest_settings: { m: { cadance: 1d } }\n',
    'manifest_settings: { m: { formats: { s: { delimiter: ";;" } } } }\n',
    'manifest_settings: { m: { formats: { s: { format: xls } } } }\n',
    'manifest_settings: { m: { formats: { s: { pointer: items } } } }\n',
    'maintenance: { automatic: maybe }\n',
    'foreign_snapshots: ignore\n',
    'catalog: mysql://db/x\n',
    'http: { credentials: { "https://a.example": { bearer: hunter2 } } }\n',
    'http: { proxy: x }\n',
    'apis: { desk: {} }\n',
    'apis: { desk: { url: "ftp://a.example" } }\n',
    'apis: { desk: { url: "https://a.example", records: data } }\n',
    'apis: { desk: { url: "https://a.example", paging: { kind: page } } }\n',
    'apis: { desk: { url: "https://a.example", paging: { kind: cursor, parameter: c } } }\n',
    'apis: { desk: { url: "https://a.example", paging: { kind: forever } } }\n',
    'connections: { crm: { url: "oracle://db/crm" } }\n',
    'connections: { crm: { queries: { open: SELECT 1 } } }\n',
    'connections: { crm: { url: "postgres://db/crm", queries: { open: "" } } }\n',
    'manifest_settings: { m: { cursor_clock: wall } }\n',
    'store: gs://lake\n',
    'store: { endpoint: "http://127.0.0.1:9000" }\n',
    'connections: { lake: { url: s3://lake, queries: { a: SELECT 1 } } }\n',
    'connections: { lake: { url: s3://lake, access_key_id: me, secret_access_key: hunter2 } }\n',
    'connections: { lake: { url: s3://lake, access_key_id: me } }\n',
    `connections: { lake: { url: "s3://\${env:B}" } }\n`,
    'store: { url: s3://lake, bucket: x }\n',
    'store: { url: s3://lake, path_style: x }\n',
    'store: { url: s3://lake, checksums: never }\n',
    'store: { url: s3://lake, access_key_id: me }\n',
    'store: { url: s3://lake, access_key_id: me, secret_access_key: hunter2 }\n',
    'singer: { desk: { config: {} } }\n',
    'singer: { desk: { command: tap-desk } }\n',
  ])
    it(`refuses what the engine refuses: ${text.trim()}`, () => {
      assert.equal(taken(text), false);
      assert.equal(judge(parse(text)), false);
    });
});
