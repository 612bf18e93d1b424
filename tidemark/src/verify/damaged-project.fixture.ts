import { randomBytes, randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type DataEngine, openDataEngine, sqlText } from '../bronze/data-engine.ts';
import type { DataFile } from '../bronze/iceberg/data-file.ts';
import { planMetadataFile, readTableMetadata } from '../bronze/iceberg/metadata-file.ts';
import { liveDataFiles } from '../bronze/iceberg/read-table.ts';
import type { SnapshotOperation } from '../bronze/iceberg/snapshot-summary.ts';
import { stageSnapshot } from '../bronze/iceberg/stage-snapshot.ts';
import { newSnapshotId } from '../bronze/iceberg/table-metadata.ts';
import { pathOf, tableIo, uriOf } from '../bronze/table-io.ts';
import { findTable, swapTable } from '../catalog/iceberg-tables.ts';
import { DEFAULT_LIMITS } from '../model/limits.ts';
import { openTidemark } from '../open-tidemark.ts';
import { openCatalogOf } from '../testing/catalog-of.ts';
import type { VerificationReport, VerifyOptions } from './verify.ts';

export async function verifyProject(dir: string, options: VerifyOptions = {}): Promise<VerificationReport> {
  await using tidemark = await openTidemark({ project: dir });
  return await tidemark.verify(options);
}

export function kindsOf({ symptoms }: VerificationReport): string[] {
  return symptoms.map(({ kind }) => kind).sort();
}

/** Executes what a verification suggests, as the command line would: plans, then the plan. */
export async function mend(dir: string, suggestion: string): Promise<void> {
  await using tidemark = await openTidemark({ project: dir });
  const words = suggestion.split(' ');
  const after = (option: string) => words[words.indexOf(option) + 1] ?? '';
  if (suggestion.startsWith('tidemark catalog set-back')) {
    await tidemark.setBackTable({ table: words[3] ?? '', before: after('--before') });
    return;
  }
  const of = { manifestId: after('--manifest'), batchId: after('--batch-id'), reason: 'a verification' };
  const verb = words[1] as 'replay' | 'rerun' | 'backfill';
  const interval = { from: after('--from'), to: after('--to') };
  const { planId } = await tidemark.planRecovery(
    verb === 'backfill' ? { ...of, verb, ...interval } : { ...of, verb },
  );
  await tidemark.executePlan({ planId, verb });
}

export async function liveFiles(dir: string, table: string): Promise<DataFile[]> {
  const catalog = await openCatalogOf(join(dir, '.tidemark'));
  try {
    const pointer = await findTable(catalog, table);
    const { metadata } = await readTableMetadata(tableIo, pointer?.metadataLocation ?? '');
    return await Array.fromAsync(liveDataFiles({ io: tableIo, metadata }));
  } finally {
    await catalog.destroy();
  }
}

/** Commits to a table as another engine does: through the same catalog, without a word of ours. */
export async function commitForeign(
  dir: string,
  {
    table,
    operation,
    add = [],
    remove = [],
  }: {
    table: string;
    operation: SnapshotOperation;
    add?: readonly DataFile[];
    remove?: readonly DataFile[];
  },
): Promise<string> {
  const catalog = await openCatalogOf(join(dir, '.tidemark'), { readOnly: false });
  try {
    const pointer = await findTable(catalog, table);
    const base = await readTableMetadata(tableIo, pointer?.metadataLocation ?? '');
    const nowMs = Date.now();
    const snapshotId = newSnapshotId(randomBytes, base.metadata);
    const { metadata } = await stageSnapshot({
      io: tableIo,
      metadata: base.metadata,
      operation,
      addFiles: add,
      removeFilePaths: new Set(remove.map(({ uri }) => uri)),
      summary: { 'engine-name': 'another' },
      snapshotId,
      commitUuid: randomUUID(),
      nowMs,
    });
    const file = planMetadataFile({ base, metadata, uuid: randomUUID(), nowMs });
    await tableIo.write(file.location, file.bytes);
    const swap = { table, expected: base.location, next: file.location };
    await catalog.transaction().execute((tx) => swapTable(tx, swap));
    return String(snapshotId);
  } finally {
    await catalog.destroy();
  }
}

/** Writes rows of a data file, as a query over it gives them, into a file beside it. */
export async function writeBeside(
  file: DataFile,
  { name, select, keys = {} }: { name: string; select: string; keys?: Readonly<Record<string, string>> },
): Promise<DataFile> {
  await using duck = await engine();
  const path = join(dirname(pathOf(file.uri)), name);
  const rows = `FROM read_parquet(${sqlText(pathOf(file.uri))})`;
  await duck.run(
    `COPY (${select.replaceAll('FROM it', rows)}) TO ${sqlText(path)} (FORMAT parquet, ${kvOf(keys)})`,
  );
  const [counted] = await duck.rows(`SELECT count(*) AS rows FROM read_parquet(${sqlText(path)})`);
  const { length } = await readFile(path);
  return { ...file, uri: uriOf(path), recordCount: Number(counted?.rows), sizeBytes: length };
}

/**
 * Changes rows of a data file and leaves its size as it was, its footer whole and its anchors in place: nothing but
 * reading it tells.
 */
export async function rewriteInPlace(
  file: DataFile,
  { select, without = [] }: { select: string; without?: readonly string[] },
): Promise<void> {
  const path = pathOf(file.uri);
  await using duck = await engine();
  const pairs = await duck.rows(
    `SELECT decode(key) AS key, decode(value) AS value FROM parquet_kv_metadata(${sqlText(path)})`,
  );
  const keys = pairs.map(({ key, value }) => [String(key), String(value)] as const);
  const kept = keys.filter(([key]) => /^[a-z_]+$/.test(key) && !without.includes(key));
  const draft = `${path}.draft`;
  const rows = `FROM read_parquet(${sqlText(path)})`;
  await duck.run(
    `COPY (${select.replaceAll('FROM it', rows)}) TO ${sqlText(draft)}
     (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 19, WRITE_BLOOM_FILTER false, ${kvOf(Object.fromEntries(kept))})`,
  );
  const bytes = await readFile(draft);
  const padding = file.sizeBytes - bytes.length;
  if (padding < 0) throw new Error(`${basename(path)} has no room: ${padding}`);
  // Between the last page and the footer, where no offset leads.
  const footer = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);
  await writeFile(
    path,
    Buffer.concat([bytes.subarray(0, footer), Buffer.alloc(padding), bytes.subarray(footer)]),
  );
  await rm(draft);
}

function kvOf(keys: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(keys).map(([key, value]) => `${key}: ${sqlText(value)}`);
  return pairs.length === 0 ? 'ROW_GROUP_SIZE 30720' : `KV_METADATA {${pairs.join(', ')}}`;
}

async function engine(): Promise<DataEngine> {
  return await openDataEngine({ spillDir: join(tmpdir(), 'tidemark-test-spill'), limits: DEFAULT_LIMITS });
}
