import { expiredSnapshots, withoutSnapshots } from '../bronze/iceberg/expire-snapshots.ts';
import { hasLiveFiles } from '../bronze/iceberg/manifest-list.ts';
import { planMerge } from '../bronze/iceberg/merge-manifests.ts';
import { type LocatedMetadata, readTableMetadata } from '../bronze/iceberg/metadata-file.ts';
import { manifestsOf } from '../bronze/iceberg/read-table.ts';
import { currentSnapshot } from '../bronze/iceberg/table-metadata.ts';
import { filesNoLongerReferenced } from '../bronze/iceberg/unreferenced-files.ts';
import { tableIo } from '../bronze/table-io.ts';
import type { TablePointer } from '../catalog/iceberg-tables.ts';
import { countExpiredFiles } from '../catalog/maintenance.ts';
import type { MaintenanceEngine } from './maintenance-engine.ts';
import type { TablePlan } from './maintenance-plan.ts';
import { planCompaction } from './plan-compaction.ts';
import { isOurs, neededSnapshots, retentionOf } from './retention.ts';
import { bytesOf, forgottenMetadata, orphanFiles, sizesOf } from './stored-files.ts';

/** Manifests from which merging is worth a snapshot of its own. */
const MANIFESTS_MERGED_MIN = 8;

/**
 * What maintaining a table would come to, from its metadata alone; nothing is touched. `thorough` also looks through its
 * folders for files that nobody knows.
 */
export async function planTable(
  engine: MaintenanceEngine,
  { table, metadataLocation, thorough }: TablePointer & { readonly thorough: boolean },
): Promise<TablePlan> {
  const { catalog, limits, clock } = engine;
  const base = await readTableMetadata(tableIo, metadataLocation);
  const { metadata } = base;
  const nowMs = clock.now().getTime();
  const protectedIds = await neededSnapshots(catalog, table);
  const ours = await isOurs(catalog, { table, metadata });
  const expired = ours
    ? expiredSnapshots(metadata, { retention: retentionOf(limits), protectedIds, nowMs })
    : [];
  const ids = expired.map((snapshot) => snapshot['snapshot-id']);
  const after = withoutSnapshots(metadata, new Set(ids));
  const gone = await filesNoLongerReferenced(tableIo, { before: metadata, after });
  const { groups, leaves, dataFiles } = await planCompaction(engine, { table, base, thorough });
  const foreign = 'everything: another engine wrote to it last (tidemark verify tells of it)';
  const orphans = thorough
    ? await orphanFiles(engine, { table, olderThanMs: nowMs - limits.orphanAgeMs })
    : [];
  return {
    table,
    metadataLocation,
    snapshots: metadata.snapshots.length,
    dataFiles,
    compact: ours ? groups : [],
    mergeManifests: ours ? await manifestsToMerge(engine, base) : 0,
    expire: ids.map(String),
    remove: await sizesOf(gone),
    metadataFiles: bytesOf(await forgottenAfterwards(engine, base)),
    leftOver: await countExpiredFiles(catalog, table),
    orphans: orphans.map(({ path, bytes }) => ({ path, bytes })),
    leaves: ours || metadata['current-snapshot-id'] === null ? leaves : [foreign],
  };
}

async function manifestsToMerge(
  { limits }: MaintenanceEngine,
  { metadata }: LocatedMetadata,
): Promise<number> {
  const head = currentSnapshot(metadata);
  if (head === null) return 0;
  const manifests = (await manifestsOf(tableIo, head)).filter(hasLiveFiles);
  if (manifests.length < MANIFESTS_MERGED_MIN) return 0;
  const { manifestBytesTarget } = limits;
  const threshold = { manifestsMin: MANIFESTS_MERGED_MIN, manifestBytesTarget };
  const { carried } = await planMerge({ io: tableIo, metadata }, { manifests, threshold });
  return manifests.length - carried.length;
}

/** Those that the log forgets once it is cut to what maintenance leaves. */
async function forgottenAfterwards({ limits }: MaintenanceEngine, base: LocatedMetadata) {
  const log = base.metadata['metadata-log'].slice(-limits.metadataFilesKept);
  return await forgottenMetadata({ ...base, metadata: { ...base.metadata, 'metadata-log': log } });
}
