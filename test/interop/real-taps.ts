/**
 * Real Singer taps, each of its own lineage, read twice by their state: a file tap and two database taps.
 *
 *   node real-taps.ts <scratch folder> <tap-jsonl> <tap-postgres> <pipelinewise tap-postgres>
 *
 * What a table has to hold is asked of the source itself, in no way that Tidemark or the tap has a part in.
 */
import assert from 'node:assert/strict';
import { appendFile, mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import type { RunReport } from '../../tidemark/src/evidence/run-report.ts';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { startPostgres } from '../../tidemark/src/testing/postgres-server.ts';
import { tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';

const [scratch = '', tapJsonl = '', tapPostgres = '', pipelinewise = ''] = process.argv.slice(2);
if (pipelinewise === '') throw new Error('usage: real-taps.ts <scratch> <three taps>');

const ROWS = 2000;
const NEW = 75;
const CHANGED = 25;

/** A contract of its own. What a tap adds of where and when it read is lineage: no part of a record's content. */
const CONTRACT = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:shop:order:v1',
  type: 'object',
  required: ['id', 'updated_at'],
  properties: {
    id: { type: 'integer' },
    updated_at: { type: 'string', format: 'date-time' },
    total: { type: ['number', 'null'] },
    paid: { type: ['boolean', 'null'] },
    note: { type: ['string', 'null'] },
    _sdc_last_modified: { type: 'string' },
    _sdc_filename: { type: 'string' },
    _sdc_stream: { type: 'string' },
  },
  additionalProperties: false,
  'x-tidemark': {
    table: 'orders',
    business_key: 'id',
    lineage: ['_sdc_last_modified', '_sdc_filename', '_sdc_stream'],
  },
};

interface Order {
  readonly id: string;
  readonly updated_at: string;
  readonly total: number | null;
  readonly paid: boolean | null;
  readonly note: string | null;
}

interface Trial {
  readonly name: string;
  readonly stream: string;
  readonly cursorField: string;
  readonly singer: object;
  /** Brings `NEW` rows that were not there and changes `CHANGED` of those that were. */
  change(): Promise<void>;
  /** Every version of every row that the source has had, read by its own means. */
  versions(): Promise<readonly Order[]>;
}

const day = (number: number) => new Date(Date.UTC(2026, 0, 1) + number * 60_000).toISOString();

function order(id: number, at = id): Order {
  return {
    id: String(9_007_199_254_740_000n + BigInt(id)),
    updated_at: day(at),
    total: id % 11 === 0 ? null : id / 8,
    paid: id % 3 === 0 ? null : id % 2 === 0,
    note: id % 5 === 0 ? null : `line one\nline "two"; größer, 再現 ✨ \\ ${id}`,
  };
}

/** What a run takes, by what there was: the first reading, one with news, one without. */
async function tryOut(trial: Trial): Promise<void> {
  const root = join(scratch, trial.name);
  await writeProject(root, trial);
  const first = await runOnce(root);
  assert.deepEqual(tallyOf(first), { state: 'committed', accepted: ROWS, rejected: 0 });
  await compare(root, await trial.versions());
  await trial.change();
  const second = await runOnce(root);
  assert.deepEqual(tallyOf(second), { state: 'committed', accepted: NEW + CHANGED, rejected: 0 });
  await compare(root, await trial.versions());
  const third = await runOnce(root);
  assert.deepEqual(tallyOf(third), { state: 'nothing_to_commit', accepted: 0, rejected: 0 });
  await compare(root, await trial.versions());
  await using tidemark = await openTidemark({ project: root });
  assert.deepEqual((await tidemark.verify()).symptoms, []);
  const again = [first, second, third].map(({ recordTally }) => recordTally.duplicate).join(', ');
  process.stdout.write(
    `ok ${trial.name}: ${ROWS} rows, then ${NEW} new and ${CHANGED} changed; read again: ${again}\n`,
  );
}

async function runOnce(root: string): Promise<RunReport> {
  await using tidemark = await openTidemark({ project: root });
  const { runs, refused, unopened } = await tidemark.run();
  assert.deepEqual([refused, unopened, runs.length], [[], [], 1]);
  const [report] = runs;
  assert.ok(report !== undefined);
  assert.equal(
    report.failure,
    null,
    JSON.stringify([report.failure, report.assets.map(({ findings }) => findings)]),
  );
  assert.notEqual(report.reconciliation?.verdict, 'fail');
  return report;
}

function tallyOf({ state, recordTally: { accepted, rejected } }: RunReport) {
  return { state, accepted, rejected };
}

/** Nothing lost, nothing doubled, every cell as the source has it. */
async function compare(root: string, wanted: readonly Order[]): Promise<void> {
  const { orders = [] } = await tablesAsSeen(join(root, '.tidemark'));
  const found = orders.map((row) => {
    const cells = Object.fromEntries(JSON.parse(row) as [string, unknown][]);
    const { id, updated_at, total = null, paid = null, note = null } = cells;
    return [String(id).replace(/n$/, ''), instant(updated_at), total, paid, note];
  });
  const expected = wanted.map(({ id, updated_at, total, paid, note }) => [
    id,
    instant(updated_at),
    total,
    paid,
    note,
  ]);
  assert.deepEqual(found.map(textOf).sort(), expected.map(textOf).sort());
}

const textOf = (cells: readonly unknown[]) => JSON.stringify(cells);

/** What a data file has as microseconds, and a source as text. */
function instant(value: unknown): string {
  const { micros = null } = (value ?? {}) as { micros?: string | null };
  return new Date(micros === null ? String(value) : Number(micros.slice(0, -1)) / 1000).toISOString();
}

async function writeProject(root: string, { name, stream, cursorField, singer }: Trial): Promise<void> {
  for (const folder of ['contracts/data', 'data/seed_manifests'])
    await mkdir(join(root, folder), { recursive: true });
  await writeFile(join(root, 'contracts/data/order.json'), JSON.stringify(CONTRACT));
  await writeFile(join(root, 'tidemark.yaml'), JSON.stringify({ singer: { tap: singer } }));
  const manifest = {
    schema_version: 'source_manifest_v2',
    manifest_id: `orders-${name}`,
    batch_id: 'orders',
    owner: 'shop',
    created_at: '2026-03-01T00:00:00Z',
    license_tag: 'proprietary',
    contract_ref: CONTRACT.$id,
    load_mode: 'incremental_cursor',
    selection_window: { cursor_field: cursorField, cursor_start: '2025-01-01T00:00:00Z' },
    assets: [{ source_id: 'shop', source: { singer: 'tap', stream }, asset_type: 'jsonl' }],
  };
  await writeFile(join(root, 'data/seed_manifests/orders.json'), JSON.stringify(manifest));
}

/** The tap sends a file whole once its time has changed: what it held is sent again, and must not come in again. */
async function fileTrial(): Promise<Trial> {
  const folder = join(scratch, 'files é');
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'orders.jsonl');
  const versions = Array.from({ length: ROWS }, (_, id) => order(id));
  // Numbers of all digits, as they stand in the file.
  const line = (one: Order) => `${JSON.stringify(one).replace(/"id":"(\d+)"/, '"id":$1')}\n`;
  const put = async (added: readonly Order[], at: string) => {
    await appendFile(path, added.map(line).join(''));
    await utimes(path, new Date(at), new Date(at));
  };
  await put(versions, '2026-02-01T00:00:00Z');
  return {
    name: 'tap-jsonl',
    stream: 'orders',
    cursorField: '_sdc_last_modified',
    singer: { command: [tapJsonl], config: { path: join(folder, '*.jsonl'), stream_name: 'orders' } },
    change: async () => {
      const added = [
        ...Array.from({ length: NEW }, (_, index) => order(ROWS + index)),
        ...Array.from({ length: CHANGED }, (_, index) => order(index * 7, 10_000 + index)),
      ];
      versions.push(...added);
      await put(added, '2026-02-02T00:00:00Z');
    },
    versions: async () => versions,
  };
}

