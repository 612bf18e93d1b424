import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type DataEngine, sqlList, sqlText } from '../bronze/data-engine.ts';
import { pathOf } from '../bronze/table-io.ts';
import type { CatalogReader } from '../catalog/catalog.ts';
import { makeFolder, moveDurably, storeError, syncFile, writeDurably } from '../landing/durable-files.ts';
import type { Home } from '../landing/home.ts';
import { piecesOf, sizeOf } from '../landing/store/stored-files.ts';
import { QUARANTINE_TABLE, REJECTS_TABLE, SKIPS_TABLE } from '../model/table-names.ts';
import { entriesOfRun } from './chain.ts';

/** SHA-256 of each file of an evidence folder, by name: part of what is sealed. */
export type EvidenceFiles = Readonly<Record<string, string>>;

/** Rows that a folder repeats as JSON lines: from which table, in which order (total, so that equal rows give equal files). */
export const ROW_FILES = [
  { name: 'rejections.jsonl', table: REJECTS_TABLE, orderBy: 'source_id, record_line NULLS FIRST, unit_key' },
  { name: 'skips.jsonl', table: SKIPS_TABLE, orderBy: 'source_id, record_line NULLS FIRST, unit_key' },
  { name: 'quarantine.jsonl', table: QUARANTINE_TABLE, orderBy: 'source_id, unit_key' },
] as const;

/** The report for people. */
export async function writeMarkdown({
  folder,
  markdown,
}: {
  folder: string;
  markdown: string;
}): Promise<EvidenceFiles> {
  await writeDurably(join(folder, 'report.md'), markdown);
  return { 'report.md': sumOfText(markdown) };
}

/**
 * All rows of one outcome as JSON lines, in the order of source and line, however many there are. Streamed by DuckDB
 * from the committed data files, so the folder is a projection that can be made again.
 */
export async function writeRows(
  engine: DataEngine,
  options: {
    folder: string;
    name: string;
    files: readonly string[];
    orderBy: string;
    /** SQL of the rows to take, where the files hold others too. */
    where?: string;
  },
): Promise<EvidenceFiles> {
  if (options.files.length === 0) return {};
  await makeFolder(options.folder);
  const place = join(options.folder, options.name);
  // A file of this machine, also where its place is in a store.
  const draft = `${place}.part`;
  try {
    await engine.run(
      `COPY (SELECT * FROM read_parquet(${sqlList(options.files.map((uri) => pathOf(uri)))}, union_by_name = true)
       WHERE ${options.where ?? 'true'} ORDER BY ${options.orderBy}) TO ${sqlText(draft)} (FORMAT json)`,
    );
    await syncFile(draft);
    const sum = await sumOf(createReadStream(draft));
    await moveDurably({ from: draft, to: place });
    return { [options.name]: sum };
  } catch (error) {
    await rm(draft, { force: true });
    throw storeError(error, place);
  }
}

/** The sealed entries of a run as files, exactly the text that was hashed: `run.json`, `reconciliation.json`. */
export async function projectEntries({
  catalog,
  runId,
  folder,
}: {
  catalog: CatalogReader;
  runId: string;
  folder: string;
}): Promise<void> {
  for (const entry of await entriesOfRun(catalog, runId))
    await writeDurably(join(folder, `${entry.kind}.json`), entry.body);
}

/** Projects the last entry of a chain where whoever sealed it ended, or lost the store, before it did. */
export async function completeProjection(
  catalog: CatalogReader,
  { home, chain }: { home: Home; chain: string },
): Promise<void> {
  const head = await catalog
    .selectFrom('evidence')
    .select(['kind', 'run_id'])
    .where('chain', '=', chain)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (head === undefined || (head.kind !== 'run' && head.kind !== 'reconciliation')) return;
  const folder = join(home.evidenceDir, head.run_id);
  if ((await sizeOf(join(folder, `${head.kind}.json`))) !== null) return;
  await projectEntries({ catalog, runId: head.run_id, folder });
}

export function sumOfText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Read at once of a file whose sum is taken. */
const PIECE_BYTES = 64 * 1024;

export async function sumOfFile(path: string): Promise<string> {
  return await sumOf(piecesOf(path, PIECE_BYTES));
}

async function sumOf(pieces: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}
