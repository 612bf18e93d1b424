import assert from 'node:assert/strict';
import pg from 'pg';
import { openDataEngine, sqlList } from '../../tidemark/src/bronze/data-engine.ts';
import { readTableMetadata } from '../../tidemark/src/bronze/iceberg/metadata-file.ts';
import { liveDataFiles } from '../../tidemark/src/bronze/iceberg/read-table.ts';
import { listTables } from '../../tidemark/src/catalog/iceberg-tables.ts';
import type { RunReport } from '../../tidemark/src/evidence/run-report.ts';
import { DEFAULT_LIMITS } from '../../tidemark/src/model/limits.ts';
import { openCatalogOf } from '../../tidemark/src/testing/catalog-of.ts';
import { configure } from '../../tidemark/src/testing/configure.ts';
import { homeOf, runProject } from '../../tidemark/src/testing/run-project.ts';
import type { SampleProject } from '../../tidemark/src/testing/sample-project.ts';
import { tableFilesOf } from '../../tidemark/src/testing/table-files.ts';
import { typesOf } from '../../tidemark/src/testing/typed-table.ts';

/** The same rows by three cursors: each is a manifest, a contract and a Bronze table. */
export const CURSORS = {
  by_clock: { field: 'at', from: '2020-01-01T00:00:00Z', source: 'table=public.moves', clock: 'database' },
  by_transaction: { field: 'tx', from: '0', source: 'query=keys', clock: 'transaction' },
  by_application: { field: 'app', from: '2026-01-01T00:00:00Z', source: 'query=keys', clock: 'application' },
} as const;
export type CursorName = keyof typeof CURSORS;

export async function declareMoves(
  project: SampleProject,
  { url, client }: { url: string; client: pg.Client },
) {
  await configure(project, {
    connections: { desk: { url, queries: { keys: 'SELECT id, at, tx, app FROM moves' } } },
    manifest_settings: Object.fromEntries(
      Object.entries(CURSORS).map(([name, { clock }]) => [
        name.replace('_', '-'),
        // As wide as a transaction is open: what is later than that is found by counts.
        { cursor_clock: clock, ...(clock === 'application' && { lookback: '1h' }) },
      ]),
    ),
  });
  const instant = { type: 'string', format: 'date-time' };
  const keys = { id: { type: 'integer' }, at: instant, tx: { type: 'integer' }, app: instant };
  const typed = Object.fromEntries((await typesOf(client)).map((type) => [type, {}]));
  for (const [name, { field, from, source }] of Object.entries(CURSORS)) {
    await project.write(
      `contracts/data/${name}.json`,
      JSON.stringify({
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        $id: `urn:moves:${name}`,
        type: 'object',
        required: Object.keys(keys),
        properties: { ...keys, ...(name === 'by_clock' && typed) },
        additionalProperties: false,
        'x-tidemark': { table: name, business_key: 'id', event_time: 'at' },
      }),
    );
    await project.write(
      `data/seed_manifests/${name}.json`,
      JSON.stringify({
        schema_version: 'source_manifest_v2',
        manifest_id: name.replace('_', '-'),
        batch_id: 'moves',
        owner: 'desk',
        created_at: '2026-03-01T00:00:00Z',
        license_tag: 'proprietary',
        contract_ref: `urn:moves:${name}`,
        load_mode: 'incremental_cursor',
        selection_window: { cursor_field: field, cursor_start: from },
        assets: [{ source_id: 'moves', source: `postgres:desk?${source}`, asset_type: 'jsonl' }],
      }),
    );
  }
}

export interface Writing {
  readonly transactions: number;
  /** At most so many are open at once; which of them ends next is chance. */
  readonly openMax: number;
  readonly random: () => number;
  /** Where ids begin that were not there before. */
  readonly firstId: number;
}

/**
 * Step by step, transactions that begin, write and end in an order of their own: some are rolled back, some write only after others that
 * began later have committed, and some rows bear a time of the application's that lies days behind.
 */
