import type { CatalogReader } from '../../catalog/catalog.ts';
import { inProgressIds } from '../run-leases.ts';
import { counted, facts, type Story } from './story.ts';

/** One invocation: all its runs, one a manifest. */
export async function traceStory(catalog: CatalogReader, traceId: string): Promise<Story> {
  const runs = await catalog
    .selectFrom('runs')
    .select(['run_id', 'manifest_id', 'batch_id', 'state', 'started_at'])
    .where('trace_id', '=', traceId)
    .orderBy('run_id')
    .execute();
  const inProgress = await inProgressIds(catalog);
  return {
    kind: 'trace',
    title: `trace ${traceId}: one invocation of ${counted(runs.length, 'run')}`,
    facts: facts({ started: runs[0]?.started_at }),
    related: runs.map((run) => {
      const state = inProgress.has(run.run_id) ? 'in progress' : run.state.replaceAll('_', ' ');
      return {
        label: state,
        value: `${run.run_id}: batch ${run.batch_id} of ${run.manifest_id}`,
        query: run.run_id,
      };
    }),
    next: null,
  };
}
