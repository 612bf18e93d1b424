import { rm } from 'node:fs/promises';
import type { Contract } from '../contract/contract.ts';
import { type Anchors, anchorValues } from '../model/anchors.ts';
import type { RefinedUnit, UnitFiles } from '../refine/refined.ts';
import { acceptedLines, jsonLines, PLACE } from './accepted-lines.ts';
import { type DataEngine, sqlList, sqlName, sqlText } from './data-engine.ts';
import type { Duplicates } from './deduplicate.ts';
import type { DataFile } from './iceberg/data-file.ts';
import { type Unexpected, unexpectedIn } from './observed-schema.ts';
import type { OpenTable } from './open-table.ts';
import type { ConstantColumns } from './sorted-rows.ts';
import { writeDataFiles } from './write-data-files.ts';

/** What the rows of a unit have in common. */
export interface UnitOrigin {
  readonly anchors: Anchors;
  readonly unitKey: string;
  readonly sourceId: string;
  readonly contract: Contract;
  readonly payloadRef: string;
  readonly ingestedAt: string;
  readonly scratchDir: string;
}

/** One COPY into one table. It may be done again from its beginning until it was done. */
export type Work = (engine: DataEngine) => Promise<DataFile[]>;

/** A part of the accepted lines, without those that are duplicates. Its scratch file is removed once it is written. */
export function acceptedWork(
  table: OpenTable,
  unit: UnitOrigin &
    Pick<UnitFiles, 'longestLineBytes'> & { path: string; part: number; duplicates: string | null },
): Work {
  const { path, duplicates } = unit;
  const filter = duplicates === null ? '' : `ANTI JOIN ${parquet([duplicates])} d ON d.line = a.record_line`;
  const lines = acceptedLines({ ...unit, schema: table.schema });
  const writing = {
    ...unit,
    table,
    select: `SELECT * FROM ${lines} a ${filter}`,
    constants: constants(unit),
  };
  return async (engine) => {
    // DuckDB takes the duplicates to be more than the lines, and would hold all lines for the join: twice the time.
    await engine.run("SET disabled_optimizers = 'build_side_probe_side'");
    const files = await writeDataFiles(engine, writing);
    await rm(path);
    return files;
  };
}

export function rejectsWork(
  table: OpenTable,
  unit: UnitOrigin & { refined: RefinedUnit },
  onUnexpected: (found: readonly Unexpected[]) => void,
): Work[] {
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
  const { rejectsPath: path, longestLineBytes } = unit.refined;
  const select = `SELECT *, ${first.join(', ')} FROM ${jsonLines({ path, columns, longestLineBytes })}`;
  const writing = { ...unit, table, select, constants: constants(unit, extra), part: 0 };
  return [
    async (engine) => {
      const files = await writeDataFiles(engine, writing);
      onUnexpected(await unexpectedIn(engine, { path, columns, longestLineBytes }));
      return files;
    },
  ];
}

export function skipsWork(
  table: OpenTable,
  unit: UnitOrigin & { refined: RefinedUnit; duplicates: readonly Duplicates[] },
): Work[] {
  const sources: string[] = [];
  const { longestLineBytes } = unit.refined;
  const duplicates = unit.duplicates.flatMap(({ path }) => path ?? []);
  if (duplicates.length > 0) {
    sources.push(
      `SELECT line AS record_line, record_offset, replace(fingerprint::VARCHAR, '-', '') AS record_fingerprint,
         'duplicate' AS outcome, occurrence,
         coalesce(keeper_unit_key, ${sqlText(unit.unitKey)}) AS keeper_unit_key,
         coalesce(keeper_run_id, ${sqlText(unit.anchors.runId)}) AS keeper_run_id,
         coalesce(keeper_batch_id, ${sqlText(unit.anchors.batchId)}) AS keeper_batch_id,
         coalesce(keeper_source_id, ${sqlText(unit.sourceId)}) AS keeper_source_id,
         keeper_line, NULL::VARCHAR AS cursor_value FROM ${parquet(duplicates)}`,
    );
  }
  if (unit.refined.outOfWindowPath !== null) {
    const columns = Object.entries({ ...PLACE, cursor_value: 'VARCHAR' }).map(
      ([name, type]) => `${sqlName(name)}: ${sqlText(type)}`,
    );
    sources.push(
      `SELECT record_line, record_offset, record_fingerprint, 'out_of_window' AS outcome, NULL::BIGINT AS occurrence,
         NULL::VARCHAR AS keeper_unit_key, NULL::VARCHAR AS keeper_run_id, NULL::VARCHAR AS keeper_batch_id,
         NULL::VARCHAR AS keeper_source_id, NULL::BIGINT AS keeper_line, cursor_value
       FROM ${jsonLines({ path: unit.refined.outOfWindowPath, columns, longestLineBytes })}`,
    );
  }
  if (sources.length === 0) return [];
  const select = sources.join(' UNION ALL BY NAME ');
  const named = constants(unit, { table_name: unit.contract.traits.table });
  const writing = { ...unit, table, select, constants: named, part: 0 };
  return [(engine) => writeDataFiles(engine, writing)];
}

/** Columns that have one value in every row of the unit. */
function constants(unit: UnitOrigin, extra: Record<string, string> = {}): ConstantColumns {
  const values: Record<string, string> = {
    ...anchorValues(unit.anchors),
    source_id: unit.sourceId,
    unit_key: unit.unitKey,
    ...extra,
  };
  const texts = Object.entries(values).map(([name, value]) => [name, sqlText(value)] as const);
  return { ...Object.fromEntries(texts), ingested_at: `${sqlText(unit.ingestedAt)}::TIMESTAMPTZ` };
}

function parquet(paths: readonly string[]): string {
  return `read_parquet(${sqlList(paths)})`;
}
