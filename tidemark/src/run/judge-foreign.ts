import { ancestry } from '../bronze/iceberg/ancestry.ts';
import type { TableSnapshot } from '../bronze/iceberg/table-metadata.ts';
import type { OpenTable } from '../bronze/open-table.ts';
import type { ForeignSnapshots } from '../config/read-config.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';
import { nextCommand } from '../evidence/next-command.ts';
import { foreignSnapshot } from '../incident/foreign-snapshot.ts';
import type { Symptom } from '../incident/symptom.ts';
import { isOurs } from '../model/anchors.ts';

/**
 * What committing on top of a table comes to where another engine wrote to it last: what to record, if it may be done.
 * Snapshots below one of a run were judged when that run committed.
 * @throws ConfigurationError foreign_head
 */
export function judgeForeign(
  { definition: { name: table }, metadata }: Pick<OpenTable, 'definition' | 'metadata'>,
  policy: ForeignSnapshots,
): Symptom[] {
  const foreign: TableSnapshot[] = [];
  for (const snapshot of ancestry({ metadata })) {
    if (snapshot.summary['tidemark.run_id'] !== undefined) break;
    if (!isOurs(snapshot.summary)) foreign.push(snapshot);
  }
  const first = foreign.at(-1);
  if (first === undefined || policy === 'adopt') return [];
  if (policy === 'warn')
    return foreign.map((snapshot) => foreignSnapshot(table, { snapshot, ownAbove: true }));
  const id = String(first['snapshot-id']);
  const { message } = foreignSnapshot(table, { snapshot: first, ownAbove: false });
  const more = foreign.length === 1 ? '' : ` ${foreign.length - 1} more of the kind are above it.`;
  throw new ConfigurationError({
    code: ERROR_CODES.foreign_head,
    message: `${message}${more} Nothing is committed on top of it.`,
    next: `See it: ${nextCommand('show', id)} Take it out: ${nextCommand('catalog', 'set-back', table, '--before', id)} Or say in tidemark.yaml what runs do: foreign_snapshots: warn`,
    facts: { table, snapshots: foreign.slice(0, 50).map((snapshot) => String(snapshot['snapshot-id'])) },
  });
}
