import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { tempFolder } from './temp-folder.ts';

/** The bytes of a Parquet file with the rows of a query, written by DuckDB; `options` as of its COPY. */
export async function parquetFile(select: string, options = 'COMPRESSION zstd'): Promise<Buffer> {
  await using folder = await tempFolder();
  const path = join(folder.path, 'rows.parquet');
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    await connection.run(`COPY (${select}) TO '${path}' (FORMAT parquet, ${options})`);
    return await readFile(path);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
