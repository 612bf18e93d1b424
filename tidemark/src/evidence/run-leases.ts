import type { CatalogReader } from '../catalog/catalog.ts';
import { type Holder, holdersOf } from '../catalog/holders.ts';

export interface RunInProgress {
  readonly runId: string;
  readonly resource: string;
  readonly pid: number;
  readonly host: string;
  readonly since: string;
}

/** Runs whose process holds its lease and lives. */
export async function runsInProgress(catalog: CatalogReader): Promise<RunInProgress[]> {
  const rows = await catalog
    .selectFrom('leases')
    .selectAll()
    .where('holder_run_id', '<>', '')
    .orderBy('acquired_at')
    .execute();
  const running: RunInProgress[] = [];
  for (const row of rows) {
    const holder = JSON.parse(row.holder) as Holder;
    if (!(await holdersOf(catalog).isAlive(holder))) continue;
    const { pid, host } = holder;
    running.push({ runId: row.holder_run_id, resource: row.resource, pid, host, since: row.acquired_at });
  }
  return running;
}

export async function inProgressIds(catalog: CatalogReader): Promise<ReadonlySet<string>> {
  return new Set((await runsInProgress(catalog)).map(({ runId }) => runId));
}
