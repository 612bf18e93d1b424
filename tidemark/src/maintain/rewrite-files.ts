import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type DataEngine, sqlList, sqlName, sqlText } from '../bronze/data-engine.ts';
import { digestColumns } from '../bronze/deduplicate.ts';
import type { DataFile } from '../bronze/iceberg/data-file.ts';
import { duckFieldIds, duckType } from '../bronze/iceberg/duck-columns.ts';
import { type CopyStats, dataFileFromDuckStats } from '../bronze/iceberg/duck-stats.ts';
import { sortSql } from '../bronze/iceberg/sort-order.ts';
import { currentSchema, defaultSortOrder, type TableMetadata } from '../bronze/iceberg/table-metadata.ts';
import { pathOf, tableIo, uriOf } from '../bronze/table-io.ts';
import { type Preparation, preparationKey } from '../bronze/unit-rows.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { InvariantError } from '../errors/tidemark-error.ts';
import { makeFolder, placeWritten } from '../landing/durable-files.ts';

const ROW_GROUP_ROWS = 30_720;

/** Batches that a file's metadata name; its rows name all. */
const BATCHES_NAMED_MAX = 1_000;

/** Rows of some files of one partition, to be put into others. */
export interface Rewriting {
  readonly table: string;
  readonly metadata: TableMetadata;
  readonly dir: string;
  readonly inputs: readonly DataFile[];
  /** One file each: SQL of the rows that go there. Together they take every row once. */
  readonly parts: readonly string[];
  readonly operationId: string;
  /** Distinguishes several rewritings of one operation. */
  readonly name: string;
  readonly scratchDir: string;
}

export interface Rewritten {
  readonly files: readonly DataFile[];
  /** Whose rows they are: by preparation, where its rows were and where they are now. */
  readonly homes: ReadonlyMap<string, Preparation & { readonly from: Set<string>; readonly to: DataFile[] }>;
}

/**
 * Writes the rows of data files into other files, durable and named by no snapshot yet, and compares the two: count,
 * digest of fingerprints and a hash over all cells, for every unit. Nothing is committed where they differ.
 * @throws InvariantError compaction_differs
 */
export async function rewriteFiles(engine: DataEngine, rewriting: Rewriting): Promise<Rewritten> {
  const { inputs, table } = rewriting;
  const paths = inputs.map(({ uri }) => pathOf(uri));
  const columns = await columnsOf(engine, rewriting, paths);
  const before = await sumsOf(engine, { paths, columns, table });
  const stored = before.reduce((sum, { records }) => sum + records, 0);
  const listed = inputs.reduce((sum, { recordCount }) => sum + recordCount, 0);
  if (stored !== listed) throw differs(table, `its manifests say ${listed} rows, its files hold ${stored}`);
  const files: DataFile[] = [];
  let after: UnitSum[];
  try {
    for (const [part, where] of rewriting.parts.entries()) {
      const file = await writePart(engine, { rewriting, columns, where, part });
      if (file !== null) files.push(file);
    }
    after = await sumsOf(engine, { paths: files.map(({ uri }) => pathOf(uri)), columns, table });
    refuseDifference(table, { was: byUnit(before), is: byUnit(after) });
  } catch (error) {
    for (const { uri } of files) await tableIo.remove(uri);
    throw error;
  }
  const homes = new Map<string, Preparation & { from: Set<string>; to: DataFile[] }>();
  for (const { path, ...unit } of before) {
    const home = homes.get(preparationKey(unit)) ?? { ...unit, from: new Set<string>(), to: [] };
    home.from.add(uriOf(path));
    homes.set(preparationKey(unit), home);
  }
  for (const { path, ...unit } of after) {
    const file = files.find(({ uri }) => pathOf(uri) === path);
    if (file !== undefined) homes.get(preparationKey(unit))?.to.push(file);
  }
  return { files, homes };
}

function refuseDifference(
  table: string,
  { was, is }: Record<'was' | 'is', ReadonlyMap<string, string>>,
): void {
  for (const key of new Set([...was.keys(), ...is.keys()])) {
    if (was.get(key) !== is.get(key))
      throw differs(
        table,
        `rows of ${key} were ${was.get(key) ?? 'none'}, would be ${is.get(key) ?? 'none'}`,
      );
  }
}

interface Column {
  readonly name: string;
  readonly sql: string;
}

/** The table's columns as SQL; one that these files lack is null in all of them. */
async function columnsOf(
  engine: DataEngine,
  { metadata }: Rewriting,
  paths: readonly string[],
): Promise<readonly Column[]> {
  const rows = await engine.rows(`DESCRIBE SELECT * FROM ${parquet(paths)}`);
  const present = new Set(rows.map((row) => String(row.column_name)));
  return currentSchema(metadata).fields.map(({ name, type }) => {
    const value = present.has(name) ? sqlName(name) : 'NULL';
    return { name: sqlName(name), sql: `${value}::${duckType(type)} AS ${sqlName(name)}` };
  });
}

interface UnitSum extends Preparation {
  readonly path: string;
  readonly records: number;
  /** Count, digest and cells, to be compared. */
  readonly sum: { readonly limbs: readonly bigint[]; readonly cells: bigint };
}

