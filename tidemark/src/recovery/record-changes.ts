import { type OpenEngine, sqlList, sqlText } from '../bronze/data-engine.ts';
import type { PreparedUnit } from '../bronze/prepared-unit.ts';
import { pathOf } from '../bronze/table-io.ts';
import { REJECTS_TABLE } from '../model/table-names.ts';
import type { RecordChanges } from './recovery-plan.ts';

const EXAMPLES_MAX = 10;

/** Which records would be rejected no more, newly, or for another reason: the old rejections held against the new. */
export async function recordChanges(
  unit: PreparedUnit,
  { rejectsPath, openEngine }: { rejectsPath: string | null; openEngine: OpenEngine },
): Promise<RecordChanges> {
  const files = unit.files.flatMap((entry) => (entry.table === REJECTS_TABLE ? entry.files : []));
  const before =
    files.length === 0
      ? 'SELECT NULL::BIGINT AS line, NULL::VARCHAR AS rule WHERE false'
      : `SELECT record_line AS line, rule || ' ' || coalesce(pointer, '') AS rule
         FROM read_parquet(${sqlList(files.map((file) => pathOf(file.uri)))}, union_by_name = true)
         WHERE unit_key = ${sqlText(unit.unitKey)}`;
  const after =
    rejectsPath === null
      ? 'SELECT NULL::BIGINT AS line, NULL::VARCHAR AS rule WHERE false'
      : `SELECT record_line AS line, violations[1].rule || ' ' || coalesce(violations[1].pointer, '') AS rule
         FROM read_json(${sqlText(rejectsPath)}, format = 'newline_delimited', columns = {record_line: 'BIGINT',
           violations: 'STRUCT("rule" VARCHAR, "pointer" VARCHAR)[]'})`;
  await using duck = await openEngine();
  const changed = `SELECT coalesce(b.line, a.line) AS line, b.rule AS before, a.rule AS after
    FROM (${before}) b FULL JOIN (${after}) a USING (line) WHERE b.rule IS DISTINCT FROM a.rule`;
  const [count] = await duck.rows(
    `SELECT count(*) FILTER (after IS NULL) AS admitted, count(*) FILTER (before IS NULL) AS rejected,
       count(*) AS changed FROM (${changed})`,
  );
  const examples = await duck.rows(`SELECT * FROM (${changed}) ORDER BY line LIMIT ${EXAMPLES_MAX}`);
  const [admitted, rejected] = [Number(count?.admitted), Number(count?.rejected)];
  return {
    admitted,
    rejected,
    otherwise: Number(count?.changed) - admitted - rejected,
    examples: examples.map((row) => ({
      line: Number(row.line),
      before: outcome(row.before),
      after: outcome(row.after),
    })),
  };
}

function outcome(rule: unknown): string {
  return rule === null || rule === undefined ? 'not rejected' : `rejected: ${String(rule).trim()}`;
}
