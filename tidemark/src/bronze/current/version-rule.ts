import { sqlName } from '../data-engine.ts';

/** By which rows are versions of one thing, and which of them is the newest. Names are columns of the table. */
export interface VersionRule {
  readonly key: string;
  /** Strongest first; greater is newer, and none is older than any. */
  readonly order: readonly string[];
  /** Absent: no row says that what its key names is gone. */
  readonly deletion?: DeletionRule;
}

/** Rows that say so. They compete like any other, and a key whose newest row is one has no newest version. */
export interface DeletionRule {
  readonly column: string;
  /** Null: whatever is not null. */
  readonly values: readonly (string | boolean)[] | null;
}

/** The file of a source of many that a row came from, which no column tells. */
export const SPLIT = '"tidemark.split"';

/**
 * The list after ORDER BY that puts the newest row of a key first. Where the declared columns are equal, the row of the later
 * run is newer, then the later in its source. Total: what it leaves equal is one record at one place.
 */
export function newestFirst({ order }: VersionRule): string {
  return [
    ...order.map((column) => `${sqlName(column)} DESC NULLS LAST`),
    'run_id DESC',
    'source_id DESC',
    `${SPLIT} DESC`,
    'record_line DESC NULLS LAST',
    'unit_key DESC',
    'record_fingerprint DESC',
  ].join(', ');
}

/** As a fold's snapshot keeps it, so that whoever verifies or makes it anew needs no contract. */
export function ruleText({ key, order, deletion }: VersionRule): string {
  return JSON.stringify({ key, order, ...(deletion !== undefined && { deletion }) });
}

export function parseRule(text: string | undefined): VersionRule | null {
  try {
    const rule = JSON.parse(text ?? 'null') as Partial<VersionRule> | null;
    if (typeof rule?.key !== 'string' || !Array.isArray(rule.order)) return null;
    const { key, order, deletion } = rule;
    return { key, order: order.map(String), ...(deletion !== undefined && { deletion }) };
  } catch {
    return null;
  }
}
