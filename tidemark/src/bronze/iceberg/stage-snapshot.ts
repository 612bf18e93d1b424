import { ERROR_CODES } from '../../errors/codes.ts';
import { ConflictError, InvariantError } from '../../errors/tidemark-error.ts';
import type { DataFile } from './data-file.ts';
import type { StoredEntry } from './manifest-entry.ts';
import { type ManifestEntry, writeManifestFile } from './manifest-file.ts';
import { hasLiveFiles, type ManifestFile, writeManifestList } from './manifest-list.ts';
import { metadataFolder } from './metadata-file.ts';
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
import type { TableIo } from './table-io.ts';
import {
  currentSchema,
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
 *    in it as DELETED for this one snapshot. Manifests without live files are dropped.
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
  const { io, metadata } = stage;
  const parent = currentSnapshot(metadata);
  const sequenceNumber = metadata['last-sequence-number'] + 1;
  const draft = new Draft(stage, sequenceNumber);

  const inherited = parent === null ? [] : await manifestsOf(io, parent);
  const { carried, rewritten, removed } = await removeFiles(stage, { draft, inherited });
  const added = await addFiles(stage, draft);
  const manifests = [...added, ...rewritten, ...carried.filter(hasLiveFiles)];
  checkReplacement(stage, removed);

  const snapshot: TableSnapshot = {
    'snapshot-id': stage.snapshotId,
    ...(parent === null ? {} : { 'parent-snapshot-id': parent['snapshot-id'] }),
    'sequence-number': sequenceNumber,
    'timestamp-ms': Math.max(stage.nowMs, metadata['last-updated-ms']),
    'manifest-list': draft.uri(`snap-${stage.snapshotId}-1-${stage.commitUuid}`),
    summary: snapshotSummary({
      operation: stage.operation,
      before:
        parent === null ? EMPTY_TOTALS : (totalsOf(parent.summary) ?? (await countTable(stage, inherited))),
      added: stage.addFiles,
      removed,
      keys: stage.summary,
    }),
    'schema-id': metadata['current-schema-id'],
  };
  const list = writeManifestList({
    manifests,
    snapshotId: stage.snapshotId,
    parentSnapshotId: parent === null ? null : parent['snapshot-id'],
    sequenceNumber,
  });
  await draft.write(snapshot['manifest-list'], list);
  return { metadata: withSnapshot(metadata, snapshot), snapshot, written: draft.written };
}

/** The files of one attempt. */
class Draft {
  readonly written: string[] = [];
  readonly #stage: SnapshotStage;
  readonly #sequenceNumber: number;
  #manifests = 0;

  constructor(stage: SnapshotStage, sequenceNumber: number) {
    this.#stage = stage;
    this.#sequenceNumber = sequenceNumber;
  }

  uri(name: string): string {
    return `${metadataFolder(this.#stage.metadata)}/${name}.avro`;
  }

  async write(uri: string, bytes: Uint8Array): Promise<void> {
    this.written.push(uri);
    await this.#stage.io.write(uri, bytes);
  }

  async writeManifest(specId: number, entries: readonly StoredEntry[]): Promise<ManifestFile> {
    const layout = partitionLayout(this.#stage.metadata, specId);
    if (layout === null) throw contradiction(`partition spec ${specId} is not one of the table's`);
    const { manifest, bytes } = writeManifestFile({
      uri: this.uri(`${this.#stage.commitUuid}-m${this.#manifests++}`),
      entries,
      content: 'data',
      schema: currentSchema(this.#stage.metadata),
      layout,
      snapshotId: this.#stage.snapshotId,
      sequenceNumber: this.#sequenceNumber,
    });
    await this.write(manifest.uri, bytes);
    return manifest;
  }
}

async function addFiles(stage: SnapshotStage, draft: Draft): Promise<readonly ManifestFile[]> {
  const bySpec = Map.groupBy(stage.addFiles, (file) => file.specId);
  const manifests: ManifestFile[] = [];
  for (const [specId, files] of bySpec) {
    const entries = files.map(
      (file): StoredEntry => ({
        status: 'added',
        snapshotId: stage.snapshotId,
        sequenceNumber: null,
        fileSequenceNumber: null,
        file,
      }),
    );
    manifests.push(await draft.writeManifest(specId, entries));
  }
  return manifests;
}

interface Removal {
  readonly carried: readonly ManifestFile[];
  readonly rewritten: readonly ManifestFile[];
  readonly removed: readonly DataFile[];
}

/** Reads manifests only until every file to remove was found. */
async function removeFiles(
  stage: SnapshotStage,
  { draft, inherited }: { readonly draft: Draft; readonly inherited: readonly ManifestFile[] },
): Promise<Removal> {
  const wanted = new Set(stage.removeFilePaths);
  const [carried, rewritten, removed]: [ManifestFile[], ManifestFile[], DataFile[]] = [[], [], []];
  for (const manifest of inherited) {
    const mayHold = wanted.size > 0 && manifest.content === 'data' && hasLiveFiles(manifest);
    const live = mayHold
      ? (await entriesOf(stage, manifest)).filter((entry) => entry.status !== 'deleted')
      : [];
    const hits = new Set(live.filter((entry) => wanted.has(entry.file.uri)));
    if (hits.size === 0) {
      carried.push(manifest);
      continue;
    }
    for (const { file } of hits) {
      wanted.delete(file.uri);
      removed.push(file);
    }
    rewritten.push(
      await draft.writeManifest(
        manifest.specId,
        live.map((entry) => rewrittenEntry(entry, { hits, stage })),
      ),
    );
  }
  if (wanted.size > 0) throw notLive(stage, [...wanted]);
  return { carried, rewritten, removed };
}

function rewrittenEntry(
  entry: ManifestEntry,
  { hits, stage }: { readonly hits: ReadonlySet<ManifestEntry>; readonly stage: SnapshotStage },
): StoredEntry {
  return hits.has(entry)
    ? { ...entry, status: 'deleted', snapshotId: stage.snapshotId }
    : { ...entry, status: 'existing' };
}

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

function contradiction(what: string): InvariantError {
  return new InvariantError({
    code: ERROR_CODES.snapshot_contradiction,
    message: `The snapshot cannot be staged: ${what}.`,
    next: 'Report this with the evidence folder of the run; nothing was committed.',
  });
}

function notLive(stage: SnapshotStage, uris: readonly string[]): ConflictError {
  const shown = uris.slice(0, 3).join(', ') + (uris.length > 3 ? `, and ${uris.length - 3} more` : '');
  return new ConflictError({
    code: ERROR_CODES.data_file_not_live,
    message: `Files to remove are not in the head of the table at ${stage.metadata.location}: ${shown}.`,
    next: 'Plan again from the current snapshot: another writer has replaced or removed these files.',
    facts: { location: stage.metadata.location, uris },
  });
}
