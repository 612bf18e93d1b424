import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json } from '@duckdb/node-api';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError, TransientError } from '../errors/tidemark-error.ts';
import { holdCopies } from '../landing/store/copies.ts';
import { hasMounts, mountedKey } from '../landing/store/mount.ts';
import type { Limits } from '../model/limits.ts';

/** A row of a query: BigInt for integers, JavaScript values for the rest. */
export type Row = Record<string, unknown>;

/** DuckDB, bounded: a memory limit, a folder to spill to, no network, UTC. Closing it frees everything. */
export interface DataEngine extends AsyncDisposable {
  run(sql: string): Promise<void>;
  rows(sql: string): Promise<Row[]>;
  /** Values in their JSON form: integers and statistics as text. */
  jsonRows(sql: string): Promise<Record<string, Json>[]>;
  /** Rows a chunk at a time, lists and structs as plain values: memory is flat in the result. One at a time. */
  stream(sql: string): AsyncIterable<Row[]>;
}

/** Opens a fresh one; whoever opens it closes it (`await using`). Opening costs some 20 ms. */
export type OpenEngine = (needs?: EngineNeeds) => Promise<DataEngine>;

export interface EngineNeeds {
  /** Raises the memory limit to this where it is lower. */
  readonly memoryBytesMin?: number;
  /** So many engines work at a time, and this one takes its share of threads and memory. Default: it works alone. */
  readonly shares?: number;
}

/** Loaded when first needed: a run that commits nothing, and every reading verb, never load it. */
export async function openDataEngine({
  spillDir,
  limits,
  memoryBytesMin = 0,
  shares = 1,
}: {
  spillDir: string;
  limits: Limits;
} & EngineNeeds): Promise<DataEngine> {
  await mkdir(spillDir, { recursive: true });
  // A folder of its own: two that spill into one write the same file, and read each other's rows.
  const ownDir = await mkdtemp(join(spillDir, 'engine-'));
  const memoryBytes = Math.max(limits.duckdbMemoryBytes / shares, memoryBytesMin);
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(Math.max(1, Math.floor(limits.duckdbThreads / shares))),
    memory_limit: `${Math.ceil(memoryBytes / 1024)}KiB`,
    temp_directory: ownDir,
    // Line numbers carry the order, so rows need not keep theirs: about 20% and the memory of reordering.
    preserve_insertion_order: 'false',
    // A missing extension is an error here, never a download.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  // The one place where data files are opened: whatever a statement names is brought near first, so no reader can forget.
  const held: AsyncDisposable[] = [];
  const bringNear = async (sql: string) => {
    const paths = storedFilesIn(sql);
    if (paths.length > 0) held.push(await holdCopies(paths));
  };
  await connection.run("SET TimeZone = 'UTC'");
  return {
    run: async (sql) => {
      await bringNear(sql);
      await attempt({ spillDir, memoryBytes, work: () => connection.run(sql) });
    },
    rows: async (sql) => {
      await bringNear(sql);
      const read = await attempt({ spillDir, memoryBytes, work: () => connection.runAndReadAll(sql) });
      return read.getRowObjects() as Row[];
    },
    jsonRows: async (sql) => {
      await bringNear(sql);
      const read = await attempt({ spillDir, memoryBytes, work: () => connection.runAndReadAll(sql) });
      return read.getRowObjectsJson();
    },
    stream: async function* (sql) {
      await bringNear(sql);
      const result = await attempt({ spillDir, memoryBytes, work: () => connection.stream(sql) });
      yield* result.yieldRowObjectJs();
    },
    [Symbol.asyncDispose]: async () => {
      connection.closeSync();
      instance.closeSync();
      await rm(ownDir, { recursive: true, force: true });
      for (const copies of held.splice(0)) await copies[Symbol.asyncDispose]();
    },
  };
}

/** Data files of a mounted store that a statement names as text. */
function storedFilesIn(sql: string): string[] {
  if (!hasMounts()) return [];
  const named = sql.matchAll(/'((?:[^']|'')*\.parquet)'/g);
  const paths = [...named].map(([, text = '']) => text.replaceAll("''", "'"));
  return [...new Set(paths)].filter((path) => mountedKey(path) !== null);
}

interface Attempt<T> {
  readonly spillDir: string;
  readonly memoryBytes: number;
  work(): Promise<T>;
}

async function attempt<T>({ spillDir, memoryBytes, work }: Attempt<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const [reason = ''] = (error as Error).message.split('\n');
    if (/no space left|disk full|could not write|file too large|max_temp_directory_size/i.test(reason)) {
      throw new TransientError({
        code: ERROR_CODES.store_full,
        message: `No space left while data files were written: ${reason}`,
        next: `Free space below ${spillDir} and the warehouse, then run the same command again: prepared work is kept.`,
        cause: error,
      });
    }
    if (/^Out of Memory Error/i.test(reason)) {
      throw new ConfigurationError({
        code: ERROR_CODES.memory_exhausted,
        message: `Writing data files takes more than ${Math.round(memoryBytes / 1e6)} MB of memory: ${reason}`,
        next: 'Lower limits.partBytesMax in tidemark.yaml, then run the same command again: landed work is kept.',
        facts: { memoryBytes },
        cause: error,
      });
    }
    throw error;
  }
}

export function sqlText(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function sqlList(values: readonly string[]): string {
  return `[${values.map(sqlText).join(', ')}]`;
}
