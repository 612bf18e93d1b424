import { randomBytes } from 'node:crypto';
import { planMetadataFile } from '../bronze/iceberg/metadata-file.ts';
import { stageSnapshot } from '../bronze/iceberg/stage-snapshot.ts';
import {
  currentSnapshot,
  newSnapshotId,
  type TableMetadata,
  withTag,
} from '../bronze/iceberg/table-metadata.ts';
import type { OpenTable } from '../bronze/open-table.ts';
import { formatDigests } from '../bronze/prepared-unit.ts';
import { tableIo } from '../bronze/table-io.ts';
import { anchorValues } from '../model/anchors.ts';
import type { CommitEngine, CommitRequest, CommittedTable } from './commit-request.ts';
import { foldBeside } from './fold-beside.ts';
import type { TableAddition } from './plan-commit.ts';
import { mergeThreshold, type StagedFold } from './stage-fold.ts';

export interface StagedTable {
  readonly expected: string | null;
  /** Of the metadata file. */
  readonly bytes: Uint8Array;
  readonly written: readonly string[];
  readonly committed: CommittedTable;
  /** What the newest versions become in the same transaction; null where none are kept. */
  readonly fold: StagedFold | null;
}

export interface OpenAddition {
  readonly addition: TableAddition;
  readonly table: OpenTable;
}

/** Writes manifests and manifest list of a table's next snapshot; its metadata file is planned, and nothing points to any of it. */
export async function stageTable(
  engine: CommitEngine,
  request: CommitRequest,
  { addition, table }: OpenAddition,
): Promise<StagedTable> {
  const nowMs = engine.clock.now().getTime();
  const snapshotId = newSnapshotId(randomBytes, table.metadata);
  // The run's id in every name: what a dead run staged is known to be its own.
  const commitUuid = `${request.anchors.runId}-${snapshotId.toString(36)}`;
  const { metadata, written } = await stageSnapshot({
    io: tableIo,
    metadata: keepingHead(table.metadata, addition, request.tag),
    operation: addition.removes.size > 0 ? 'overwrite' : 'append',
    addFiles: addition.files.flatMap((entry) => entry.files),
    removeFilePaths: addition.removes,
    merge: mergeThreshold(engine.limits),
    summary: summaryOf(request, addition),
    snapshotId,
    commitUuid,
    nowMs,
  });
  const file = planMetadataFile({ base: table.base, metadata, uuid: commitUuid, nowMs });
  const committed = {
    table: addition.table,
    snapshotId: String(snapshotId),
    parentSnapshotId: table.headSnapshotId,
    metadataLocation: file.location,
    addedRecords: addition.records,
    totalRecords: Number(currentSnapshot(metadata)?.summary['total-records'] ?? 0),
    totalFiles: Number(currentSnapshot(metadata)?.summary['total-data-files'] ?? 0),
  };
  const fold = await foldBeside(engine, request, { addition, table, after: metadata });
  const ofFold = fold === null ? [] : [...fold.written, fold.folded.metadataLocation];
  return {
    expected: table.base?.location ?? null,
    bytes: file.bytes,
    written: [...written, ...ofFold],
    committed,
    fold,
  };
}

/** A replacement keeps the head that it replaces, under a tag. */
function keepingHead(metadata: TableMetadata, addition: TableAddition, tag: string | null): TableMetadata {
  const head = metadata['current-snapshot-id'];
  if (tag === null || head === null || addition.removes.size === 0) return metadata;
  return withTag(metadata, { name: tag, snapshotId: head });
}

/** Anchors, counts, digests and progress, so that a lost catalog can be rebuilt from the tables. */
function summaryOf(request: CommitRequest, addition: TableAddition): Record<string, string> {
  const { plan, anchors } = request;
  const entries = {
    ...anchorValues(anchors),
    prepared_by: request.preparedBy.join(','),
    revision: String(request.revision),
    window: request.window,
    ...Object.fromEntries(
      Object.entries(plan.tally).map(([name, count]) => [`records_${name}`, String(count)]),
    ),
    ...Object.fromEntries(
      Object.entries(formatDigests(plan.digests)).map(([name, text]) => [`digest_${name}`, text]),
    ),
    units: String(addition.files.length),
    cursors: JSON.stringify(request.cursors),
    watermarks: JSON.stringify(request.watermarks),
  };
  return Object.fromEntries(Object.entries(entries).map(([name, value]) => [`tidemark.${name}`, value]));
}

export async function unstage(staged: readonly StagedTable[]): Promise<void> {
  for (const { written, committed } of staged) {
    for (const uri of [...written, committed.metadataLocation]) await tableIo.remove(uri);
  }
}
