import { randomBytes } from 'node:crypto';
import type { DataFile } from '../bronze/iceberg/data-file.ts';
import { ROWS_OF_KEY, rowsSnapshotId, withoutSnapshots } from '../bronze/iceberg/expire-snapshots.ts';
import {
  type LocatedMetadata,
  planMetadataFile,
  readTableMetadata,
} from '../bronze/iceberg/metadata-file.ts';
import { stageSnapshot } from '../bronze/iceberg/stage-snapshot.ts';
import { currentSnapshot, newSnapshotId } from '../bronze/iceberg/table-metadata.ts';
import { filesNoLongerReferenced } from '../bronze/iceberg/unreferenced-files.ts';
import { tableIo } from '../bronze/table-io.ts';
import type { CatalogTransaction } from '../catalog/catalog.ts';
import { swapTable } from '../catalog/iceberg-tables.ts';
import { assertLease, type Lease } from '../catalog/leases.ts';
import { expireFiles, recordMaintenance } from '../catalog/maintenance.ts';
import { FOLDED_FROM_KEY, VERSION_RULE_KEY } from '../commit/open-current.ts';
import { MAINTENANCE_CHAIN, sealEvidence } from '../evidence/chain.ts';
import type { MaintenanceEngine } from './maintenance-engine.ts';

/** One change of a table's files that leaves its rows as they are. */
export interface TableChange {
  readonly table: string;
  /** What the catalog has to point to still. */
  readonly metadataLocation: string;
  /** Files in the place of others, the same rows in them. */
  readonly replaced: readonly Replacement[];
  /** Merges manifests from so many on. */
  readonly manifestsMergeMin: number;
  readonly expire: readonly string[];
  readonly kind: 'maintained' | 'parted';
  /** Told in summary, catalog and evidence. */
  readonly facts: Readonly<Record<string, string | number>>;
}

export interface Replacement {
  readonly out: readonly string[];
  readonly in: readonly DataFile[];
}

export interface Operation {
  readonly lease: Lease;
  readonly operationId: string;
  /** More that must be true together with the change. Inside the transaction. */
  record?(tx: CatalogTransaction): Promise<void>;
}

/**
 * Commits a change through the same compare-and-swap as a run. Files are removed only once nothing refers to them: they
 * are written down in the very transaction that lets go of them, so that whoever maintains next can go on.
 * @returns false when another writer was first: nothing was changed
 * @throws ConflictError lease_lost
 */
export async function changeTable(
  engine: MaintenanceEngine,
  operation: Operation,
  change: TableChange,
): Promise<boolean> {
  const base = await readTableMetadata(tableIo, change.metadataLocation);
  const staged = await stage(engine, { base, change, operation });
  let won = false;
  try {
    await tableIo.write(staged.location, staged.bytes);
    await engine.reached('maintenance_staged');
    won = await swap(engine, { operation, change, staged });
  } finally {
    // A transaction that failed after it took effect is told by the pointer, and never guessed.
    if (!won && !(await pointsTo(engine, { table: change.table, location: staged.location })))
      for (const uri of [...staged.written, staged.location]) await tableIo.remove(uri);
  }
  if (won) await engine.reached('maintained');
  return won;
}

interface StagedChange extends LocatedMetadata {
  readonly bytes: Uint8Array;
  readonly written: readonly string[];
  readonly snapshotId: string | null;
  readonly parentSnapshotId: string | null;
  readonly totalFiles: number;
  readonly noLongerReferenced: readonly string[];
}

