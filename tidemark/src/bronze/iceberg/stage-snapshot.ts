import type { DataFile } from './data-file.ts';
import { hasLiveFiles, type ManifestFile, writeManifestList } from './manifest-list.ts';
import { type MergeThreshold, planMerge } from './merge-manifests.ts';
import { entriesOf, manifestsOf, type TableView } from './read-table.ts';
import {
  countFiles,
  EMPTY_TOTALS,
  isReservedSummaryKey,
  type SnapshotOperation,
  snapshotSummary,
  type TableTotals,
  totalsOf,
} from './snapshot-summary.ts';
import {
  addedEntries,
  contradiction,
  existingEntries,
  planRemovals,
  rewrittenEntries,
  SnapshotDraft,
} from './stage-manifests.ts';
import type { TableIo } from './table-io.ts';
import {
  currentSnapshot,
  partitionLayout,
  snapshotById,
  type TableMetadata,
  type TableSnapshot,
} from './table-metadata.ts';

export interface SnapshotStage {
  readonly io: TableIo;
  /** The table's head. A lost compare-and-swap means staging again on the new head, with a fresh `commitUuid`. */
  readonly metadata: TableMetadata;
  readonly operation: SnapshotOperation;
  /** Files that are durable and in no snapshot yet; they are not compared with the files of the table. */
  readonly addFiles: readonly DataFile[];
  /** URIs of live data files. */
  readonly removeFilePaths?: ReadonlySet<string>;
  /** When small manifests become one; absent: never. */
  readonly merge?: MergeThreshold;
  /** Keys of the caller, such as the trace anchors. They may not be those of the format. */
  readonly summary: Readonly<Record<string, string>>;
  readonly snapshotId: bigint;
  /** Names this attempt's files. */
  readonly commitUuid: string;
  readonly nowMs: number;
}

export interface StagedSnapshot {
  /** Not written yet: see `planMetadataFile`. */
  readonly metadata: TableMetadata;
  readonly snapshot: TableSnapshot;
  /** Every URI that was written. Nothing refers to them until the catalog's swap; a lost attempt removes them. */
  readonly written: readonly string[];
}

/**
 * Writes the manifests and the manifest list of a table's next snapshot. What it keeps true, since readers do not check:
 * 1. The snapshot's sequence number is one above the table's last. ADDED entries leave theirs null, EXISTING and DELETED
 *    ones state it.
 * 2. A manifest that loses no file is carried forward as it is; one that does is rewritten, and the removed file stands
 *    in it as DELETED for this one snapshot. Manifests without live files are dropped, small ones merged (`merge`).
 * 3. Counts and sizes in manifest list and summary are sums over entries, the totals continue the parent's.
 * 4. `refs.main` is the current snapshot, the snapshot log grows, times and ids never go back.
 *
 * A snapshot without files is legal: an `append` then only carries its summary.
 *
 * @throws ConflictError `data_file_not_live` when a file to remove is not in the head (another writer removed it).
 * @throws InvariantError `snapshot_contradiction` for a request that contradicts itself or the table.
 */
