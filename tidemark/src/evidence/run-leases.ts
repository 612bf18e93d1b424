import type { CatalogReader } from '../catalog/catalog.ts';
import { type Holder, isAlive } from '../catalog/leases.ts';

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
  return rows.flatMap((row) => {
    const holder = JSON.parse(row.holder) as Holder;
    if (!isAlive(holder)) return [];
    const { pid, host } = holder;
    return [{ runId: row.holder_run_id, resource: row.resource, pid, host, since: row.acquired_at }];
  });
}

export async function inProgressIds(catalog: CatalogReader): Promise<ReadonlySet<string>> {
  return new Set((await runsInProgress(catalog)).map(({ runId }) => runId));
}
