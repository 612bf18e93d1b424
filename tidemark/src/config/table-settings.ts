import { isMap, isScalar, isSeq, type Node } from 'yaml';
import { UNIQUENESS, type Uniqueness } from '../model/uniqueness.ts';
import type { Refuse } from './refuse.ts';

/** What the project says of tables, each by its name. */
export interface TableSettings {
  readonly partitionBy: Readonly<Record<string, readonly string[]>>;
  /** What may come once alone. Beats the contract, which may be one of the built-in ones. */
  readonly unique: Readonly<Record<string, Uniqueness>>;
}

/** `tables` of `tidemark.yaml`. */
export function tableSettingsFrom(node: Node | undefined, refuse: Refuse): TableSettings {
  if (node === undefined) return { partitionBy: {}, unique: {} };
  if (!isMap(node)) return refuse(node, 'tables: expected a mapping of table names');
  const partitionBy: Record<string, string[]> = {};
  const unique: Record<string, Uniqueness> = {};
  for (const { key, value } of node.items) {
    const table = String(isScalar(key) ? key.value : key);
    if (!isMap(value) || value.items.length === 0)
      return refuse(value as Node, `tables.${table}: expected partition_by or unique`);
    for (const field of value.items) {
      const name = String(isScalar(field.key) ? field.key.value : field.key);
      const setting = field.value as Node;
      if (name === 'partition_by' && isSeq(setting))
        partitionBy[table] = setting.items.map((item) => String(isScalar(item) ? item.value : item));
      else if (name === 'unique') unique[table] = uniqueFrom(setting, { table, refuse });
      else
        return refuse(
          setting,
          `tables.${table}: expected partition_by, a list such as ["day(created_at)"], or unique`,
        );
    }
  }
  return { partitionBy, unique };
}

function uniqueFrom(node: Node, { table, refuse }: { table: string; refuse: Refuse }): Uniqueness {
  const value = isScalar(node) ? node.value : null;
  const known = UNIQUENESS.find((name) => name === value);
  return known ?? refuse(node, `tables.${table}.unique: expected one of ${UNIQUENESS.join(', ')}`);
}