const COLUMNS = `id::text AS id, to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS updated_at,
  total, paid, note`;

/** A trigger keeps every version that a row has had: what a table that is only appended to has to come to. */
async function databaseTrial(
  client: Client,
  { name, stream, singer }: Pick<Trial, 'name' | 'stream' | 'singer'>,
) {
  await client.query(`
    DROP TABLE IF EXISTS orders; DROP TABLE IF EXISTS kept;
    CREATE TABLE orders (id bigint PRIMARY KEY, updated_at timestamptz NOT NULL, total double precision, paid boolean, note text);
    CREATE TABLE kept (LIKE orders);
    CREATE OR REPLACE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN INSERT INTO kept SELECT NEW.*; RETURN NEW; END';
    CREATE TRIGGER keep AFTER INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION keep();`);
  const put = async (rows: readonly Order[]) =>
    await client.query(
      `INSERT INTO orders SELECT * FROM json_populate_recordset(NULL::orders, $1)
       ON CONFLICT (id) DO UPDATE SET updated_at = EXCLUDED.updated_at, note = EXCLUDED.note`,
      [JSON.stringify(rows)],
    );
  await put(Array.from({ length: ROWS }, (_, id) => order(id)));
  const trial: Trial = {
    name,
    stream,
    singer,
    cursorField: 'updated_at',
    change: async () => {
      await put(Array.from({ length: NEW }, (_, index) => order(ROWS + index)));
      await put(Array.from({ length: CHANGED }, (_, index) => order(index * 7, 10_000 + index)));
    },
    versions: async () => (await client.query<Order>(`SELECT ${COLUMNS} FROM kept`)).rows,
  };
  return trial;
}

await tryOut(await fileTrial());
await using server = await startPostgres();
const { hostname: host, port } = new URL(server.url);
const client = new Client({ connectionString: await server.createDatabase('shop') });
await client.connect();
try {
  const login = { host, port: Number(port), user: 'postgres', password: 'any' };
  const sdk = { command: [tapPostgres], config: { ...login, database: 'shop', filter_schemas: ['public'] } };
  await tryOut(await databaseTrial(client, { name: 'tap-postgres', stream: 'public-orders', singer: sdk }));
  const classic = { command: [pipelinewise], config: { ...login, dbname: 'shop', filter_schemas: 'public' } };
  await tryOut(
    await databaseTrial(client, { name: 'pipelinewise', stream: 'public-orders', singer: classic }),
  );
} finally {
  await client.end();
}