async function stage(
  { clock, limits }: MaintenanceEngine,
  { base, change, operation }: { base: LocatedMetadata; change: TableChange; operation: Operation },
): Promise<StagedChange> {
  const nowMs = clock.now().getTime();
  const snapshotId = newSnapshotId(randomBytes, base.metadata);
  const commitUuid = `${operation.operationId}-${snapshotId.toString(36)}`;
  const rewrites = change.replaced.length > 0 || Number.isFinite(change.manifestsMergeMin);
  const head = currentSnapshot(base.metadata);
  const snapshot = rewrites
    ? await stageSnapshot({
        io: tableIo,
        metadata: base.metadata,
        operation: 'replace',
        addFiles: change.replaced.flatMap((entry) => entry.in),
        removeFilePaths: new Set(change.replaced.flatMap((entry) => entry.out)),
        merge: {
          manifestsMin: change.manifestsMergeMin,
          manifestBytesTarget: limits.manifestBytesTarget,
        },
        summary: summaryOf(change, { operation, base }),
        snapshotId,
        commitUuid,
        nowMs,
      })
    : null;
  const changed = snapshot?.metadata ?? base.metadata;
  const metadata = withoutSnapshots(changed, new Set(change.expire.map(BigInt)));
  const file = planMetadataFile({
    base,
    metadata,
    uuid: commitUuid,
    nowMs,
    logMax: limits.metadataFilesKept,
  });
  const after = snapshot?.snapshot ?? head;
  return {
    ...file,
    written: snapshot?.written ?? [],
    snapshotId: snapshot === null ? null : String(snapshotId),
    parentSnapshotId: head === null ? null : String(head['snapshot-id']),
    totalFiles: Number(after?.summary['total-data-files'] ?? 0),
    noLongerReferenced: await filesNoLongerReferenced(tableIo, { before: changed, after: metadata }),
  };
}

/** What a table of newest versions is of stays true where its rows stay. */
function isOfFold(name: string): boolean {
  return name === FOLDED_FROM_KEY || name === VERSION_RULE_KEY;
}

/** Who did it and what; the totals are the parent's, as those of every `replace` are. */
function summaryOf(
  { kind, facts }: TableChange,
  { operation, base }: { operation: Operation; base: LocatedMetadata },
): Record<string, string> {
  const rowsOf = rowsSnapshotId(base.metadata);
  return {
    'tidemark.maintenance': kind,
    'tidemark.operation_id': operation.operationId,
    ...(rowsOf !== null && { [ROWS_OF_KEY]: String(rowsOf) }),
    ...Object.fromEntries(
      Object.entries(currentSnapshot(base.metadata)?.summary ?? {}).filter(([name]) => isOfFold(name)),
    ),
    ...Object.fromEntries(Object.entries(facts).map(([name, value]) => [`tidemark.${name}`, String(value)])),
  };
}

async function swap(
  engine: MaintenanceEngine,
  { operation, change, staged }: { operation: Operation; change: TableChange; staged: StagedChange },
): Promise<boolean> {
  const { table, kind, facts, metadataLocation: expected } = change;
  const { operationId, lease } = operation;
  const { snapshotId, parentSnapshotId, totalFiles, location: metadataLocation } = staged;
  const now = engine.clock.now().toISOString();
  class Lost extends Error {}
  try {
    await engine.catalog.transaction().execute(async (tx) => {
      await assertLease(tx, lease);
      if (!(await swapTable(tx, { table, expected, next: metadataLocation }))) throw new Lost(table);
      const done = { ...facts, snapshots_expired: change.expire.length };
      const row = { operationId, table, kind, snapshotId, parentSnapshotId, metadataLocation, totalFiles };
      await recordMaintenance(tx, { ...row, done, at: now });
      await expireFiles(tx, { table, operationId, uris: staged.noLongerReferenced, now });
      await operation.record?.(tx);
      const body = { operation: { ...row, ...done, at: now } };
      await sealEvidence(tx, {
        home: engine.home,
        chain: MAINTENANCE_CHAIN,
        kind: 'maintenance',
        runId: operationId,
        body,
        now,
      });
      await engine.reached('inside_maintenance');
    });
    return true;
  } catch (error) {
    if (error instanceof Lost) return false;
    throw error;
  }
}

async function pointsTo(
  { catalog }: MaintenanceEngine,
  { table, location }: { table: string; location: string },
): Promise<boolean> {
  const row = await catalog
    .selectFrom('maintenance')
    .select('table_name')
    .where('table_name', '=', table)
    .where('metadata_location', '=', location)
    .executeTakeFirst();
  return row !== undefined;
}
