import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type DataEngine, sqlList, sqlText } from '../bronze/data-engine.ts';
import { pathOf } from '../bronze/table-io.ts';
import type { CatalogReader } from '../catalog/catalog.ts';
import { makeFolder, moveDurably, storeError, syncFile, writeDurably } from '../landing/durable-files.ts';
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
  const draft = `${place}.part`;
  try {
    await engine.run(
      `COPY (SELECT * FROM read_parquet(${sqlList(options.files.map((uri) => pathOf(uri)))}, union_by_name = true)
       WHERE ${options.where ?? 'true'} ORDER BY ${options.orderBy}) TO ${sqlText(draft)} (FORMAT json)`,
    );
    await syncFile(draft);
    await moveDurably({ from: draft, to: place });
  } catch (error) {
    await rm(draft, { force: true });
    throw storeError(error, place);
  }
  return { [options.name]: await sumOfFile(place) };
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

export function sumOfText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export async function sumOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
