import { randomUUID } from 'node:crypto';
import { ancestry } from '../bronze/iceberg/ancestry.ts';
import { planMetadataFile, readTableMetadata } from '../bronze/iceberg/metadata-file.ts';
import {
  currentSnapshot,
  type SnapshotRef,
  type TableMetadata,
  type TableSnapshot,
  withTag,
} from '../bronze/iceberg/table-metadata.ts';
import { tableIo } from '../bronze/table-io.ts';
import { commitsOfSnapshot } from '../catalog/commits.ts';
import { findTable, swapTable } from '../catalog/iceberg-tables.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError, ConflictError } from '../errors/tidemark-error.ts';
import { moveIncident } from '../incident/record-symptoms.ts';
import type { Engine } from '../run/engine.ts';

export interface SetBack {
  readonly table: string;
  /** The head by now; null: the table is empty. */
  readonly snapshotId: string | null;
  /** Snapshots that are no part of the table any more, newest first. */
  readonly setAside: readonly string[];
  /** The name under which they can still be read. */
  readonly tag: string;
}

/**
 * Makes a table what it was before another engine wrote to it. Nothing is deleted: what was written stays readable under
 * a tag, and its files stay. Refused where a run has committed since, or the snapshot is a run's own.
 * @throws ConfigurationError not_found, set_back_refused · ConflictError commit_conflict
 */
export async function setBackTable(
  engine: Engine,
  { table: named, before }: { table: string; before: string },
): Promise<SetBack> {
  const { catalog } = engine;
  const table = named.replace(/^bronze\./, '');
  const pointer = await findTable(catalog, table);
  const base = pointer === null ? null : await readTableMetadata(tableIo, pointer.metadataLocation);
  const head = base === null ? null : currentSnapshot(base.metadata);
  if (base === null || head === null) throw notFound(table, before);
  const setAside = await foreignSince(engine, { table, metadata: base.metadata, before });
  const first = setAside.at(-1);
  if (first === undefined) throw notFound(table, before);
  const parent = first['parent-snapshot-id'] ?? null;
  const tag = `set-aside-${head['snapshot-id']}`;
  const metadata = withTag(
    withHead(base.metadata, { snapshotId: parent, nowMs: engine.clock.now().getTime() }),
    {
      name: tag,
      snapshotId: head['snapshot-id'],
    },
  );
  const uuid = `set-back-${randomUUID()}`;
  const file = planMetadataFile({ base, metadata, uuid, nowMs: engine.clock.now().getTime() });
  await tableIo.write(file.location, file.bytes);
  const ids = setAside.map((snapshot) => String(snapshot['snapshot-id']));
  const won = await catalog.transaction().execute(async (tx) => {
    if (!(await swapTable(tx, { table, expected: base.location, next: file.location }))) return false;
    const open = await tx
      .selectFrom('incidents')
      .selectAll()
      .where('table_name', '=', table)
      .where('kind', '=', 'foreign_snapshot')
      .where('state', '<>', 'resolved')
      .execute();
    const now = engine.clock.now().toISOString();
    for (const row of open) {
      const { snapshotId } = JSON.parse(row.facts) as { snapshotId?: string };
      if (snapshotId === undefined || !ids.includes(snapshotId)) continue;
      await moveIncident(tx, { row, event: 'plan_executed', now, detail: { setBack: table, tag } });
    }
    return true;
  });
  if (!won) {
    await tableIo.remove(file.location);
    throw new ConflictError({
      code: ERROR_CODES.commit_conflict,
      message: `bronze.${table} was written to while it was to be set back.`,
      next: 'tidemark verify',
    });
  }
  return { table, snapshotId: parent === null ? null : String(parent), setAside: ids, tag };
}

/** The snapshots from the head back to the one that is named, all of them of other engines. */
async function foreignSince(
  { catalog }: Engine,
  { table, metadata, before }: { table: string; metadata: TableMetadata; before: string },
): Promise<TableSnapshot[]> {
  const since: TableSnapshot[] = [];
  for (const snapshot of ancestry({ metadata })) {
    const id = String(snapshot['snapshot-id']);
    const commits = await commitsOfSnapshot(catalog, id);
    if (commits.some((commit) => commit.table === table)) {
      throw new ConfigurationError({
        code: ERROR_CODES.set_back_refused,
        message: `bronze.${table} is not set back: run ${commits[0]?.runId} committed snapshot ${id} to it, which would go out too.`,
        next: `tidemark show ${id}`,
      });
    }
    since.push(snapshot);
    if (id === before) return since;
  }
  throw notFound(table, before);
}

function withHead(
  metadata: TableMetadata,
  { snapshotId, nowMs }: { snapshotId: bigint | null; nowMs: number },
): TableMetadata {
  const { main, ...others } = metadata.refs;
  const head: Record<string, SnapshotRef> =
    snapshotId === null ? {} : { main: { ...main, 'snapshot-id': snapshotId, type: 'branch' } };
  const at = Math.max(nowMs, metadata['last-updated-ms']);
  return {
    ...metadata,
    'current-snapshot-id': snapshotId,
    'last-updated-ms': at,
    refs: { ...others, ...head },
    'snapshot-log':
      snapshotId === null
        ? metadata['snapshot-log']
        : [...metadata['snapshot-log'], { 'timestamp-ms': at, 'snapshot-id': snapshotId }],
  };
}

function notFound(table: string, snapshotId: string): ConfigurationError {
  return new ConfigurationError({
    code: ERROR_CODES.not_found,
    message: `bronze.${table} is not made of a snapshot ${snapshotId}.`,
    next: 'tidemark verify',
  });
}
