import type { Contract } from '../contract/contract.ts';
import { type Anchors, anchorValues } from '../model/anchors.ts';
import { type Digest, withoutDigest } from '../model/digest.ts';
import type { RefinedUnit } from '../refine/refined.ts';
import { acceptedLines, jsonLines, PLACE } from './accepted-lines.ts';
import { type DataEngine, type OpenEngine, sqlName, sqlText } from './data-engine.ts';
import { type Duplicates, findDuplicates, NO_DUPLICATES } from './deduplicate.ts';
import type { DataFile } from './iceberg/data-file.ts';
import { memoryLadder, type WithEngine } from './memory-ladder.ts';
import { filledProperties, type ObservedSchema, type Unexpected, unexpectedIn } from './observed-schema.ts';
import type { OpenTable } from './open-table.ts';
import type { PreparedFiles } from './prepared-unit.ts';
import { shareEngines } from './share-engines.ts';
import type { ConstantColumns } from './sorted-rows.ts';
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
  /** Data files that are written at a time. */
  readonly copiesAtOnce: number;
}

export interface WrittenUnit {
  readonly files: readonly PreparedFiles[];
  readonly duplicates: number;
  /** Of the records that entered, and of those found to be there already. */
  readonly entered: Digest;
  readonly duplicate: Digest;
  readonly observed: ObservedSchema;
}

/**
 * Writes one refined unit: accepted rows, rejections, skips. Nothing of it is visible before the commit. Every COPY has
 * a DuckDB of its own: one instance kept for 11 parts grew from 0.54 to 0.74 GB, a fresh one a part stays at 0.45.
 */
export async function writeUnit(
  open: OpenEngine,
  tables: UnitTables,
  unit: UnitToWrite,
): Promise<WrittenUnit> {
  const { refined } = unit;
  const withEngine = memoryLadder(open);
  const duplicates = await duplicatesOf(withEngine, unit);
  const written = { ...unit, duplicates };
  const unexpected: Unexpected[] = [];
  const works = [
    ...acceptedWorks(tables.bronze, written),
    ...rejectsWork(tables.rejects, unit, (found) => unexpected.push(...found)),
    ...skipsWork(tables.skips, written),
  ];
  const shares = Math.max(1, Math.min(unit.copiesAtOnce, works.length));
  const results = await shareEngines(
    { open, alone: withEngine, shares },
    works.map(({ write }) => write),
  );
  const filesOf = (table: OpenTable) =>
    works.flatMap((work, at) => (work.table === table ? (results[at] ?? []) : []));
  const files = [tables.bronze, tables.rejects, tables.skips]
    .map((table) => prepared(table, filesOf(table)))
    .filter((entry) => entry.records > 0);
  const entered = withoutDigest(refined.accepted, duplicates.digest);
  const observed = {
    filled: filledProperties(filesOf(tables.bronze), { ...unit, ...tables.bronze }),
    unexpected,
  };
  return { files, duplicates: duplicates.count, entered, duplicate: duplicates.digest, observed };
}

async function duplicatesOf(withEngine: WithEngine, unit: UnitToWrite): Promise<Duplicates> {
  const { keeperFiles, scratchDir } = unit;
  if (keeperFiles === null) return NO_DUPLICATES;
  const { fingerprintsPath } = unit.refined;
  return await withEngine((engine) => findDuplicates(engine, { fingerprintsPath, keeperFiles, scratchDir }));
}

export function prepared(table: OpenTable, files: readonly DataFile[]): PreparedFiles {
  return {
    table: table.definition.name,
    files,
    records: files.reduce((sum, file) => sum + file.recordCount, 0),
    layout: table.layout,
  };
}

type Writing = UnitToWrite & { readonly duplicates: Duplicates };

/** One COPY into one table. */
interface Work {
  readonly table: OpenTable;
  write(engine: DataEngine): Promise<DataFile[]>;
}

function acceptedWorks(table: OpenTable, unit: Writing): Work[] {
  const { path: duplicates } = unit.duplicates;
  const filter = duplicates === null ? '' : `ANTI JOIN ${parquet(duplicates)} d ON d.line = a.record_line`;
  const { longestLineBytes } = unit.refined;
  return unit.refined.acceptedParts.map((path, part) => {
    const lines = acceptedLines({ path, schema: table.schema, contract: unit.contract, longestLineBytes });
    const select = `SELECT * FROM ${lines} a ${filter}`;
    const writing = { ...unit, table, select, constants: constants(unit), part };
    const write = async (engine: DataEngine) => {
      // DuckDB takes the duplicates to be more than the lines, and would hold all lines for the join: twice the time.
      await engine.run("SET disabled_optimizers = 'build_side_probe_side'");
      return await writeDataFiles(engine, writing);
    };
    return { table, write };
  });
}

function rejectsWork(
  table: OpenTable,
  unit: UnitToWrite,
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
  const write = async (engine: DataEngine) => {
    const files = await writeDataFiles(engine, writing);
    onUnexpected(await unexpectedIn(engine, { path, columns, longestLineBytes }));
    return files;
  };
  return [{ table, write }];
}

function skipsWork(table: OpenTable, unit: Writing): Work[] {
  const sources: string[] = [];
  const { longestLineBytes } = unit.refined;
  if (unit.duplicates.path !== null) {
    sources.push(
      `SELECT line AS record_line, record_offset, replace(fingerprint::VARCHAR, '-', '') AS record_fingerprint,
         'duplicate' AS outcome, occurrence,
         coalesce(keeper_unit_key, ${sqlText(unit.unitKey)}) AS keeper_unit_key,
         coalesce(keeper_run_id, ${sqlText(unit.anchors.runId)}) AS keeper_run_id,
         coalesce(keeper_batch_id, ${sqlText(unit.anchors.batchId)}) AS keeper_batch_id,
         coalesce(keeper_source_id, ${sqlText(unit.sourceId)}) AS keeper_source_id,
         keeper_line, NULL::VARCHAR AS cursor_value FROM ${parquet(unit.duplicates.path)}`,
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
  return [{ table, write: (engine) => writeDataFiles(engine, writing) }];
}

/** Columns that have one value in every row of the unit. */
function constants(unit: UnitToWrite, extra: Record<string, string> = {}): ConstantColumns {
  const values: Record<string, string> = {
    ...anchorValues(unit.anchors),
    source_id: unit.sourceId,
    unit_key: unit.unitKey,
    ...extra,
  };
  const texts = Object.entries(values).map(([name, value]) => [name, sqlText(value)] as const);
  return { ...Object.fromEntries(texts), ingested_at: `${sqlText(unit.ingestedAt)}::TIMESTAMPTZ` };
}

function parquet(path: string): string {
  return `read_parquet(${sqlText(path)})`;
}
