import type { Selectable } from 'kysely';
import type { CatalogReader, CatalogTransaction } from './catalog.ts';
import type { CatalogTables } from './schema.ts';

export interface BatchRow {
  readonly manifestId: string;
  readonly batchId: string;
  readonly loadMode: string;
  readonly window: string;
  /** Commits so far. */
  readonly revision: number;
  readonly updatedAt: string;
}

export async function findBatch(
  catalog: CatalogReader,
  { manifestId, batchId }: { manifestId: string; batchId: string },
): Promise<BatchRow | null> {
  const row = await catalog
    .selectFrom('batches')
    .selectAll()
    .where('manifest_id', '=', manifestId)
    .where('batch_id', '=', batchId)
    .executeTakeFirst();
  return row === undefined ? null : asBatch(row);
}

export async function listBatches(catalog: CatalogReader): Promise<BatchRow[]> {
  const rows = await catalog
    .selectFrom('batches')
    .selectAll()
    .orderBy('manifest_id')
    .orderBy('batch_id')
    .execute();
  return rows.map(asBatch);
}

/** Those that a run was of last, the latest first. */
export async function latestBatches(
  catalog: CatalogReader,
  limit: number,
): Promise<Pick<BatchRow, 'manifestId' | 'batchId'>[]> {
  return await catalog
    .selectFrom('batches')
    .select(['manifest_id as manifestId', 'batch_id as batchId'])
    .orderBy('updated_at', 'desc')
    .limit(limit)
    .execute();
}

/** Declarations as they were when first seen, and the batch as it stands. */
export async function recordDeclaration(
  catalog: CatalogReader,
  declaration: {
    manifestId: string;
    contentHash: string;
    path: string;
    body: string;
    contracts: readonly { hash: string; ref: string; body: string }[];
    batchId: string;
    loadMode: string;
    window: string;
    now: string;
  },
): Promise<void> {
  await catalog
    .insertInto('manifests')
    .values({
      manifest_id: declaration.manifestId,
      content_hash: declaration.contentHash,
      path: declaration.path,
      body: declaration.body,
      first_seen_at: declaration.now,
    })
    .onConflict((conflict) => conflict.columns(['manifest_id', 'content_hash']).doNothing())
    .execute();
  for (const contract of declaration.contracts) {
    await catalog
      .insertInto('contracts')
      .values({ ...contract, first_seen_at: declaration.now })
      .onConflict((conflict) => conflict.column('hash').doNothing())
      .execute();
  }
  const values = { load_mode: declaration.loadMode, window: declaration.window, updated_at: declaration.now };
  await catalog
    .insertInto('batches')
    .values({ manifest_id: declaration.manifestId, batch_id: declaration.batchId, revision: 0, ...values })
    .onConflict((conflict) => conflict.columns(['manifest_id', 'batch_id']).doUpdateSet(values))
    .execute();
}

export async function setRevision(
  tx: CatalogTransaction,
  batch: { manifestId: string; batchId: string; revision: number; now: string },
): Promise<void> {
  await tx
    .updateTable('batches')
    .set({ revision: batch.revision, updated_at: batch.now })
    .where('manifest_id', '=', batch.manifestId)
    .where('batch_id', '=', batch.batchId)
    .execute();
}

function asBatch(row: Selectable<CatalogTables['batches']>): BatchRow {
  return {
    manifestId: row.manifest_id,
    batchId: row.batch_id,
    loadMode: row.load_mode,
    window: row.window,
    revision: row.revision,
    updatedAt: row.updated_at,
  };
}
