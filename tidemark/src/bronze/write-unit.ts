import type { PreparedFiles } from '../commit/prepared-unit.ts';
import type { Contract } from '../contract/contract.ts';
import { type Anchors, anchorValues } from '../model/anchors.ts';
import type { Digest } from '../model/digest.ts';
import type { RefinedUnit } from '../refine/refined.ts';
import { type DataEngine, sqlList, sqlName, sqlText } from './data-engine.ts';
import { DUPLICATES, digestColumns, findDuplicates, foldLimbs } from './deduplicate.ts';
import type { DataFile } from './iceberg/data-file.ts';
import { duckType } from './iceberg/duck-columns.ts';
import type { OpenTable } from './open-table.ts';
import { writeDataFiles } from './write-data-files.ts';

export interface UnitTables {
  readonly bronze: OpenTable;
  readonly rejects: OpenTable;
  readonly skips: OpenTable;
}

export interface UnitToWrite {
  readonly anchors: Anchors;
  readonly unitKey: string;
  readonly sourceId: string;
  readonly contract: Contract;
  readonly refined: RefinedUnit;
  /** Null for units whose rows are not deduplicated one by one (asset rows). */
  readonly keeperFiles: readonly string[] | null;
  readonly payloadRef: string;
  readonly ingestedAt: string;
  readonly scratchDir: string;
}

export interface WrittenUnit {
  readonly files: readonly PreparedFiles[];
  readonly duplicates: number;
  /** Of the records that entered, and of those found to be there already. */
  readonly entered: Digest;
  readonly duplicate: Digest;
}

/** The columns that the scratch lines carry beside the contract's own. */
const PLACE = { record_line: 'BIGINT', record_offset: 'BIGINT', record_fingerprint: 'VARCHAR' };

/** Writes one refined unit: accepted rows, rejections, skips. Nothing of it is visible before the commit. */
export async function writeUnit(
  engine: DataEngine,
  tables: UnitTables,
  unit: UnitToWrite,
): Promise<WrittenUnit> {
  const { refined } = unit;
  const found =
    unit.keeperFiles === null
      ? { duplicates: 0 }
      : await findDuplicates(engine, { acceptedParts: refined.acceptedParts, keeperFiles: unit.keeperFiles });
  const bronze = await writeAccepted(engine, tables.bronze, { ...unit, duplicates: found.duplicates });
  const rejects = await writeRejects(engine, tables.rejects, unit);
  const skips = await writeSkips(engine, tables.skips, { ...unit, duplicates: found.duplicates });
  const duplicate = found.duplicates === 0 ? { count: 0, sum: 0n } : await duplicateDigest(engine);
  const modulus = 1n << 128n;
  const entered = {
    count: refined.accepted.count - duplicate.count,
    sum: (((refined.accepted.sum - duplicate.sum) % modulus) + modulus) % modulus,
  };
  const files = [
    prepared(tables.bronze, bronze),
    prepared(tables.rejects, rejects),
    prepared(tables.skips, skips),
  ].filter((entry) => entry.records > 0);
  return { files, duplicates: found.duplicates, entered, duplicate };
}

export function prepared(table: OpenTable, files: readonly DataFile[]): PreparedFiles {
  return {
    table: table.definition.name,
    files,
    records: files.reduce((sum, file) => sum + file.recordCount, 0),
    layout: table.layout,
  };
}

type Writing = UnitToWrite & { readonly duplicates: number };

async function writeAccepted(engine: DataEngine, table: OpenTable, unit: Writing): Promise<DataFile[]> {
  const contractNames = new Set(unit.contract.columns.map((column) => column.name));
  const types = table.schema.fields
    .filter((field) => contractNames.has(field.name))
    .map((field) => `${sqlName(field.name)}: ${sqlText(duckType(field.type))}`);
  const place = Object.entries(PLACE).map(([name, type]) => `${sqlName(name)}: ${sqlText(type)}`);
  const files: DataFile[] = [];
  for (const [part, path] of unit.refined.acceptedParts.entries()) {
    const filter = unit.duplicates > 0 ? `WHERE record_line NOT IN (SELECT line FROM ${DUPLICATES})` : '';
    const select = `SELECT *, ${constants(unit, table)} FROM ${jsonLines(path, [...types, ...place])} ${filter}`;
    files.push(...(await writeDataFiles(engine, { ...unit, table, select, part })));
  }
  return files;
}