export async function stageSnapshot(stage: SnapshotStage): Promise<StagedSnapshot> {
  checkRequest(stage);
  const { io, metadata, snapshotId } = stage;
  const parent = currentSnapshot(metadata);
  const sequenceNumber = metadata['last-sequence-number'] + 1;
  const inherited = parent === null ? [] : await manifestsOf(io, parent);
  const removal = await planRemovals(stage, {
    manifests: inherited,
    uris: stage.removeFilePaths ?? new Set(),
  });
  checkReplacement(stage, removal.removed);
  const before =
    parent === null ? EMPTY_TOTALS : (totalsOf(parent.summary) ?? (await countTable(stage, inherited)));

  const draft = new SnapshotDraft({ io, metadata, snapshotId, commitUuid: stage.commitUuid, sequenceNumber });
  const manifests: ManifestFile[] = [];
  for (const [specId, files] of Map.groupBy(stage.addFiles, (file) => file.specId)) {
    manifests.push(await draft.writeManifest(specId, addedEntries(files, snapshotId)));
  }
  for (const rewrite of removal.rewrites) {
    manifests.push(await draft.writeManifest(rewrite.specId, rewrittenEntries(rewrite, snapshotId)));
  }
  const merge = await planMerge(stage, {
    manifests: removal.carried.filter(hasLiveFiles),
    threshold: stage.merge ?? NEVER,
  });
  for (const { specId, live } of merge.merged)
    manifests.push(await draft.writeManifest(specId, existingEntries(live)));
  manifests.push(...merge.carried);
  const parentSnapshotId = parent?.['snapshot-id'] ?? null;
  const list = writeManifestList({ manifests, snapshotId, parentSnapshotId, sequenceNumber });
  const listUri = await draft.write(`snap-${snapshotId}-1-${stage.commitUuid}`, list);

  const { operation, addFiles: added, summary: keys } = stage;
  const snapshot: TableSnapshot = {
    'snapshot-id': snapshotId,
    ...(parentSnapshotId === null ? {} : { 'parent-snapshot-id': parentSnapshotId }),
    'sequence-number': sequenceNumber,
    'timestamp-ms': Math.max(stage.nowMs, metadata['last-updated-ms']),
    'manifest-list': listUri,
    summary: snapshotSummary({ operation, before, added, removed: removal.removed, keys }),
    'schema-id': metadata['current-schema-id'],
  };
  return { metadata: withSnapshot(metadata, snapshot), snapshot, written: draft.written };
}

const NEVER: MergeThreshold = { manifestsMin: Number.POSITIVE_INFINITY, manifestBytesTarget: 0 };

/** For a parent whose summary another writer left incomplete. Reads every manifest. */
async function countTable(view: TableView, manifests: readonly ManifestFile[]): Promise<TableTotals> {
  const files: DataFile[] = [];
  for (const manifest of manifests.filter(hasLiveFiles)) {
    const entries = await entriesOf(view, manifest);
    files.push(...entries.filter((entry) => entry.status !== 'deleted').map((entry) => entry.file));
  }
  return countFiles(files);
}

function withSnapshot(metadata: TableMetadata, snapshot: TableSnapshot): TableMetadata {
  const [id, timestamp] = [snapshot['snapshot-id'], snapshot['timestamp-ms']];
  return {
    ...metadata,
    'last-sequence-number': snapshot['sequence-number'],
    'last-updated-ms': timestamp,
    'current-snapshot-id': id,
    refs: { ...metadata.refs, main: { ...metadata.refs.main, 'snapshot-id': id, type: 'branch' } },
    snapshots: [...metadata.snapshots, snapshot],
    'snapshot-log': [...metadata['snapshot-log'], { 'timestamp-ms': timestamp, 'snapshot-id': id }],
  };
}

function checkRequest(stage: SnapshotStage): void {
  const { metadata, operation, addFiles: added, removeFilePaths } = stage;
  const removes = removeFilePaths?.size ?? 0;
  if (snapshotById(metadata, stage.snapshotId) !== null)
    throw contradiction(`snapshot ${stage.snapshotId} exists`);
  if (operation === 'append' && removes > 0) throw contradiction('an append removes no files');
  if (operation === 'delete' && added.length > 0) throw contradiction('a delete adds no files');
  const uris = new Set(added.map((file) => file.uri));
  if (uris.size < added.length) throw contradiction('a file is added twice');
  if (removeFilePaths && !uris.isDisjointFrom(removeFilePaths))
    throw contradiction('a file is added and removed');
  const reserved = Object.keys(stage.summary).filter(isReservedSummaryKey);
  if (reserved.length > 0)
    throw contradiction(`the summary keys ${reserved.join(', ')} belong to the format`);
  for (const file of added) {
    const fields = partitionLayout(metadata, file.specId)?.fields.length;
    if (file.content !== 'data') throw contradiction(`${file.uri} is not a data file`);
    if (fields !== file.partition.length)
      throw contradiction(`${file.uri} does not fit partition spec ${file.specId}`);
  }
}

function checkReplacement(stage: SnapshotStage, removed: readonly DataFile[]): void {
  if (stage.operation !== 'replace') return;
  const [before, after] = [countFiles(removed).records, countFiles(stage.addFiles).records];
  if (before !== after)
    throw contradiction(`a replace must keep the rows: ${before} are removed and ${after} added`);
}
