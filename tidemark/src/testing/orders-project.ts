import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openDataEngine, type Row, sqlList } from '../bronze/data-engine.ts';
import { readTableMetadata } from '../bronze/iceberg/metadata-file.ts';
import { liveDataFiles } from '../bronze/iceberg/read-table.ts';
import { findTable } from '../catalog/iceberg-tables.ts';
import type { RunReport } from '../evidence/run-report.ts';
import { DEFAULT_LIMITS } from '../model/limits.ts';
import { openTidemark } from '../open-tidemark.ts';
import { openCatalogOf } from './catalog-of.ts';
import { homeOf, runOnly } from './run-project.ts';
import { jsonLines, type SampleProject, sampleProject } from './sample-project.ts';
import { tableFilesOf } from './table-files.ts';

export interface Order {
  readonly order_id?: string;
  readonly revision?: number;
  readonly placed_at?: string;
  readonly note?: string;
  /** Of a change log. */
  readonly op?: string;
}

export const ORDER_CONTRACT = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:shop:order:v1',
  type: 'object',
  properties: {
    order_id: { type: 'string' },
    revision: { type: 'integer' },
    placed_at: { type: 'string', format: 'date-time' },
    note: { type: 'string' },
  },
  additionalProperties: false,
  'x-tidemark': {
    table: 'orders',
    business_key: 'order_id',
    event_time: 'placed_at',
    version_order: ['revision'],
  },
};

/** The same orders as a log of their changes, `d` being a deletion. */
export const CHANGE_CONTRACT = {
  ...ORDER_CONTRACT,
  required: ['order_id', 'revision', 'op'],
  properties: { ...ORDER_CONTRACT.properties, op: { enum: ['r', 'c', 'u', 'd'] } },
  if: { properties: { op: { const: 'd' } } },
  else: { required: ['placed_at'] },
  'x-tidemark': { ...ORDER_CONTRACT['x-tidemark'], deletion: { property: 'op', values: ['d'] } },
};

/** A shop whose manifest keeps the newest version of every order. */
export async function ordersProject(contract: object = ORDER_CONTRACT): Promise<SampleProject> {
  const project = await sampleProject();
  await project.write('contracts/data/order.json', JSON.stringify(contract));
  return project;
}

/** Writes the batch that the shop exports; its source may be a file or a folder of them. */
export async function exportOrders(
  project: SampleProject,
  {
    batch,
    files,
    writeMode = 'current_by_key',
  }: {
    batch: string;
    files: Readonly<Record<string, readonly Order[]>>;
    writeMode?: string;
  },
): Promise<void> {
  for (const [name, orders] of Object.entries(files))
    await project.write(
      `exports/${batch}/${name}.jsonl`,
      jsonLines(orders as readonly Record<string, unknown>[]),
    );
  const manifest = {
    schema_version: 'source_manifest_v2',
    manifest_id: 'orders',
    batch_id: batch,
    owner: 'shop',
    created_at: '2026-03-01T00:00:00Z',
    license_tag: 'proprietary',
    contract_ref: 'urn:shop:order:v1',
    load_mode: 'full_snapshot',
    write_mode: writeMode,
    assets: [{ source_id: 'shop', source: `exports/${batch}/*.jsonl`, asset_type: 'jsonl' }],
  };
  await project.write('data/seed_manifests/orders.json', JSON.stringify(manifest));
}

/** Rows of a table as a consumer sees them: catalog → metadata → manifests → data files, never a folder. */
export async function rowsAsSeen(homeDir: string, table: string): Promise<Row[]> {
  await using io = await tableFilesOf(homeDir);
  await using engine = await openDataEngine({ spillDir: io.spillDir, limits: DEFAULT_LIMITS });
  const catalog = await openCatalogOf(homeDir);
  try {
    const pointer = await findTable(catalog, table);
    if (pointer === null) return [];
    const { metadata } = await readTableMetadata(io, pointer.metadataLocation);
    const files = await Array.fromAsync(liveDataFiles({ io, metadata }));
    const paths = await Promise.all(files.map(({ uri }) => io.fileOf(uri)));
    if (paths.length === 0) return [];
    return await engine.rows(
      `SELECT * FROM read_parquet(${sqlList(paths)}, union_by_name = true) ORDER BY ALL`,
    );
  } finally {
    await catalog.destroy();
  }
}

/** Order `id` in a revision; what it says besides follows from its number. */
export const order = (id: number, revision: number, fields: Order = {}): Order => ({
  order_id: `o${String(id).padStart(3, '0')}`,
  revision,
  placed_at: `2026-03-01T00:00:${String(id % 60).padStart(2, '0')}Z`,
  ...fields,
});

/** A deletion knows the order by its id alone. */
export const gone = (id: number, revision: number): Order => ({
  order_id: `o${String(id).padStart(3, '0')}`,
  revision,
  op: 'd',
});

/** As a consumer sees them: key, revision, note. */
export async function newest(project: SampleProject): Promise<(readonly [string, number, unknown])[]> {
  const rows = await rowsAsSeen(homeOf(project), 'current.orders');
  return rows.map((row) => [String(row.order_id), Number(row.revision), row.note] as const).sort();
}

/** What a verification finds, and of which table. */
export async function symptoms(project: SampleProject): Promise<string[]> {
  await using tidemark = await openTidemark({ project: project.root });
  return (await tidemark.verify()).symptoms.map(({ kind, table }) => `${kind} ${table}`);
}

export async function currentFiles(project: SampleProject): Promise<string[]> {
  const dir = join(homeOf(project), 'warehouse/current/orders/data');
  return (await readdir(dir)).map((name) => join(dir, name));
}

/** Exports a batch and runs the shop's manifest. */
export async function take(
  project: SampleProject,
  batch: string,
  files: Record<string, readonly Order[]>,
): Promise<RunReport> {
  await exportOrders(project, { batch, files });
  return await runOnly(project);
}