async function sumsOf(
  engine: DataEngine,
  { paths, columns, table }: { paths: readonly string[]; columns: readonly Column[]; table: string },
): Promise<UnitSum[]> {
  if (paths.length === 0) return [];
  const names = columns.map(({ name }) => name);
  const fingerprint = names.includes('"record_fingerprint"')
    ? "coalesce(record_fingerprint, repeat('0', 32))"
    : "repeat('0', 32)";
  const rows = await engine.rows(
    `SELECT filename, unit_key, run_id, sum(hash(${names.join(', ')}))::VARCHAR AS cells, ${digestColumns('fp')}
     FROM (SELECT *, ${fingerprint} AS fp
           FROM (SELECT ${listOf(columns)}, filename FROM ${parquet(paths, ', filename = true')}))
     GROUP BY filename, unit_key, run_id`,
  );
  return rows.map((row) => {
    if (row.unit_key === null || row.run_id === null) throw differs(table, 'rows of it name no unit');
    return {
      path: String(row.filename),
      unitKey: String(row.unit_key),
      preparedBy: String(row.run_id),
      records: Number(row.records),
      sum: {
        limbs: ['l0', 'l1', 'l2', 'l3'].map((limb) => BigInt(String(row[limb]))),
        cells: BigInt(String(row.cells)),
      },
    };
  });
}

function byUnit(sums: readonly UnitSum[]): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [key, own] of Map.groupBy(sums, preparationKey)) {
    const records = own.reduce((sum, unit) => sum + unit.records, 0);
    const limbs = [0, 1, 2, 3].map((at) => own.reduce((sum, unit) => sum + (unit.sum.limbs[at] ?? 0n), 0n));
    const cells = own.reduce((sum, unit) => sum + unit.sum.cells, 0n);
    texts.set(key, `${records} rows, fingerprints ${limbs.join('.')}, cells ${cells}`);
  }
  return texts;
}

async function writePart(
  engine: DataEngine,
  {
    rewriting,
    columns,
    where,
    part,
  }: {
    rewriting: Rewriting;
    columns: readonly Column[];
    where: string;
    part: number;
  },
): Promise<DataFile | null> {
  const { metadata, inputs, dir, operationId, name, scratchDir } = rewriting;
  const schema = currentSchema(metadata);
  const rows = `SELECT ${listOf(columns)} FROM ${parquet(inputs.map(({ uri }) => pathOf(uri)))} WHERE ${where}`;
  const order = defaultSortOrder(metadata);
  const lines = schema.fields.some((field) => field.name === 'record_line') ? ['record_line'] : [];
  const terms = [sortSql(order, schema), 'unit_key', ...lines].filter((term) => term !== null);
  await makeFolder(scratchDir);
  const draft = join(scratchDir, `${rewriting.table}-${name}-${part}.parquet`);
  const keys = { operation_id: operationId, batches: await batchesOf(engine, rows) };
  const [row] = (await engine.jsonRows(
    `COPY (${rows} ORDER BY ${terms.join(', ')}) TO ${sqlText(draft)} (FORMAT parquet, COMPRESSION zstd,
       ROW_GROUP_SIZE ${ROW_GROUP_ROWS}, FIELD_IDS ${duckFieldIds(schema)}, RETURN_STATS true,
       KV_METADATA {${Object.entries(keys)
         .map(([key, value]) => `${sqlName(key)}: ${sqlText(value)}`)
         .join(', ')}})`,
  )) as unknown as CopyStats[]; // The shape of RETURN_STATS.
  if (row === undefined || Number(row.count) === 0) return null;
  const place = join(dir, 'data', `${operationId}-${name}-${part}.parquet`);
  const { size: sizeBytes } = await stat(draft);
  await placeWritten(draft, place);
  const [first] = inputs;
  const file = dataFileFromDuckStats({
    row,
    schema,
    uri: uriOf(place),
    specId: first?.specId ?? 0,
    partition: first?.partition ?? [],
    sortOrderId: order['order-id'],
  });
  return { ...file, sizeBytes };
}

/** `{"<manifest>": ["<batch>", …]}`, for whoever finds the file alone; more than can be named are told by the rows. */
async function batchesOf(engine: DataEngine, rows: string): Promise<string> {
  const found = await engine.rows(
    `SELECT DISTINCT manifest_id, batch_id FROM (${rows}) ORDER BY ALL LIMIT ${BATCHES_NAMED_MAX + 1}`,
  );
  const named = found.slice(0, BATCHES_NAMED_MAX);
  const byManifest = Map.groupBy(named, (row) => String(row.manifest_id));
  const lists = [...byManifest].map(([manifest, own]) => [manifest, own.map((row) => String(row.batch_id))]);
  return JSON.stringify({ ...Object.fromEntries(lists), ...(found.length > named.length && { more: true }) });
}

function listOf(columns: readonly Column[]): string {
  return columns.map(({ sql }) => sql).join(', ');
}

function parquet(paths: readonly string[], options = ''): string {
  return `read_parquet(${sqlList(paths)}, union_by_name = true${options})`;
}

function differs(table: string, what: string): InvariantError {
  return new InvariantError({
    code: ERROR_CODES.compaction_differs,
    message: `Data files of bronze.${table} are left as they are: ${what}.`,
    next: `Nothing was changed. tidemark verify --table ${table}`,
    facts: { table },
  });
}