async function writeRejects(engine: DataEngine, table: OpenTable, unit: UnitToWrite): Promise<DataFile[]> {
  if (unit.refined.rejectsPath === null) return [];
  const violation = 'STRUCT("rule" VARCHAR, "pointer" VARCHAR, "expected" VARCHAR, "received" VARCHAR)';
  const columns = [
    ...Object.entries({ ...PLACE, record_length: 'BIGINT' }),
    ['violations', `${violation}[]`] as const,
  ].map(([name, type]) => `${sqlName(name)}: ${sqlText(type)}`);
  const first = ['rule', 'pointer', 'expected', 'received'].map(
    (name) => `violations[1].${name} AS ${sqlName(name)}`,
  );
  const extra = {
    table_name: unit.contract.traits.table,
    contract_ref: unit.contract.ref,
    contract_hash: unit.contract.hash,
    payload_ref: unit.payloadRef,
  };
  const select = `SELECT *, ${first.join(', ')}, ${constants(unit, table, extra)}
    FROM ${jsonLines(unit.refined.rejectsPath, columns)}`;
  return await writeDataFiles(engine, { ...unit, table, select, part: 0 });
}

async function writeSkips(engine: DataEngine, table: OpenTable, unit: Writing): Promise<DataFile[]> {
  const sources: string[] = [];
  const constant = constants(unit, table, { table_name: unit.contract.traits.table });
  if (unit.duplicates > 0) {
    sources.push(
      `SELECT line AS record_line, record_offset, replace(fingerprint::VARCHAR, '-', '') AS record_fingerprint,
         'duplicate' AS outcome, occurrence,
         coalesce(keeper_unit_key, ${sqlText(unit.unitKey)}) AS keeper_unit_key,
         coalesce(keeper_run_id, ${sqlText(unit.anchors.runId)}) AS keeper_run_id,
         coalesce(keeper_batch_id, ${sqlText(unit.anchors.batchId)}) AS keeper_batch_id,
         coalesce(keeper_source_id, ${sqlText(unit.sourceId)}) AS keeper_source_id,
         keeper_line, NULL::VARCHAR AS cursor_value, ${constant} FROM ${DUPLICATES}`,
    );
  }
  if (unit.refined.outOfWindowPath !== null) {
    const columns = Object.entries({ ...PLACE, cursor_value: 'VARCHAR' }).map(
      ([name, type]) => `${sqlName(name)}: ${sqlText(type)}`,
    );
    sources.push(
      `SELECT record_line, record_offset, record_fingerprint, 'out_of_window' AS outcome, NULL::BIGINT AS occurrence,
         NULL::VARCHAR AS keeper_unit_key, NULL::VARCHAR AS keeper_run_id, NULL::VARCHAR AS keeper_batch_id,
         NULL::VARCHAR AS keeper_source_id, NULL::BIGINT AS keeper_line, cursor_value, ${constant}
       FROM ${jsonLines(unit.refined.outOfWindowPath, columns)}`,
    );
  }
  if (sources.length === 0) return [];
  return await writeDataFiles(engine, {
    ...unit,
    table,
    select: sources.join(' UNION ALL BY NAME '),
    part: 0,
  });
}

async function duplicateDigest(engine: DataEngine): Promise<Digest> {
  const [row] = await engine.rows(
    `SELECT ${digestColumns('f')} FROM (SELECT replace(fingerprint::VARCHAR, '-', '') AS f FROM ${DUPLICATES})`,
  );
  return foldLimbs(row ?? {});
}

/** Columns that have one value in every row of the unit. */
function constants(unit: UnitToWrite, table: OpenTable, extra: Record<string, string> = {}): string {
  const values: Record<string, string> = {
    ...anchorValues(unit.anchors),
    source_id: unit.sourceId,
    unit_key: unit.unitKey,
    ...extra,
  };
  const known = new Set(table.schema.fields.map((field) => field.name));
  return [
    ...Object.entries(values)
      .filter(([name]) => known.has(name))
      .map(([name, value]) => `${sqlText(value)} AS ${sqlName(name)}`),
    `${sqlText(unit.ingestedAt)}::TIMESTAMPTZ AS ingested_at`,
  ].join(', ');
}

/** Scratch lines with declared columns: nothing is sniffed, nothing is guessed. */
function jsonLines(path: string, columns: readonly string[]): string {
  return `read_json(${sqlList([path])}, format = 'newline_delimited', maximum_object_size = 16777216,
    columns = {${columns.join(', ')}}, timestampformat = '%Y-%m-%d %H:%M:%S.%f+00', dateformat = '%Y-%m-%d')`;
}
