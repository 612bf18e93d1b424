// DuckDB alone, nothing checked and nothing proven: node convert-bare.ts <file.jsonl> <file.parquet>
import { dirname, join } from 'node:path';
import { DuckDBInstance, version } from '@duckdb/node-api';
import { sqlName, sqlText } from '../tidemark/src/bronze/data-engine.ts';
import { duckType } from '../tidemark/src/bronze/iceberg/duck-columns.ts';
import { icebergSchema } from '../tidemark/src/bronze/iceberg/schema.ts';
import { contractTable } from '../tidemark/src/bronze/table-definitions.ts';
import { loadContracts } from '../tidemark/src/contract/load-contracts.ts';
import { DEFAULT_LIMITS } from '../tidemark/src/model/limits.ts';
import { type PeakMemory, peakMemory } from './peak-memory.ts';

/** What the process prints. */
export interface Converted {
  readonly rows: number;
  readonly duckdb: string;
  readonly threads: number;
  readonly peak: PeakMemory;
}

const CONTRACT = 'omni://contracts/data/ticket/v1';

/** The ticket's own properties in the types that Bronze gives them. */
async function ticketColumns(): Promise<string> {
  const dir = join(dirname(import.meta.dirname), 'contracts/data');
  const found = (await loadContracts({ dir, limits: DEFAULT_LIMITS })).get(CONTRACT);
  if (found.kind !== 'contract') throw new Error(`${CONTRACT} cannot be loaded`);
  const { fields } = icebergSchema(contractTable(found.contract).columns);
  const types = new Map(fields.map((field) => [field.name, duckType(field.type)]));
  const names = Object.keys(found.contract.schema.properties ?? {});
  const columns = names.map((name) => `${sqlName(name)}: ${sqlText(types.get(name) ?? 'VARCHAR')}`);
  return `{${columns.join(', ')}}`;
}

async function convertBare([from = '', to = '']: readonly string[]): Promise<Omit<Converted, 'peak'>> {
  const threads = DEFAULT_LIMITS.duckdbThreads;
  // All but the number of threads is DuckDB's default: its memory, its row groups, the order of rows kept.
  const duck = await DuckDBInstance.create(':memory:', { threads: String(threads) });
  const connection = await duck.connect();
  await connection.run("SET TimeZone = 'UTC'");
  // Planted records of a wrong type would stop it: their one value becomes null.
  const source = `read_json(${sqlText(from)}, format = 'newline_delimited', ignore_errors = true, columns = ${await ticketColumns()})`;
  const copied = await connection.runAndReadAll(
    `COPY (SELECT * FROM ${source}) TO ${sqlText(to)} (FORMAT parquet, COMPRESSION zstd)`,
  );
  const rows = Number(copied.getRows()[0]?.[0]);
  connection.closeSync();
  duck.closeSync();
  return { rows, duckdb: version(), threads };
}

const converted = await convertBare(process.argv.slice(2));
process.stdout.write(JSON.stringify({ ...converted, peak: peakMemory() }));
