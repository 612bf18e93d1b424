import type { Collision } from '../bronze/collisions/find-collisions.ts';
import type { VersionRule } from '../bronze/current/version-rule.ts';
import { sqlName } from '../bronze/data-engine.ts';
import { uniqueColumns } from '../bronze/table-definitions.ts';
import type { Contract } from '../contract/contract.ts';
import type { ContractShelf } from '../contract/load-contracts.ts';
import { nextCommand } from '../evidence/next-command.ts';
import type { Uniqueness } from '../model/uniqueness.ts';
import type { Symptom } from './symptom.ts';

export const KEY_COLLISION = 'key_collision';

/** Keys that a message names. */
const NAMED_MAX = 3;

/** What tells the records of a table apart, and who says so. */
export interface DeclaredUnique {
  readonly table: string;
  readonly unique: Uniqueness;
  readonly rule: VersionRule;
  /** Whether these columns hold personal data, so that no incident may name a value. */
  readonly isPersonal: boolean;
}

export interface Declarations {
  readonly contracts: ContractShelf;
  /** What the project says of tables; beats their contracts. */
  readonly unique: Readonly<Record<string, Uniqueness>>;
}

/** Null: nothing is, so nothing collides. */
export function declaredUnique(contract: Contract, of: Declarations): DeclaredUnique | null {
  const { table, pii, unique: own } = contract.traits;
  const unique = of.unique[table] ?? own;
  const rule = uniqueColumns(contract, unique);
  if (unique === undefined || rule === null) return null;
  const named = new Set([rule.key, ...rule.order]);
  const isPersonal = contract.columns.some(
    ({ name, property }) => named.has(name) && Object.hasOwn(pii, property),
  );
  return { table, unique, rule, isPersonal };
}

export function keyCollision({
  of,
  collision,
  runId,
}: {
  of: DeclaredUnique;
  collision: Collision;
  runId: string | null;
}): Symptom {
  const { table, unique, rule, isPersonal } = of;
  const { manifestId, batchId, sourceId, identities, records, rows } = collision;
  const columns = [rule.key, ...rule.order];
  const by = columns.map(sqlName).join(', ');
  const whose =
    manifestId === null || batchId === null
      ? 'that no run brought'
      : `of ${sourceId ?? 'a source'} in batch ${batchId}`;
  const what = records === 1 ? 'A record' : `${records} records`;
  const named = [...new Set(rows.map(({ identity }) => identity.join(' ')))].slice(0, NAMED_MAX);
  const keys = isPersonal ? '' : `: ${named.join(', ')}${identities > named.length ? ', …' : ''}`;
  return {
    kind: KEY_COLLISION,
    manifestId,
    batchId,
    sourceId,
    table,
    runId,
    distinction: '',
    message: `${what} ${whose} ${records === 1 ? 'has' : 'have'} the ${columns.join(', ')} of other content in bronze.${table}, where it is declared to come once (unique: ${unique})${keys}. Let the source deliver it once, then rerun; where both are meant, mend what is declared.`,
    facts: {
      unique,
      columns,
      keys: identities,
      records,
      rows: isPersonal ? rows.map(({ identity: _, ...row }) => row) : rows,
    },
    query: `SELECT ${by}, count(DISTINCT record_fingerprint) AS contents FROM bronze.${table} WHERE ${sqlName(rule.key)} IS NOT NULL GROUP BY ${by} HAVING count(DISTINCT record_fingerprint) > 1`,
    suggestion:
      manifestId === null || batchId === null
        ? nextCommand('show', `bronze.${table}`)
        : nextCommand('rerun', '--manifest', manifestId, '--batch-id', batchId),
  };
}
