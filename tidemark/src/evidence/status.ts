import type { CatalogReader } from '../catalog/catalog.ts';
import { listTables } from '../catalog/iceberg-tables.ts';
import { listProgress, type SourceProgress } from '../catalog/list-progress.ts';
import type { RunState } from '../catalog/schema.ts';
import type { Attention } from './attention.ts';
import { type BatchStanding, batchStandings } from './batch-standings.ts';
import { type ChainHead, chainHeads } from './chain.ts';
import { nextCommand } from './next-command.ts';
import { readAttention } from './read-attention.ts';
import { type RunInProgress, runsInProgress } from './run-leases.ts';
import { readTableHead, type TableHead } from './table-heads.ts';

/** A table as the catalog points to it; `fault` says why its metadata cannot be read. */
export type TableStanding =
  | (TableHead & { readonly fault: null })
  | { readonly table: string; readonly metadataLocation: string; readonly fault: string };

/** How everything stands. From the catalog and the tables' metadata alone: no data file is opened. */
export interface StatusReport {
  readonly batches: readonly BatchStanding[];
  readonly inProgress: readonly RunInProgress[];
  /** Runs that never ended and whose process is gone, oldest first. */
  readonly unfinished: readonly string[];
  /** Committed runs whose reconciliation is not sealed and that are not at it now, oldest first. */
  readonly unproven: readonly string[];
  readonly tables: readonly TableStanding[];
  /** Cursor and watermark of every source that has one. */
  readonly progress: readonly SourceProgress[];
  /** The head of every evidence chain. Whoever notes it can tell later whether the tail was cut off. */
  readonly chains: readonly ChainHead[];
  /** Everything that is not well, each with exactly one command; empty when all is well. */
  readonly attention: readonly Attention[];
}

export async function readStatus(catalog: CatalogReader): Promise<StatusReport> {
  const inProgress = await runsInProgress(catalog);
  const alive = new Set(inProgress.map(({ runId }) => runId));
  const batches = await batchStandings(catalog);
  const tables = await tableStandings(catalog);
  return {
    batches,
    inProgress,
    unfinished: (await runIdsIn(catalog, { state: 'running' })).filter((runId) => !alive.has(runId)),
    unproven: (await runIdsIn(catalog, { state: 'committed' })).filter((runId) => !alive.has(runId)),
    tables,
    progress: await listProgress(catalog),
    chains: await chainHeads(catalog),
    attention: [
      ...(await readAttention(catalog, { batches, inProgress: alive })),
      ...tables.flatMap(tableAttention),
    ],
  };
}

async function tableStandings(catalog: CatalogReader): Promise<TableStanding[]> {
  const standings: TableStanding[] = [];
  for (const pointer of await listTables(catalog)) {
    try {
      standings.push({ ...(await readTableHead(pointer)), fault: null });
    } catch (error) {
      standings.push({ ...pointer, fault: (error as Error).message });
    }
  }
  return standings;
}

function tableAttention({ table, fault }: TableStanding): Attention[] {
  if (fault === null) return [];
  const message = `Table bronze.${table}: ${fault}`;
  return [{ kind: 'table_unreadable', subject: table, message, next: nextCommand('reconcile') }];
}

/** Runs of a state that are not proven: for those still running nothing is. */
async function runIdsIn(catalog: CatalogReader, { state }: { state: RunState }): Promise<string[]> {
  const rows = await catalog
    .selectFrom('runs')
    .select('run_id')
    .where('state', '=', state)
    .where('proven', '=', 0)
    .orderBy('run_id')
    .execute();
  return rows.map((row) => row.run_id);
}
