import { join } from 'node:path';
import { assertLease, lostLease } from '../catalog/leases.ts';
import { markExecuted } from '../catalog/plans.ts';
import { endRun } from '../catalog/runs.ts';
import type { RunState } from '../catalog/schema.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { TidemarkError } from '../errors/tidemark-error.ts';
import { sealEvidence } from '../evidence/chain.ts';
import { renderReport } from '../evidence/render-report.ts';
import type { RunReport } from '../evidence/run-report.ts';
import { headsOf } from '../evidence/table-heads.ts';
import { projectEntries, writeMarkdown } from '../evidence/write-evidence.ts';
import { recordSymptoms } from '../incident/record-symptoms.ts';
import { symptomsOfRun } from '../incident/run-symptoms.ts';
import { resolveSettled } from '../incident/settle-run.ts';
import { buildReport } from './build-report.ts';
import type { DeclaredAsset } from './declared-asset.ts';
import { recordAssets } from './record-assets.ts';
import { resultOf } from './result-of.ts';
import type { AssetWork, RunContext } from './run-context.ts';

/**
 * Ends a run that commits nothing, and seals it: everything was there already, an asset failed and the batch waits, or
 * the run itself failed or was interrupted. Landed objects and prepared units stay for the next run.
 *
 * One that was taken for dead was closed and sealed by its successor, and the batch is the successor's: it ends as
 * `lease_lost`, whatever else it came upon, and leaves no trace.
 */
export async function endWithoutCommit(run: RunContext, { error }: { error?: unknown }): Promise<RunReport> {
  const { engine, runId } = run;
  const lost = await lostLease(engine.catalog, run.lease);
  const report = await reportOf(run, { error: lost ?? error });
  if (lost !== null) return report;
  const { state, endedAt } = report;
  const folder = join(engine.home.storeDir, report.evidenceDir);
  await engine.catalog.transaction().execute(async (tx) => {
    // While the lease is held here nobody can close this run and write its folder beside us.
    await assertLease(tx, run.lease);
    const files = await writeMarkdown({ folder, markdown: renderReport(report) });
    await recordAssets(tx, { runId, assets: report.assets });
    // Nothing was left to change: the plan is done. A run that failed leaves it to be executed again.
    const { planId } = run.purpose;
    if (planId !== null && state === 'nothing_to_commit') await markExecuted(tx, { planId, runId });
    await endRun(tx, { runId, state, endedAt, result: JSON.stringify(report) });
    await sealEvidence(tx, {
      home: engine.home,
      chain: report.manifestId,
      kind: 'run',
      runId,
      body: { report, files },
      now: endedAt,
    });
    const symptoms = symptomsOfRun(report);
    await recordSymptoms(tx, { symptoms, now: endedAt });
    await resolveSettled(tx, { report, found: symptoms, now: endedAt });
  });
  await projectEntries({ catalog: engine.catalog, runId, folder });
  return report;
}

async function reportOf(run: RunContext, { error }: { error: unknown }): Promise<RunReport> {
  const works = [...run.works, ...run.parts.slice(run.works.length).map(notReached)];
  const failed = works.filter(({ result }) => result.outcome === 'failed');
  const failure = error === undefined ? blocked(run, failed) : failureOf(error);
  const waiting = failure === null ? works : works.map(asWaiting);
  const tables = await headsOf(
    run.engine.catalog,
    waiting.flatMap(({ result }) => (result.table === null ? [] : [result.table])),
  );
  return {
    ...buildReport(run, { works: waiting }),
    state: stateOf({ error, failure }),
    endedAt: run.engine.clock.now().toISOString(),
    tables,
    failure,
  };
}

function stateOf({ error, failure }: { error: unknown; failure: RunReport['failure'] }): RunState {
  if (isAbort(error)) return 'interrupted';
  if (failure?.code === ERROR_CODES.batch_withheld) return 'withheld';
  return failure === null ? 'nothing_to_commit' : 'failed';
}

function notReached(declared: DeclaredAsset): AssetWork {
  const finding = {
    rule: 'not_reached',
    message: 'the run stopped before this asset was finished',
    expected: 'the asset taken to its end',
    received: 'the run stopped',
  };
  return {
    declared,
    result: resultOf(declared, { outcome: 'failed', findings: [finding] }),
    unit: null,
    landed: null,
  };
}

/** A prepared asset of a batch that waits has not been committed, and says so. */
function asWaiting(work: AssetWork): AssetWork {
  if (work.unit === null || work.result.outcome !== 'committed') return work;
  const finding = {
    rule: 'batch_blocked',
    message: 'prepared and kept, not committed: the batch did not get as far as its commit',
    expected: 'every asset of the batch prepared, then one commit',
    received: 'the batch stopped before its commit',
  };
  return {
    ...work,
    result: { ...work.result, outcome: 'failed', findings: [...work.result.findings, finding] },
  };
}

function blocked(run: RunContext, failed: readonly AssetWork[]): RunReport['failure'] {
  if (failed.length === 0) return null;
  const names = failed.slice(0, 3).map(({ result }) => result.sourceId);
  const more = failed.length > names.length ? ` and ${failed.length - names.length} more` : '';
  return {
    code: ERROR_CODES.batch_blocked,
    disposition: 'transient',
    message: `Batch ${run.batchId} waits: ${names.join(', ')}${more} could not be read or prepared. Nothing was committed.`,
    next: failed[0]?.result.next ?? 'Mend the cause, then run the same command again.',
  };
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

export function failureOf(error: unknown): NonNullable<RunReport['failure']> {
  if (error instanceof TidemarkError) {
    const { code, disposition, message, next } = error;
    return { code, disposition, message, next };
  }
  if (isAbort(error)) {
    return {
      code: ERROR_CODES.run_interrupted,
      disposition: 'transient',
      message: 'The run was interrupted. Nothing of it is visible; landed and prepared work is kept.',
      next: 'Run the same command again: it goes on where this run stopped.',
    };
  }
  return {
    code: ERROR_CODES.invariant,
    disposition: 'invariant',
    message: `The run stopped on an error it does not know: ${(error as Error)?.message ?? String(error)}`,
    next: 'Nothing was committed. Keep the evidence folder and report this with the stack trace (--debug prints it).',
  };
}
