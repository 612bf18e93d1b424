import type { TableSnapshot } from '../bronze/iceberg/table-metadata.ts';
import { nextCommand } from '../evidence/next-command.ts';
import type { Symptom } from './symptom.ts';

/** A snapshot that no run and no maintenance of ours made. `ownAbove`: a run has committed on top of it. */
export function foreignSnapshot(
  table: string,
  { snapshot, ownAbove }: { snapshot: TableSnapshot; ownAbove: boolean },
): Symptom {
  const id = String(snapshot['snapshot-id']);
  const { summary } = snapshot;
  const figure = (name: string) => Number(summary[name] ?? 0);
  const [added, removed] = [figure('added-records'), figure('deleted-records')];
  const engine = summary['engine-name'] ?? summary['spark.app.id'] ?? 'an engine that does not name itself';
  const since = ownAbove ? ', and runs have committed to the table since' : '';
  return {
    kind: 'foreign_snapshot',
    manifestId: null,
    batchId: null,
    sourceId: null,
    table,
    runId: null,
    distinction: id,
    message: `Snapshot ${id} of bronze.${table} (${summary.operation ?? 'unknown operation'}, ${added} rows added, ${removed} removed, by ${engine}) was committed by no run of this catalog${since}.`,
    facts: {
      snapshotId: id,
      engine,
      at: new Date(snapshot['timestamp-ms']).toISOString(),
      summary: Object.fromEntries(Object.entries(summary).slice(0, 30)),
    },
    query: nextCommand('show', id),
    suggestion: ownAbove
      ? nextCommand('show', id)
      : nextCommand('catalog', 'set-back', table, '--before', id),
  };
}
