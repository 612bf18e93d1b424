import type { CatalogReader } from '../../catalog/catalog.ts';
import { findRun, type RunRow } from '../../catalog/runs.ts';
import { batchStandings, parseReport } from '../batch-standings.ts';
import { readAttention } from '../read-attention.ts';
import { inProgressIds } from '../run-leases.ts';
import type { RunReport } from '../run-report.ts';
import { describeAssets, describeRecords } from './describe-tally.ts';
import { counted, type Fact, facts, type Related, related, type Story } from './story.ts';

/** One execution: what it took in, what became of every asset, what it committed and whether that is proven. */
export async function runStory(catalog: CatalogReader, runId: string): Promise<Story | null> {
  const run = await findRun(catalog, runId);
  if (run === null) return null;
  const report = parseReport(run.result);
  const inProgress = await inProgressIds(catalog);
  const retries = await catalog
    .selectFrom('runs')
    .select('run_id')
    .where('retry_of', '=', runId)
    .orderBy('run_id')
    .execute();
  return {
    kind: 'run',
    title: `run ${runId}: ${stateOf(run, inProgress)}`,
    facts: [
      ...facts({
        started: run.startedAt,
        ended: run.endedAt,
        'load mode': report.loadMode,
        window: report.window,
        'manifest file': report.manifestPath,
        'manifest SHA-256': run.manifestHash,
        'source fingerprint': report.sourceFingerprint,
        assets: report.assetTally && describeAssets(report.assetTally),
        records: report.recordTally && describeRecords(report.recordTally),
        failure: report.failure && `${report.failure.code} ${report.failure.message}`,
        proof: proofOf(run, report),
      }),
      ...(report.assets ?? []).flatMap(assetFact),
    ],
    related: [
      ...related({
        manifest: run.manifestId,
        batch: run.batchId,
        trace: run.traceId,
        'retry of': run.retryOf,
      }),
      ...retries.map(({ run_id }) => ({ label: 'retried by', value: run_id, query: run_id })),
      ...(report.tables ?? []).flatMap(tableLink),
      ...(report.assets ?? []).map((asset) => ({
        label: asset.outcome.replaceAll('_', ' '),
        value: asset.sourceId,
        query: asset.sourceId,
      })),
      ...(report.evidenceDir ? related({ evidence: `${report.evidenceDir}/report.md` }) : []),
    ],
    next: await nextOf(catalog, { run, report, inProgress }),
  };
}

function stateOf({ runId, state }: RunRow, inProgress: ReadonlySet<string>): string {
  if (state === 'running') return inProgress.has(runId) ? 'in progress' : 'died, its process is gone';
  return state.replaceAll('_', ' ');
}

function proofOf({ state, proven }: RunRow, { reconciliation }: Partial<RunReport>): string | null {
  if (state !== 'committed') return null;
  if (!proven || !reconciliation) return 'not yet sealed';
  const passed = reconciliation.checks.filter(({ verdict }) => verdict === 'pass').length;
  return `${reconciliation.verdict}: ${passed} of ${reconciliation.checks.length} checks passed`;
}

/** What was not simply taken in is told with its reasons. */
function assetFact(asset: RunReport['assets'][number]): Fact[] {
  const why = [
    ...asset.findings.map(({ rule, message }) => `${rule}: ${message}`),
    ...asset.reasons.map(({ rule, message }) => `${rule}: ${message}`),
    ...(asset.note === null ? [] : [asset.note]),
  ];
  if (asset.outcome === 'committed' && why.length === 0) return [];
  return [{ label: asset.outcome.replaceAll('_', ' '), value: [asset.sourceId, ...why].join('; ') }];
}

function tableLink({ table, moved, snapshotId, addedRecords }: RunReport['tables'][number]): Related[] {
  if (!moved || snapshotId === null) return [];
  const value = `bronze.${table}: ${counted(addedRecords, 'row')}, snapshot ${snapshotId}`;
  return [{ label: 'committed', value, query: snapshotId }];
}

/** Of the batch if this run is what is not well with it; of the first asset that was turned away. */
async function nextOf(
  catalog: CatalogReader,
  { run, report, inProgress }: { run: RunRow; report: Partial<RunReport>; inProgress: ReadonlySet<string> },
): Promise<string | null> {
  const batches = await batchStandings(catalog, { manifestId: run.manifestId, batchId: run.batchId });
  const attention = await readAttention(catalog, { batches, inProgress });
  const own = attention.filter(({ subject }) => subject === run.runId);
  const turnedAway = own.some(({ kind }) => kind === 'assets_turned_away');
  const asset = turnedAway ? report.assets?.find(({ next }) => next !== null) : undefined;
  return own.find(({ kind }) => kind !== 'assets_turned_away')?.next ?? asset?.next ?? null;
}
