import type { Selectable } from 'kysely';
import { decodeUnit, formatDigests, type PreparedUnit, sumDigests } from '../bronze/prepared-unit.ts';
import type { CatalogReader } from '../catalog/catalog.ts';
import type { CatalogTables } from '../catalog/schema.ts';
import { unitResults } from '../evidence/asset-result.ts';
import { nextCommand } from '../evidence/next-command.ts';
import type { RunReport } from '../evidence/run-report.ts';
import type { Contradiction } from './contradiction.ts';
import { replay } from './mending.ts';

type UnitRow = Selectable<CatalogTables['units']>;
type SealedAsset = RunReport['assets'][number];

/** Units of a run's commit that the catalog lacks or tells otherwise than the run's sealed account. */
export async function* unitContradictions(
  catalog: CatalogReader,
  report: RunReport,
): AsyncGenerator<Contradiction> {
  const { runId } = report;
  const brought = report.assets
    .flatMap(unitResults)
    .filter(
      (asset): asset is SealedAsset & { unitKey: string } =>
        asset.unitKey !== null && asset.committedBy === runId,
    );
  const intact: PreparedUnit[] = [];
  let replaced = 0;
  for (const asset of brought) {
    const rows = await catalog
      .selectFrom('units')
      .selectAll()
      .where('unit_key', '=', asset.unitKey)
      .execute();
    const row = rows.find((unit) => unit.committed_by === runId) ?? orphanRow(rows, report);
    const faults = row === null ? ['the catalog has no such unit'] : [...faultsOf(row, { asset, report })];
    if (row?.state === 'replaced') replaced += 1;
    if (faults.length > 0) yield unitContradiction({ asset, row, faults, report });
    else if (row?.state === 'committed') intact.push(decodeUnit(row.prepared));
  }
  // Of units that went out since, what they came to is history; of those that stand, rows are held against it.
  if (replaced > 0 || intact.length < brought.length) return;
  const sums = formatDigests(sumDigests(intact));
  const differing = Object.keys(sums).filter(
    (name) => sums[name as keyof typeof sums] !== report.digests[name as keyof typeof sums],
  );
  const wrongTally = intact.filter(({ unitKey, tally }) => {
    const sealed = brought.find((asset) => asset.unitKey === unitKey)?.records;
    return sealed !== null && sealed !== undefined && JSON.stringify(sealed) !== JSON.stringify(tally);
  });
  if (differing.length === 0 && wrongTally.length === 0) return;
  yield {
    sourceId: wrongTally[0]?.sourceId ?? null,
    table: null,
    distinction: `account of ${runId}`,
    message: `What the catalog's units of run ${runId} came to is not what was sealed (${[...differing, ...wrongTally.map(({ sourceId }) => sourceId)].join(', ')}).`,
    facts: { sealed: report.digests, found: sums, units: intact.map(({ unitKey }) => unitKey) },
    query: nextCommand('evidence', 'show', runId),
    mend: null,
    suggestion: replay(report),
  };
}

/** A row whose committing run was taken from it: the only one of its key that claims no other. */
function orphanRow(rows: readonly UnitRow[], { assets, startedAt }: RunReport): UnitRow | null {
  const candidates = rows.filter(
    ({ state, prepared_at: at }) => state !== 'committed' && state !== 'replaced' && at >= startedAt,
  );
  const strange = rows.filter(({ state, committed_by: by }) => state === 'committed' && by !== null);
  const [only, other] = [...candidates, ...strange.filter(({ prepared_at: at }) => at >= startedAt)];
  return only !== undefined && other === undefined && assets.length > 0 ? only : null;
}

function* faultsOf(
  row: UnitRow,
  { asset, report }: { asset: SealedAsset; report: RunReport },
): Generator<string> {
  const told = (name: string, found: string | null, sealed: string | null) =>
    found === sealed ? [] : [`${name} ${found ?? 'nothing'} instead of ${sealed ?? 'nothing'}`];
  yield* told('committed_by', row.committed_by, report.runId);
  yield* told('manifest_id', row.manifest_id, report.manifestId);
  yield* told('batch_id', row.batch_id, report.batchId);
  yield* told('source_id', row.source_id, asset.sourceId);
  if (asset.sourceFingerprint !== null)
    yield* told('source_fingerprint', row.source_fingerprint, asset.sourceFingerprint);
  if (asset.outcome === 'committed') yield* told('table_name', row.table_name, asset.table);
  const known = row.state === 'committed' || (row.state === 'replaced' && row.replaced_by !== null);
  if (!known) yield* told('state', row.state, 'committed');
}

function unitContradiction({
  asset,
  row,
  faults,
  report,
}: {
  asset: SealedAsset;
  row: UnitRow | null;
  faults: readonly string[];
  report: RunReport;
}): Contradiction {
  const { runId, manifestId, batchId, endedAt } = report;
  const { sourceId, sourceFingerprint, outcome, table } = asset;
  return {
    sourceId,
    table: null,
    distinction: `unit ${asset.unitKey?.slice(0, 16)} of ${runId}`,
    message: `Run ${runId} committed ${sourceId} by its sealed account, and the catalog tells otherwise: ${faults.join(', ')}.`,
    facts: { unitKey: asset.unitKey, faults },
    query: `SELECT * FROM units WHERE unit_key = '${asset.unitKey}'`,
    suggestion: null,
    mend:
      row === null
        ? null
        : async (tx) => {
            await tx
              .updateTable('units')
              .set({
                committed_by: runId,
                committed_at: row.committed_at ?? endedAt,
                manifest_id: manifestId,
                batch_id: batchId,
                source_id: sourceId,
                ...(row.state !== 'replaced' && { state: 'committed' as const }),
                ...(sourceFingerprint !== null && { source_fingerprint: sourceFingerprint }),
                ...(outcome === 'committed' && table !== null && { table_name: table }),
              })
              .where('unit_key', '=', row.unit_key)
              .where('prepared_by', '=', row.prepared_by)
              .execute();
          },
  };
}
