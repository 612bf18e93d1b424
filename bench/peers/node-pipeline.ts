// What one writes without an engine: JSON.parse, Ajv, canonical text, SHA-256, a set of fingerprints, and rows appended to
// a DuckDB table that is copied to Parquet. No source hash, no evidence, no commit.
// node node-pipeline.ts <file.jsonl> <schema.json> <out.parquet>
import { hash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { DuckDBInstance, DuckDBTimestampTZValue, LIST, listValue, VARCHAR } from '@duckdb/node-api';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

interface Property {
  readonly type?: string | readonly string[];
  readonly format?: string;
}
type Schema = { readonly properties: Readonly<Record<string, Property>>; readonly $schema?: string };
type Kind = 'list' | 'boolean' | 'time' | 'text';

/** What the process prints. */
export interface Piped {
  readonly rows: number;
  readonly accepted: number;
  readonly duplicate: number;
  readonly invalid: number;
}

async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 1024 * 1024 })) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical((value as Record<string, unknown>)[name])}`).join(',')}}`;
}

function kindOf({ type, format }: Property): Kind {
  const types = [type ?? []].flat();
  if (types.includes('array')) return 'list';
  if (types.includes('boolean')) return 'boolean';
  return format === 'date-time' ? 'time' : 'text';
}

const SQL = { list: 'VARCHAR[]', boolean: 'BOOLEAN', time: 'TIMESTAMPTZ', text: 'VARCHAR' } as const;

async function pipe([source = '', schemaPath = '', out = '']: readonly string[]): Promise<Piped> {
  const { $schema: _, ...schema } = JSON.parse(readFileSync(schemaPath, 'utf8')) as Schema;
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  const columns = Object.entries(schema.properties).map(([name, property]) => ({
    name,
    kind: kindOf(property),
  }));

  const duck = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await duck.connect();
  await connection.run(
    `CREATE TABLE ticket (fingerprint VARCHAR, ${columns.map(({ name, kind }) => `"${name}" ${SQL[kind]}`).join(', ')})`,
  );
  const appender = await connection.createAppender('ticket');
  const seen = new Set<string>();
  let rows = 0;
  let invalid = 0;
  for await (const line of linesOf(source)) {
    rows += 1;
    const record = JSON.parse(line) as Record<string, unknown>;
    if (!validate(record)) {
      invalid += 1;
      continue;
    }
    const fingerprint = hash('sha256', canonical(record));
    if (seen.has(fingerprint)) continue;
    seen.add(fingerprint);
    appender.appendVarchar(fingerprint);
    for (const { name, kind } of columns) {
      const value = record[name];
      if (value === undefined || value === null) appender.appendNull();
      else if (kind === 'list') appender.appendList(listValue(value as string[]), LIST(VARCHAR));
      else if (kind === 'boolean') appender.appendBoolean(value as boolean);
      else if (kind === 'time')
        appender.appendTimestampTZ(new DuckDBTimestampTZValue(BigInt(Date.parse(value as string)) * 1000n));
      else appender.appendVarchar(typeof value === 'string' ? value : JSON.stringify(value));
    }
    appender.endRow();
  }
  appender.closeSync();
  await connection.run(`COPY ticket TO '${out}' (FORMAT parquet, COMPRESSION zstd)`);
  connection.closeSync();
  duck.closeSync();
  return { rows, accepted: seen.size, duplicate: rows - invalid - seen.size, invalid };
}

process.stdout.write(JSON.stringify(await pipe(process.argv.slice(2))));
