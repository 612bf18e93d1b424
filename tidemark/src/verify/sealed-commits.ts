import { basename } from 'node:path';
import type { CatalogReader } from '../catalog/catalog.ts';
import type { CommitRow } from '../catalog/commits.ts';
import { listTables } from '../catalog/iceberg-tables.ts';
import type { RunReport } from '../evidence/run-report.ts';
import type { Symptom } from '../incident/symptom.ts';
import { repairCatalog } from './mending.ts';

/** A commit as the sealed account of its run tells it. */
export interface SealedCommit {
  readonly table: string;
  readonly snapshotId: string;
  readonly addedRecords: number;
}

export function commitsIn(report: Partial<RunReport>): SealedCommit[] {
  if (report.state !== 'committed') return [];
  return (report.tables ?? []).flatMap(({ table, snapshotId, addedRecords, moved }) =>
    moved && snapshotId !== null ? [{ table, snapshotId, addedRecords }] : [],
  );
}

/** The run whose sealed account says that it committed a snapshot. Reads evidence: for what the catalog does not know. */
export async function sealedCommit(
  catalog: CatalogReader,
  { table, snapshotId }: { table: string; snapshotId: string },
): Promise<{ runId: string; report: RunReport } | null> {
  const rows = await catalog
    .selectFrom('evidence')
    .select(['run_id', 'body'])
    .where('kind', '=', 'run')
    .where('body', 'like', `%"snapshotId":"${snapshotId}"%`)
    .execute();
  for (const { run_id: runId, body } of rows) {
    const { report } = JSON.parse(body) as { report: RunReport };
    const told = commitsIn(report).some(
      (commit) => commit.table === table && commit.snapshotId === snapshotId,
    );
    if (told) return { runId, report };
  }
  return null;
}

/** What the catalog says was committed to a table last. */
export async function latestCommitOf(
  catalog: CatalogReader,
  table: string,
): Promise<Pick<CommitRow, 'snapshotId' | 'metadataLocation' | 'runId' | 'committedAt'> | null> {
  const row = await catalog
    .selectFrom('commits')
    .select(['snapshot_id', 'metadata_location', 'run_id', 'committed_at'])
    .where('table_name', '=', table)
    .orderBy('committed_at', 'desc')
    .orderBy('run_id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    snapshotId: row.snapshot_id,
    metadataLocation: row.metadata_location,
    runId: row.run_id,
    committedAt: row.committed_at,
  };
}

/** Every table that the catalog points to, or that a commit of it tells of. */
export async function committedTables(
  catalog: CatalogReader,
): Promise<{ table: string; metadataLocation: string | null }[]> {
  const pointers = await listTables(catalog);
  const committed = await catalog.selectFrom('commits').select('table_name').distinct().execute();
  const lost = committed.filter(({ table_name }) => !pointers.some(({ table }) => table === table_name));
  return [...pointers, ...lost.map(({ table_name: table }) => ({ table, metadataLocation: null }))];
}

export function pointerMoved(
  { table, metadataLocation }: { table: string; metadataLocation: string | null },
  latest: { snapshotId: string; metadataLocation: string; runId: string },
): Symptom {
  return {
    kind: 'catalog_contradicts_evidence',
    manifestId: null,
    batchId: null,
    sourceId: null,
    table,
    runId: latest.runId,
    distinction: 'pointer',
    message: `The catalog points bronze.${table} to ${metadataLocation === null ? 'nothing' : basename(metadataLocation)}, which does not hold snapshot ${latest.snapshotId} that run ${latest.runId} committed last.`,
    facts: { metadataLocation, expected: latest.metadataLocation, snapshotId: latest.snapshotId },
    query: `SELECT metadata_location FROM iceberg_tables WHERE table_name = '${table}'`,
    suggestion: repairCatalog(),
  };
}
