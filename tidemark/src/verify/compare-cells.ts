import { acceptedLines } from '../bronze/accepted-lines.ts';
import { type DataEngine, type OpenEngine, sqlList, sqlName, sqlText } from '../bronze/data-engine.ts';
import { currentSchema, type TableMetadata } from '../bronze/iceberg/table-metadata.ts';
import { memoryLadder } from '../bronze/memory-ladder.ts';
import type { Contract } from '../contract/contract.ts';
import type { RefinedUnit } from '../refine/refined.ts';

/** Rows that are named; all that differ are counted. */
const NAMED_MAX = 20;

/** Rows among which differing ones are looked for directly; more are halved by fingerprint first. */
const DIRECTLY_MAX = 10_000;

/** Hexadecimal digits by which a range of fingerprints is narrowed at a time: 256 ranges. */
const DIGITS = 2;

export interface DifferingCells {
  readonly compared: number;
  readonly differing: number;
  readonly rows: readonly {
    /** Null for an asset's row. */
    readonly line: number | null;
    readonly fingerprint: string;
    /** Columns whose cells differ; empty where the row is on one side alone. */
    readonly columns: readonly string[];
  }[];
}

interface Sides {
  readonly unitKey: string;
  readonly files: readonly string[];
  readonly refined: RefinedUnit;
  readonly contract: Contract;
  readonly schema: TableMetadata;
}

/**
 * Compares a unit's rows with what its raw bytes come to. Each row is one hash over its cells; hashes are summed by range
 * of fingerprints, and only ranges whose sums differ are looked into, down to the rows.
 */
export async function compareCells(open: OpenEngine, sides: Sides): Promise<DifferingCells> {
  return await memoryLadder(open)(async (duck) => {
    await load(duck, sides);
    const [counted] = await duck.rows('SELECT count(*) AS rows FROM stored');
    const compared = Number(counted?.rows);
    const ranges = await differingRanges(duck, '');
    if (ranges.length === 0) return { compared, differing: 0, rows: [] };
    return { compared, ...(await nameRows(duck, { sides, ranges })) };
  });
}

async function load(duck: DataEngine, sides: Sides): Promise<void> {
  const cells = cellsOf(sides).map(sqlName).join(', ');
  const columns = `coalesce(record_line, 0) AS line, record_fingerprint AS fp, hash(record_offset, ${cells}) AS cells`;
  const whole = `read_parquet(${sqlList(sides.files)}, union_by_name = true)`;
  await duck.run(
    `CREATE TABLE stored AS SELECT ${columns} FROM ${whole} WHERE unit_key = ${sqlText(sides.unitKey)}`,
  );
  await duck.run('CREATE TABLE projected (line BIGINT, fp VARCHAR, cells UBIGINT)');
  // What raw bytes come to and did not enter was a duplicate: the unit's account tells of it.
  for (const lines of linesOf(sides))
    await duck.run(
      `INSERT INTO projected SELECT ${columns} FROM ${lines} WHERE coalesce(record_line, 0) IN (SELECT line FROM stored)`,
    );
}

function cellsOf({ schema, contract }: Sides): string[] {
  const own = new Set(contract.columns.map(({ name }) => name));
  return currentSchema(schema).fields.flatMap(({ name }) => (own.has(name) ? [name] : []));
}

function linesOf({ refined, contract, schema }: Sides): string[] {
  const { longestLineBytes } = refined;
  return refined.acceptedParts.map((path) =>
    acceptedLines({ path, schema: currentSchema(schema), contract, longestLineBytes }),
  );
}

/** Beginnings of fingerprints under which the two sides differ, narrowed until few rows are left under each. */
async function differingRanges(duck: DataEngine, beginning: string): Promise<string[]> {
  const digits = beginning.length + DIGITS;
  const side = (table: string) =>
    `SELECT substr(fp, 1, ${digits}) AS range, count(*) AS rows, sum(cells) AS cells
     FROM ${table} WHERE starts_with(fp, ${sqlText(beginning)}) GROUP BY 1`;
  const differing = await duck.rows(
    `SELECT coalesce(s.range, p.range) AS range, coalesce(s.rows, 0) + coalesce(p.rows, 0) AS rows
     FROM (${side('stored')}) s FULL JOIN (${side('projected')}) p USING (range)
     WHERE s.rows IS DISTINCT FROM p.rows OR s.cells IS DISTINCT FROM p.cells ORDER BY 1`,
  );
  const ranges: string[] = [];
  for (const { range, rows } of differing) {
    const narrow = Number(rows) <= DIRECTLY_MAX || digits >= 8 || ranges.length > NAMED_MAX;
    ranges.push(...(narrow ? [String(range)] : await differingRanges(duck, String(range))));
  }
  return ranges;
}

async function nameRows(
  duck: DataEngine,
  { sides, ranges }: { sides: Sides; ranges: readonly string[] },
): Promise<Pick<DifferingCells, 'differing' | 'rows'>> {
  const within = ranges.map((range) => `starts_with(fp, ${sqlText(range)})`).join(' OR ');
  await duck.run(
    `CREATE TABLE differing AS SELECT line, fp FROM (FROM stored WHERE ${within}) s
     FULL JOIN (FROM projected WHERE ${within}) p USING (line, fp) WHERE s.cells IS DISTINCT FROM p.cells`,
  );
  const [counted] = await duck.rows('SELECT count(DISTINCT line) AS rows FROM differing');
  const named = await duck.rows(
    `SELECT line, min(fp) AS fp FROM differing GROUP BY line ORDER BY line LIMIT ${NAMED_MAX}`,
  );
  const columns = await differingColumns(duck, {
    sides,
    lines: named.map(({ line }) => String(line)),
  });
  return {
    differing: Number(counted?.rows),
    rows: named.map(({ line, fp }) => ({
      line: Number(line) === 0 ? null : Number(line),
      fingerprint: String(fp),
      columns: columns.get(String(line)) ?? [],
    })),
  };
}

async function differingColumns(
  duck: DataEngine,
  { sides, lines }: { sides: Sides; lines: readonly string[] },
): Promise<Map<string, string[]>> {
  const names = [...cellsOf(sides), 'record_offset', 'record_fingerprint'];
  const chosen = `coalesce(record_line, 0) IN (${lines.join(', ')})`;
  const stored = `SELECT coalesce(record_line, 0) AS at, * FROM read_parquet(${sqlList(sides.files)}, union_by_name = true)
    WHERE unit_key = ${sqlText(sides.unitKey)} AND ${chosen}`;
  const parts = linesOf(sides).map(
    (part) => `SELECT coalesce(record_line, 0) AS at, * FROM ${part} WHERE ${chosen}`,
  );
  const found = new Map<string, string[]>();
  if (parts.length === 0) return found;
  const flags = names.map(
    (name) => `CASE WHEN s.${sqlName(name)} IS DISTINCT FROM p.${sqlName(name)} THEN ${sqlText(name)} END`,
  );
  const rows = await duck.rows(
    `SELECT s.at, concat_ws('\n', ${flags.join(', ')}) AS columns
     FROM (${stored}) s JOIN (${parts.join(' UNION ALL BY NAME ')}) p ON s.at = p.at`,
  );
  for (const { at, columns } of rows) found.set(String(at), String(columns).split('\n').filter(Boolean));
  return found;
}
