import type { CatalogReader } from '../catalog/catalog.ts';

/** How far a run has come, or came: by what it received and what it prepared. */
export interface RunReach {
  /** Sources received, and the last of them; null where none was. */
  readonly received: number;
  readonly lastReceived: string | null;
  /** Sources refined and written, and the last of them. */
  readonly prepared: number;
  readonly lastPrepared: string | null;
}

export async function reachOf(catalog: CatalogReader, runId: string): Promise<RunReach> {
  const receipts = await catalog
    .selectFrom('receipts')
    .select('source_id')
    .where('run_id', '=', runId)
    .where('role', '=', 'asset')
    .orderBy('received_at')
    .execute();
  const units = await catalog
    .selectFrom('units')
    .select('source_id')
    .where('prepared_by', '=', runId)
    .orderBy('prepared_at')
    .execute();
  return {
    received: receipts.length,
    lastReceived: receipts.at(-1)?.source_id ?? null,
    prepared: units.length,
    lastPrepared: units.at(-1)?.source_id ?? null,
  };
}
