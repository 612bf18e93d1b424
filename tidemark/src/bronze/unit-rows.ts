import { sqlText } from './data-engine.ts';
import type { PreparedFiles, PreparedUnit } from './prepared-unit.ts';

/** One preparation of a unit: its rows bear both, wherever they have been moved to. */
export type Preparation = Pick<PreparedUnit, 'unitKey' | 'preparedBy'>;

/** SQL that is true of the rows of some preparations. In a compacted file this, and no name of a file, tells whose a row is. */
export function isRowOf(units: readonly Preparation[]): string {
  if (units.length === 0) return 'false';
  const pairs = units.map(({ unitKey, preparedBy }) => sqlText(preparationKey({ unitKey, preparedBy })));
  return `(unit_key || '@' || run_id) IN (${pairs.join(', ')})`;
}

export function preparationKey({ unitKey, preparedBy }: Preparation): string {
  return `${unitKey}@${preparedBy}`;
}

/** A unit's files in one table. */
export function filesInTable(unit: PreparedUnit, table: string): PreparedFiles | null {
  return unit.files.find((entry) => entry.table === table) ?? null;
}
