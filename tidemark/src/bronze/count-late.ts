import { type OpenEngine, sqlList, sqlName, sqlText } from './data-engine.ts';

/** Accepted records that lie behind where the cursor stood before the run. */
export interface LateRecords {
  readonly field: string;
  readonly cursor: string;
  /** Not farther behind than the declared lookback. */
  readonly within: number;
  readonly behind: number;
}

const CASTS = {
  timestamptz: 'TIMESTAMPTZ',
  date: 'DATE',
  long: 'BIGINT',
  double: 'DOUBLE',
  string: 'VARCHAR',
} as const;

/** Counted in the data files of a unit; keys are in the form that tables keep values in. */
export async function countLate(
  openEngine: OpenEngine,
  late: {
    files: readonly string[];
    column: string;
    type: keyof typeof CASTS;
    cursorKey: string;
    backKey: string;
  },
): Promise<{ within: number; behind: number }> {
  const { files, column, type, cursorKey, backKey } = late;
  if (files.length === 0) return { within: 0, behind: 0 };
  const at = (key: string) => `CAST(${sqlText(key)} AS ${CASTS[type]})`;
  const name = sqlName(column);
  await using engine = await openEngine();
  const [row] = await engine.rows(
    `SELECT count(*) FILTER (${name} < ${at(cursorKey)} AND ${name} >= ${at(backKey)}) AS within,
       count(*) FILTER (${name} < ${at(backKey)}) AS behind
     FROM read_parquet(${sqlList(files)}, union_by_name = true)`,
  );
  return { within: Number(row?.within ?? 0), behind: Number(row?.behind ?? 0) };
}