export async function* writeOutOfOrder(
  url: string,
  { transactions, openMax, random, firstId }: Writing,
): AsyncGenerator<void> {
  const clients = await Promise.all(
    Array.from({ length: openMax }, async () => {
      const client = new pg.Client(url);
      await client.connect();
      return client;
    }),
  );
  const idle = [...clients];
  const open: pg.Client[] = [];
  let id = firstId;
  let begun = 0;
  const add = async (client: pg.Client) => {
    const ids = Array.from({ length: 1 + Math.floor(random() * 4) }, () => id++);
    const times = ids.map(() => (random() < 0.1 ? '2026-03-05T12:00:00Z' : new Date().toISOString()));
    await client.query('SELECT add_moves($1, $2)', [ids, times]);
  };
  while (begun < transactions || open.length > 0) {
    yield;
    if (begun < transactions && idle.length > 0 && (open.length === 0 || random() < 0.6)) {
      const client = idle.pop()!;
      await client.query('BEGIN');
      // A transaction has its time from here on, and its id from its first row.
      if (random() < 0.5) await add(client);
      else await client.query('SELECT now()');
      begun += 1;
      open.push(client);
      continue;
    }
    const [client] = open.splice(Math.floor(random() * open.length), 1);
    if (client === undefined) continue;
    await add(client);
    await client.query(random() < 0.2 ? 'ROLLBACK' : 'COMMIT');
    idle.push(client);
  }
  await Promise.all(clients.map(async (client) => await client.end()));
}

/** Runs what is left, until the two cursors that lose nothing have all: a reading by time ends a second before now. */
export async function readToTheEnd(project: SampleProject, client: pg.Client): Promise<RunReport[]> {
  const { rows } = await idsThere(client);
  for (;;) {
    const reports = await runAll(project);
    const { by_clock, by_transaction } = await idsIn(project);
    if (by_clock.rows >= rows && by_transaction.rows >= rows) return reports;
    // What a reading has lost no later one brings.
    const waiting = reports.some(({ assets }) => /wait/.test(assets[0]?.note ?? ''));
    if (!waiting && reports.every(({ state }) => state === 'nothing_to_commit')) return reports;
  }
}

export async function runAll(project: SampleProject): Promise<RunReport[]> {
  const reports = await runProject(project);
  for (const { state, failure, assets } of reports)
    assert.ok(state === 'committed' || state === 'nothing_to_commit', JSON.stringify(failure ?? assets));
  return reports;
}

export interface Ids {
  readonly rows: number;
  readonly distinct: number;
  readonly sum: string;
}

/** As a consumer sees them. */
export async function idsIn(project: SampleProject): Promise<Record<CursorName, Ids>> {
  const none: Ids = { rows: 0, distinct: 0, sum: '0' };
  const found: Record<CursorName, Ids> = { by_clock: none, by_transaction: none, by_application: none };
  await using io = await tableFilesOf(homeOf(project));
  await using engine = await openDataEngine({ spillDir: io.spillDir, limits: DEFAULT_LIMITS });
  const catalog = await openCatalogOf(homeOf(project));
  try {
    for (const { table, metadataLocation } of await listTables(catalog)) {
      if (!Object.hasOwn(found, table)) continue;
      const { metadata } = await readTableMetadata(io, metadataLocation);
      const files = await Array.fromAsync(liveDataFiles({ io, metadata }));
      const paths = await Promise.all(files.map(({ uri }) => io.fileOf(uri)));
      if (paths.length === 0) continue;
      const [row] = await engine.rows(
        `SELECT count(*)::VARCHAR AS n, count(DISTINCT id)::VARCHAR AS d, sum(id)::VARCHAR AS s
         FROM read_parquet(${sqlList(paths)}, union_by_name = true)`,
      );
      found[table as CursorName] = { rows: Number(row?.n), distinct: Number(row?.d), sum: String(row?.s) };
    }
  } finally {
    await catalog.destroy();
  }
  return found;
}

export async function idsThere(client: pg.Client): Promise<Ids> {
  const { rows } = await client.query<{ n: string; s: string }>(
    'SELECT count(*) AS n, sum(id)::text AS s FROM moves',
  );
  const n = Number(rows[0]?.n);
  return { rows: n, distinct: n, sum: rows[0]?.s ?? '0' };
}

/** Rows that a run has found behind the cursor and nobody has read. */
export function missingBy(reports: readonly RunReport[], manifestId: string): number {
  const gaps = reports.find((report) => report.manifestId === manifestId)?.assets[0]?.gaps ?? [];
  return gaps.reduce((sum, { source, read }) => sum + source - read, 0);
}
