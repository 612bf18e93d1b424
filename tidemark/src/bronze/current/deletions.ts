import { sqlName, sqlText } from '../data-engine.ts';
import type { DataFile } from '../iceberg/data-file.ts';
import { columnByName, type TableSchema } from '../iceberg/schema.ts';
import { compareSingleValues, decodeSingleValue } from '../iceberg/single-value.ts';
import type { DeletionRule, VersionRule } from './version-rule.ts';

/** Whether a row says that what its key names is gone, in SQL; null where no row of the table can. */
export function deletionSql({ deletion }: VersionRule): string | null {
  if (deletion === undefined) return null;
  const column = sqlName(deletion.column);
  if (deletion.values === null) return `${column} IS NOT NULL`;
  const values = deletion.values.map((value) => (typeof value === 'string' ? sqlText(value) : `${value}`));
  return `coalesce(${column} IN (${values.join(', ')}), false)`;
}

/** The same of one row, by the value of the rule's column as text or as it is. */
export function saysDeletion({ values }: DeletionRule, value: unknown): boolean {
  if (value == null) return false;
  return values === null || values.map(String).includes(String(value));
}

/** Files that may hold a deletion, as far as their statistics tell: what was loaded whole, before any change, holds none. */
export function mayHoldDeletions<File extends DataFile>(
  files: readonly File[],
  { schema, rule }: { schema: TableSchema; rule: VersionRule },
): readonly File[] {
  const { deletion } = rule;
  const column = deletion === undefined ? null : columnByName(schema, deletion.column);
  if (deletion === undefined || column === null) return [];
  const type = String(column.type);
  return files.filter(({ recordCount, nullValueCounts, lowerBounds, upperBounds }) => {
    if (nullValueCounts.get(column.id) === recordCount) return false;
    const [lower, upper] = [lowerBounds.get(column.id), upperBounds.get(column.id)];
    if (deletion.values === null || lower === undefined || upper === undefined) return true;
    const [from, to] = [decodeSingleValue(type, lower), decodeSingleValue(type, upper)];
    if (from === null || to === null) return true;
    return deletion.values.some(
      (value) => compareSingleValues(value, from) >= 0 && compareSingleValues(value, to) <= 0,
    );
  });
}
