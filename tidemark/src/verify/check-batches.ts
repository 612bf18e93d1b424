import { batchAccount } from '../evidence/batch-account.ts';
import { inProgressIds } from '../evidence/run-leases.ts';
import { unwellBatches } from '../evidence/unwell-batches.ts';
import { diedRun, symptomsOfRun } from '../incident/run-symptoms.ts';
import { batchSubject } from './findings.ts';
import type { BatchName } from './scope.ts';
import type { Verification } from './verification.ts';

/** Of a catalog where nothing is well; what is well is never gone through. */
const BATCHES_MAX = 1_000_000;

/**
 * How the batches ended, from the accounts of their runs: not finished, with a source that never came or is not what the
 * manifest declares. The same symptoms that the runs told of, so that one that is over is resolved.
 */
export async function checkBatches(verification: Verification): Promise<void> {
  const { catalog, findings, scope, engine } = verification;
  if (scope.table !== null) return;
  findings.begin('batches');
  const alive = await inProgressIds(catalog);
  for (const batch of await batchesMeant(verification)) {
    engine.signal.throwIfAborted();
    const account = await batchAccount(catalog, batch);
    if (account === null) continue;
    const { runId } = account.kind === 'ended' ? account.end : account.run;
    if (alive.has(runId)) {
      findings.couldNotSee('batches', batchSubject(batch), 'a run of it is in progress');
      continue;
    }
    findings.checked('batches');
    const found =
      account.kind === 'open'
        ? diedRun({ ...account.run, assets: account.assets })
        : symptomsOfRun(account.end);
    for (const symptom of found) {
      // What was committed is held against what is stored by the checks before; an old verdict says less. What came late
      // may have been read since, which `checkLate` asks.
      if (symptom.kind !== 'reconciliation_failed' && symptom.kind !== 'late_behind_cursor')
        findings.found('batches', symptom);
    }
  }
}

async function batchesMeant({ catalog, scope }: Verification): Promise<readonly BatchName[]> {
  return scope.batches ?? (await unwellBatches(catalog, { replacedContracts: [], limit: BATCHES_MAX }));
}
