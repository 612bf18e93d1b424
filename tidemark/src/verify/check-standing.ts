import { standingSymptoms } from '../incident/standing.ts';
import { isWhole } from './scope.ts';
import type { Verification } from './verification.ts';

/** Each manifest against its own past: sources that are listed no more, contracts that changed, volumes out of character. */
export async function checkStanding(verification: Verification): Promise<void> {
  const { catalog, findings, scope, engine } = verification;
  if (!isWhole(scope) && (scope.table !== null || scope.manifests.length === 0)) return;
  findings.begin('manifests');
  const manifests = isWhole(scope) ? await everyManifest(verification) : scope.manifests;
  for (const manifestId of manifests) {
    engine.signal.throwIfAborted();
    findings.checked('manifests');
    const of = { manifestId, contracts: engine.contracts };
    for (const symptom of await standingSymptoms(catalog, of)) findings.found('manifests', symptom);
  }
}

async function everyManifest({ catalog }: Verification): Promise<string[]> {
  const rows = await catalog.selectFrom('manifests').select('manifest_id').distinct().execute();
  return rows.map(({ manifest_id }) => manifest_id).sort();
}
