import { formatDigests, sumDigests } from '../bronze/prepared-unit.ts';
import type { RunReport } from '../evidence/run-report.ts';
import { sumRecords, tallyAssets } from '../model/tally.ts';
import { assetResults } from './asset-results.ts';
import { countAssets } from './declared-asset.ts';
import { describeWindow } from './plan-ingest.ts';
import type { AssetWork, RunContext } from './run-context.ts';
import type { RunPurpose } from './run-purpose.ts';
import { batchFingerprint } from './unit-identity.ts';

function recoveryOf(purpose: RunPurpose): RunReport['recovery'] {
  const { verb, planId, parentRunId, replaces } = purpose;
  if (verb === 'run') return null;
  const replaced = replaces.map(({ unitKey, sourceId, tally }) => ({
    unitKey,
    sourceId,
    records: tally.read,
  }));
  return { verb, planId, parentRunId, replaced };
}

function withCommitter({ runId }: RunContext, work: AssetWork): AssetWork {
  const { result, unit } = work;
  const committedBy = result.outcome === 'failed' ? null : runId;
  return unit === null ? work : { ...work, result: { ...result, committedBy } };
}

/** The account of a run as it stands now. State, end and tables are the caller's to say. */
export function buildReport(run: RunContext, { works }: { works: readonly AssetWork[] }): RunReport {
  const units = works.flatMap(({ unit }) => (unit === null ? [] : [unit]));
  const assets = assetResults(
    works.map((work) => withCommitter(run, work)),
    run.notes,
  );
  return {
    runId: run.runId,
    traceId: run.traceId,
    retryOf: run.retryOf,
    recovery: recoveryOf(run.purpose),
    manifestId: run.manifest.manifest_id,
    manifestPath: run.declared.path,
    manifestHash: run.declared.contentHash,
    batchId: run.batchId,
    loadMode: run.manifest.load_mode,
    window: describeWindow(run.manifest),
    sourceFingerprint: batchFingerprint(
      works.flatMap(({ result: { sourceId, sourceFingerprint } }) =>
        sourceFingerprint === null ? [] : [{ sourceId, sourceFingerprint }],
      ),
    ),
    state: 'running',
    startedAt: run.startedAt,
    endedAt: run.startedAt,
    assets,
    attempts: [...run.attempts],
    assetTally: tallyAssets(
      assets.map((asset) => asset.outcome),
      countAssets(run.assets),
    ),
    recordTally: sumRecords(units.map((unit) => unit.tally)),
    digests: formatDigests(sumDigests(units)),
    tables: [],
    failure: null,
    reconciliation: null,
    evidenceDir: `evidence/${run.runId}`,
  };
}
