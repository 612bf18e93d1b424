import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { quoteJson } from '../../../model/canonical-json.ts';
import type { DecodeLimits } from '../decompress.ts';
import { StreamFault } from '../stream-fault.ts';
import { columnFault, type SchemaNode } from './check-columns.ts';
import type { ParquetPolicy } from './policy.ts';
import { type WriteValue, writerOf } from './write-value.ts';

export interface ParquetRequest {
  readonly path: string;
  readonly policy: ParquetPolicy;
  readonly limits: DecodeLimits;
  readonly signal: AbortSignal;
}

/**
 * The rows of a Parquet file as lines of JSON, in their order, so that the number of a line is that of its row; in chunks.
 * One thread reads them: more would hold several row groups at a time.
 * @throws StreamFault where it is damaged, or a column would not come in as it is
 */
export async function* readParquet(request: ParquetRequest): AsyncGenerator<Buffer> {
  const { policy, limits, signal } = request;
  // Loaded by whoever reads a Parquet file: verbs that only tell load no DuckDB.
  const duckdb = await import('@duckdb/node-api');
  const instance = await duckdb.DuckDBInstance.create(':memory:', {
    threads: '1',
    memory_limit: `${Math.ceil(limits.duckdbMemoryBytes / 1024)}KiB`,
    temp_directory: '',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  try {
    const file = sqlPath(request.path);
    const fault = columnFault(await schemaOf(connection, file), policy);
    if (fault !== null)
      throw new StreamFault({
        rule: 'parquet_column',
        expected: 'columns that JSON can hold as they are',
        received: fault,
      });
    const wanted = await rowsOf(connection, file);
    const result = await connection.stream(`SELECT * FROM read_parquet(${file}, hive_partitioning = false)`);
    const columns: Column[] = result.columnNames().map((name, index) => ({
      key: `${quoteJson(name)}:`,
      write: writerOf(result.columnType(index), { duckdb, policy }),
    }));
    let text = '';
    let rows = 0;
    for (;;) {
      signal.throwIfAborted();
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) break;
      rows += chunk.rowCount;
      for (const row of chunk.getRows()) {
        text += lineOf(row, columns);
        if (text.length < limits.chunkBytes) continue;
        yield Buffer.from(text);
        text = '';
      }
    }
    if (rows !== wanted) throw damaged(`${rows} rows, where its end says ${wanted}`);
    if (text !== '') yield Buffer.from(text);
  } catch (error) {
    throw faultOf(error, request);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

interface Column {
  /** Of its property, with the colon. */
  readonly key: string;
  readonly write: WriteValue;
}

function lineOf(row: readonly DuckDBValue[], columns: readonly Column[]): string {
  const written = columns.flatMap(({ key, write }, index) => {
    const value = row[index] ?? null;
    return value === null ? [] : [key + write(value)];
  });
  return `{${written.join(',')}}\n`;
}

async function schemaOf(connection: DuckDBConnection, file: string): Promise<SchemaNode[]> {
  const read = await connection.runAndReadAll(
    `SELECT name, type, logical_type AS logical, precision, duckdb_type AS read, num_children AS children FROM parquet_schema(${file})`,
  );
  return read.getRowObjects().map(({ name, type, logical, precision, read, children }) => ({
    name: String(name),
    type: type as string | null,
    logical: logical as string | null,
    precision: precision === null ? null : Number(precision),
    read: read as string | null,
    children: Number(children ?? 0),
  }));
}

async function rowsOf(connection: DuckDBConnection, file: string): Promise<number> {
  const read = await connection.runAndReadAll(`SELECT num_rows FROM parquet_file_metadata(${file})`);
  return Number(read.getRows()[0]?.[0]);
}

/** As text of SQL, in which what a pattern is made of stands for itself. */
function sqlPath(path: string): string {
  return `'${path.replaceAll(/[*?[]/g, '[$&]').replaceAll("'", "''")}'`;
}

/** What DuckDB says of a file; what the system says of it stays what it is. */
function faultOf(error: unknown, { path, limits }: ParquetRequest): unknown {
  const [reason = ''] = error instanceof Error ? error.message.split('\n') : [];
  if (/^Out of Memory Error/i.test(reason))
    return new StreamFault({
      rule: 'decoded_too_large',
      expected: `rows that are read within ${limits.duckdbMemoryBytes} bytes of memory (limits.duckdbMemoryBytes)`,
      received: 'row groups that need more',
    });
  const isOfTheFile = /^[A-Za-z ]+ Error: /.test(reason);
  if (
    error instanceof StreamFault ||
    !isOfTheFile ||
    /No files found|Cannot open file|Permission denied/.test(reason)
  )
    return error;
  return damaged(reason.replaceAll(`"${path}"`, 'it').replaceAll(path, 'it').replace(/\.$/, ''));
}

function damaged(received: string): StreamFault {
  return new StreamFault({ rule: 'stream_corrupt', expected: 'a whole Parquet file', received });
}
