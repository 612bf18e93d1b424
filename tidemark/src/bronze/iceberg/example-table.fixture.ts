import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { DataFile } from './data-file.ts';
import type { CopyStats } from './duck-stats.ts';
import { icebergSchema, type TableSchema } from './schema.ts';
import type { TableIo } from './table-io.ts';
import { newTableMetadata, type TableMetadata } from './table-metadata.ts';

/** Keeps files in memory; a URI is written once, as `TableIo` promises. */
export class MemoryIo implements TableIo {
  readonly files = new Map<string, Uint8Array>();
  readonly reads: string[] = [];

  async read(uri: string): Promise<Uint8Array> {
    this.reads.push(uri);
    const bytes = this.files.get(uri);
    if (bytes === undefined) throw new Error(`there is no ${uri}`);
    return bytes;
  }

  async write(uri: string, bytes: Uint8Array): Promise<void> {
    if (this.files.has(uri)) throw new Error(`${uri} is written twice`);
    this.files.set(uri, bytes);
  }
}

export const EXAMPLE_SCHEMA: TableSchema = icebergSchema([
  { name: 'id', type: { kind: 'long' }, required: true },
  { name: 'created_at', type: { kind: 'timestamptz' }, required: false },
  { name: 'product', type: { kind: 'string' }, required: false },
]);

export function exampleTable(parts: Partial<Parameters<typeof newTableMetadata>[0]> = {}): TableMetadata {
  return newTableMetadata({
    uuid: '0d4d0a37-7d57-4b4d-9c5c-3d0a5a0b7c11',
    location: 'file:///tables/example',
    schema: EXAMPLE_SCHEMA,
    nowMs: 1_700_000_000_000,
    ...parts,
  });
}

export function exampleFile(name: string, parts: Partial<DataFile> = {}): DataFile {
  return {
    content: 'data',
    uri: `file:///tables/example/data/${name}.parquet`,
    format: 'PARQUET',
    specId: 0,
    partition: [],
    recordCount: 10,
    sizeBytes: 1000,
    columnSizes: new Map([[1, 80]]),
    valueCounts: new Map([[1, 10]]),
    nullValueCounts: new Map([[1, 0]]),
    nanValueCounts: new Map(),
    lowerBounds: new Map(),
    upperBounds: new Map(),
    sortOrderId: null,
    keyMetadata: null,
    splitOffsets: null,
    equalityIds: null,
    referencedDataFile: null,
    ...parts,
  };
}

/** A UUID that is the same in every run. */
export function uuidOf(text: string): string {
  return createHash('sha256')
    .update(text)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}

/** DuckDB as the engine sets it up, with a folder for its files. */
export class DuckExample {
  readonly folder: string;
  readonly connection: DuckDBConnection;
  readonly #instance: DuckDBInstance;
  #files = 0;

  static async open(): Promise<DuckExample> {
    const instance = await DuckDBInstance.create(':memory:', {
      autoinstall_known_extensions: 'false',
      threads: '1',
    });
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    return new DuckExample(instance, connection);
  }

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.connection = connection;
    this.folder = mkdtempSync(join(tmpdir(), 'tidemark-iceberg-'));
  }

  [Symbol.dispose](): void {
    this.connection.closeSync();
    this.#instance.closeSync();
    rmSync(this.folder, { recursive: true });
  }

  /** Rows as arrays of DuckDB's JSON forms. */
  async rows(sql: string): Promise<unknown[][]> {
    return (await this.connection.runAndReadAll(sql)).getRowsJson();
  }

  /** Copies a query to Parquet and gives the statistics of each file. */
  async copy(
    select: string,
    options: string,
  ): Promise<readonly (CopyStats & { readonly filename: string })[]> {
    const target = join(this.folder, `${this.#files++}.parquet`);
    const sql = `COPY (${select}) TO '${target}' (FORMAT parquet, COMPRESSION zstd, RETURN_STATS true, ${options})`;
    const reader = await this.connection.runAndReadAll(sql);
    // The shape of RETURN_STATS, in DuckDB's JSON form.
    return reader.getRowObjectsJson() as unknown as (CopyStats & { readonly filename: string })[];
  }
}
