import type { CatalogReader } from '../catalog/catalog.ts';
import { findRun } from '../catalog/runs.ts';
import { entriesOfRun } from '../evidence/chain.ts';
import { inProgressIds } from '../evidence/run-leases.ts';
import { type ToldRun, toldRun } from './contradictions.ts';
import type { Scope } from './scope.ts';

const PAGE = 200;

/** Every run that has ended, as the catalog and the evidence tell of it; those that only one of the two knows too. */
export async function* walkRuns(
  catalog: CatalogReader,
  { batches }: Pick<Scope, 'batches'>,
): AsyncGenerator<ToldRun> {
  const alive = await inProgressIds(catalog);
  for (const batch of batches ?? [null]) {
    let after = '';
    for (;;) {
      let known = catalog.selectFrom('runs').select('run_id').where('run_id', '>', after);
      if (batch !== null)
        known = known.where('manifest_id', '=', batch.manifestId).where('batch_id', '=', batch.batchId);
      const sealed = catalog.selectFrom('evidence').select('run_id').where('run_id', '>', after).distinct();
      const both = batch === null ? known.union(sealed) : known;
      const page = await both.orderBy('run_id').limit(PAGE).execute();
      for (const { run_id: runId } of page) {
        if (alive.has(runId)) continue;
        const run = await findRun(catalog, runId);
        const entries = await entriesOfRun(catalog, runId);
        if (run?.state === 'running' && entries.length === 0) continue;
        yield toldRun({ runId, run, entries });
      }
      after = page.at(-1)?.run_id ?? '';
      if (page.length < PAGE) break;
    }
  }
}
