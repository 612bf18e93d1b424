import type { CatalogReader } from '../catalog/catalog.ts';
import { tallyAssets } from '../model/tally.ts';
import type { AssetResult } from './asset-result.ts';
import { parseReport } from './batch-standings.ts';
import type { RunReport } from './run-report.ts';
import type { BatchKey } from './unwell-batches.ts';

/** Runs of a batch that are gone back through for what is known of its sources. */
const RUNS_MAX = 50;

/** How a batch ended, as the account of its run tells it. */
export type BatchEnd = Pick<
  RunReport,
  | 'runId'
  | 'manifestId'
  | 'batchId'
  | 'state'
  | 'failure'
  | 'recovery'
  | 'reconciliation'
  | 'assets'
  | 'assetTally'
>;

/** The last run of a batch, and how each source stood when a run last took it. */
export type BatchAccount =
  | { readonly kind: 'ended'; readonly end: BatchEnd }
  /** It never ended: it goes on, or its process is gone. */
  | {
      readonly kind: 'open';
      readonly run: Pick<RunReport, 'runId' | 'manifestId' | 'batchId' | 'startedAt'>;
      readonly assets: readonly AssetResult[];
    };

/** Reached and ended: a run that stopped before them says nothing of its sources. */
const NOT_TAKEN: readonly string[] = ['not_reached', 'batch_blocked'];

/**
 * What the runs of a batch say together: the state is that of the last one, each source is as the latest run found it
 * that took it. A recovery takes some of them only. Null when no run of it left an account.
 */
export async function batchAccount(
  catalog: CatalogReader,
  { manifestId, batchId }: BatchKey,
): Promise<BatchAccount | null> {
  const rows = await catalog
    .selectFrom('runs')
    .select(['run_id', 'started_at', 'verb', 'state', 'result'])
    .where('manifest_id', '=', manifestId)
    .where('batch_id', '=', batchId)
    .orderBy('run_id', 'desc')
    .limit(RUNS_MAX)
    .execute();
  const [last] = rows;
  if (last === undefined) return null;
  const assets = new Map<string, AssetResult>();
  for (const { result, verb, state } of rows) {
    for (const asset of parseReport(result).assets ?? []) {
      const { findings } = asset;
      // Of a source in parts, some may have been taken.
      const wasTaken = findings.length === 0 || findings.some(({ rule }) => !NOT_TAKEN.includes(rule));
      if (wasTaken && !assets.has(asset.sourceId)) assets.set(asset.sourceId, asset);
    }
    if (verb === 'run' && (state === 'committed' || state === 'nothing_to_commit')) break;
  }
  const taken = [...assets.values()];
  if (last.state === 'running') {
    const { run_id: runId, started_at: startedAt } = last;
    return { kind: 'open', run: { runId, manifestId, batchId, startedAt }, assets: taken };
  }
  const { failure = null, recovery = null, reconciliation = null, assetTally } = parseReport(last.result);
  const outcomes = taken.map(({ outcome }) => outcome);
  return {
    kind: 'ended',
    end: {
      runId: last.run_id,
      manifestId,
      batchId,
      state: last.state,
      failure,
      recovery,
      reconciliation,
      assets: taken,
      assetTally: assetTally ?? tallyAssets(outcomes, outcomes.length),
    },
  };
}
