import type { Contract } from '../contract/contract.ts';
import { jsonLines } from './accepted-lines.ts';
import { type DataEngine, sqlList } from './data-engine.ts';
import type { DataFile } from './iceberg/data-file.ts';
import type { TableSchema } from './iceberg/schema.ts';

/** What the records of a unit were seen to be like, beside what their contract says; bounded, whatever is in them. */
export interface ObservedSchema {
  /** Properties that at least one row has. */
  readonly filled: readonly string[];
  /** What rejected records had and their contract does not allow, the most frequent first. */
  readonly unexpected: readonly Unexpected[];
}

export interface Unexpected {
  /** RFC 6901; `*` stands for any item. */
  readonly pointer: string;
  /** A property that is not named, or a value of another type. */
  readonly rule: string;
  readonly received: string;
  readonly records: number;
}

/** Kept of one unit. */
const UNEXPECTED_MAX = 100;
const RULES = ['additionalProperties', 'unevaluatedProperties', 'type'];

/** From the counts of data files alone; nothing is read. Lists have none, and are never told of. */
export function filledProperties(
  files: readonly DataFile[],
  { schema, contract }: { schema: TableSchema; contract: Contract },
): string[] {
  const ids = new Map(schema.fields.map(({ id, name }) => [name, id]));
  return contract.columns.flatMap(({ name, property }) => {
    const id = ids.get(name) ?? -1;
    const filled = files.some(
      ({ valueCounts, nullValueCounts }) => (valueCounts.get(id) ?? 0) > (nullValueCounts.get(id) ?? 0),
    );
    return filled ? [property] : [];
  });
}

/** Places of items are one place; twice, since neighbours share the slash between them. */
function items(pointer: string): string {
  const once = (text: string) => `regexp_replace(${text}, '/[0-9]+/', '/*/', 'g')`;
  return once(once(pointer));
}

/** From the scratch lines of rejections, which are few, or else are what there is to tell. */
export async function unexpectedIn(
  engine: DataEngine,
  { path, columns, longestLineBytes }: { path: string; columns: readonly string[]; longestLineBytes: number },
): Promise<Unexpected[]> {
  const rows = await engine.rows(
    `SELECT v.rule AS rule, rtrim(${items("v.pointer || '/'")}, '/') AS pointer,
       CASE WHEN v.received LIKE '"%' THEN 'string' WHEN v.received LIKE '{%' THEN 'object'
         WHEN v.received LIKE '[%' THEN 'array' WHEN v.received IN ('true', 'false') THEN 'boolean'
         WHEN v.received = 'null' THEN 'null' WHEN v.received = '…' THEN 'withheld' ELSE 'number' END AS received, count(DISTINCT line) AS records
     FROM (SELECT record_line AS line, unnest(violations) AS v FROM ${jsonLines({ path, columns, longestLineBytes })})
     WHERE list_contains(${sqlList(RULES)}, v.rule)
     GROUP BY ALL ORDER BY records DESC, pointer, rule, received LIMIT ${UNEXPECTED_MAX}`,
  );
  return rows.map(({ rule, pointer, received, records }) => ({
    rule: String(rule),
    pointer: String(pointer),
    received: String(received),
    records: Number(records),
  }));
}
