import { type DataEngine, sqlList, sqlName, sqlText } from '../data-engine.ts';
import { duckType } from '../iceberg/duck-columns.ts';
import type { TableSchema } from '../iceberg/schema.ts';
import { deletionSql } from './deletions.ts';
import { newestFirst, SPLIT, type VersionRule } from './version-rule.ts';

/** Rows of a table of which several may have one key. */
export interface Versions {
  readonly schema: TableSchema;
  readonly rule: VersionRule;
}

/** Values of one statement. */
const SPLITS_AT_ONCE = 500;

/** Enters which split each unit is of; what is not entered is of a source that is one. */
export async function enterSplits(engine: DataEngine, splits: ReadonlyMap<string, string>): Promise<void> {
  await engine.run('CREATE OR REPLACE TEMP TABLE splits (unit_key VARCHAR, split VARCHAR)');
  const values = [...splits].map(([unit, split]) => `(${sqlText(unit)}, ${sqlText(split)})`);
  for (let at = 0; at < values.length; at += SPLITS_AT_ONCE)
    await engine.run(`INSERT INTO splits VALUES ${values.slice(at, at + SPLITS_AT_ONCE).join(', ')}`);
}

/** The rows of data files that have a key, in the columns of the schema; one that a file lacks is null. */
export function keyedRows({ schema, rule }: Versions, paths: readonly string[]): string {
  const typed = schema.fields.map(({ name, type }) => `NULL::${duckType(type)} AS ${sqlName(name)}`);
  const none = `SELECT ${typed.join(', ')} WHERE false`;
  const stored =
    paths.length === 0
      ? ''
      : ` UNION ALL BY NAME SELECT * FROM read_parquet(${sqlList(paths)}, union_by_name = true)`;
  return `SELECT ${columnsOf(schema)} FROM (${none}${stored}) WHERE ${sqlName(rule.key)} IS NOT NULL`;
}

/** Of rows in the columns of the schema, the newest of each key, deletions among them. */
export function newestOf({ schema, rule }: Versions, rows: string): string {
  return `SELECT ${columnsOf(schema)}
    FROM (SELECT r.*, coalesce(s.split, '') AS ${SPLIT} FROM (${rows}) r LEFT JOIN splits s USING (unit_key))
    QUALIFY row_number() OVER (PARTITION BY ${sqlName(rule.key)} ORDER BY ${newestFirst(rule)}) = 1`;
}

/** The same without the keys whose newest row is a deletion: what a table of newest versions holds. */
export function standingOf(versions: Versions, rows: string): string {
  const deletion = deletionSql(versions.rule);
  const newest = newestOf(versions, rows);
  return deletion === null ? newest : `SELECT * FROM (${newest}) WHERE NOT (${deletion})`;
}

export function columnsOf(schema: TableSchema): string {
  return schema.fields.map(({ name }) => sqlName(name)).join(', ');
}
