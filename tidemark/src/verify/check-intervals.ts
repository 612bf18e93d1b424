import { decodeUnit } from '../bronze/prepared-unit.ts';
import { nextCommand } from '../evidence/next-command.ts';
import { QUARANTINE_TABLE } from '../model/table-names.ts';
import { type HeldInterval, holesBetween } from './holes.ts';
import { contractOf } from './refine-again.ts';
import { isWhole } from './scope.ts';
import type { Verification } from './verification.ts';

interface Windowed extends HeldInterval {
  readonly batchId: string;
}

/** Intervals between the windows of a manifest's committed batches that none of them covers, source by source. */
export async function checkIntervals(verification: Verification): Promise<void> {
  const { catalog, findings, scope, engine } = verification;
  if (!isWhole(scope) && (scope.table !== null || scope.manifests.length === 0)) return;
  findings.begin('intervals');
  const sources = await catalog
    .selectFrom('units')
    .select(['manifest_id', 'table_name', 'source_id'])
    .distinct()
    .where('state', '=', 'committed')
    .where('window', '<>', '-')
    .where('table_name', '<>', QUARANTINE_TABLE)
    .orderBy('manifest_id')
    .orderBy('source_id')
    .execute();
  for (const source of sources) {
    engine.signal.throwIfAborted();
    if (scope.batches !== null && !scope.manifests.includes(source.manifest_id)) continue;
    await checkSource(verification, source);
  }
}

async function checkSource(
  verification: Verification,
  source: { manifest_id: string; table_name: string; source_id: string },
): Promise<void> {
  const { catalog, findings } = verification;
  const rows = await catalog
    .selectFrom('units')
    .select(['prepared', 'batch_id'])
    .where('manifest_id', '=', source.manifest_id)
    .where('table_name', '=', source.table_name)
    .where('source_id', '=', source.source_id)
    .where('state', '=', 'committed')
    .orderBy('committed_at')
    .execute();
  const units = rows.map((row) => ({ unit: decodeUnit(row.prepared), batchId: row.batch_id }));
  // One that took everything in leaves no hole.
  if (units.some(({ unit }) => unit.recordWindow === null || unit.recordWindow === undefined)) return;
  const last = units.at(-1)?.unit;
  const contract = last === undefined ? '' : await contractOf(verification, last);
  if (typeof contract === 'string') return;
  const byField = Map.groupBy(units, ({ unit }) => unit.recordWindow?.field ?? '');
  for (const [field, windowed] of byField) {
    const intervals: Windowed[] = windowed.flatMap(({ unit, batchId }) =>
      unit.recordWindow ? [{ ...unit.recordWindow, batchId }] : [],
    );
    findings.checked('intervals', intervals.length);
    for (const { from, to, after } of holesBetween(intervals, contract)) {
      const { manifest_id: manifestId, source_id: sourceId, table_name: table } = source;
      const { batchId } = after;
      const of = ['--manifest', manifestId, '--batch-id', batchId];
      findings.found('intervals', {
        kind: 'interval_hole',
        manifestId,
        batchId,
        sourceId,
        table,
        runId: null,
        distinction: `${field}[${from},${to})`,
        message: `No batch of ${manifestId} covers ${field} from ${from} to ${to} of ${sourceId}: the batches before end there, and ${batchId} begins after it.`,
        facts: { from, to, field, intervals: intervals.length },
        query: `SELECT batch_id, "window" FROM units WHERE manifest_id = '${manifestId}' AND source_id = '${sourceId.replaceAll("'", "''")}'`,
        suggestion: nextCommand('backfill', ...of, '--from', from, '--to', to),
      });
    }
  }
}
