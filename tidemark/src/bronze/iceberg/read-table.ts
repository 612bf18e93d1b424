import { ERROR_CODES } from '../../errors/codes.ts';
import { InvariantError } from '../../errors/tidemark-error.ts';
import type { DataFile } from './data-file.ts';
import { type ManifestEntry, readManifestFile } from './manifest-file.ts';
import { hasLiveFiles, type ManifestFile, readManifestList } from './manifest-list.ts';
import type { TableReader } from './table-io.ts';
import {
  currentSnapshot,
  partitionLayout,
  snapshotById,
  type TableMetadata,
  type TableSnapshot,
} from './table-metadata.ts';

/** A file that a snapshot holds, with the snapshot that added it. */
export type LiveFile = DataFile & { readonly sequenceNumber: number; readonly addedSnapshotId: bigint };

export interface TableView {
  readonly io: TableReader;
  readonly metadata: TableMetadata;
}

/** The manifests of a snapshot, those without live files too. */
export async function manifestsOf(
  io: TableReader,
  snapshot: TableSnapshot,
): Promise<readonly ManifestFile[]> {
  const uri = snapshot['manifest-list'];
  return readManifestList(await io.read(uri), uri);
}

/** The entries of a manifest, deleted ones too, with inherited values filled in. */
export async function entriesOf(view: TableView, manifest: ManifestFile): Promise<readonly ManifestEntry[]> {
  const layout = partitionLayout(view.metadata, manifest.specId);
  if (layout === null) {
    throw new InvariantError({
      code: ERROR_CODES.manifest_unreadable,
      message: `${manifest.uri} is of partition spec ${manifest.specId}, which the table does not have.`,
      next: 'Point the catalog at an earlier metadata file of the table, or restore it from a copy.',
      facts: { uri: manifest.uri, specId: manifest.specId },
    });
  }
  const partitionIds = layout.fields.map((field) => field.id);
  return readManifestFile(await view.io.read(manifest.uri), { manifest, partitionIds });
}

/**
 * The data files of a snapshot (by default the current one), manifest by manifest. Rows that another engine's delete
 * files take out of them are not looked at: see `hasDeleteFiles`.
 *
 * @throws InvariantError `snapshot_unknown` for an id that the table does not have.
 */
export async function* liveDataFiles(
  view: TableView & { readonly snapshotId?: bigint },
): AsyncGenerator<LiveFile> {
  const snapshot = snapshotOf(view);
  if (snapshot === null) return;
  const manifests = await manifestsOf(view.io, snapshot);
  for (const manifest of manifests.filter(({ content }) => content === 'data')) {
    yield* await liveFilesOf(view, manifest);
  }
}

/** Whether a snapshot holds delete files, so that the rows of its data files are not simply its rows. */
export async function hasDeleteFiles(view: TableView & { readonly snapshotId?: bigint }): Promise<boolean> {
  const snapshot = snapshotOf(view);
  if (snapshot === null) return false;
  return (await manifestsOf(view.io, snapshot)).some(
    (manifest) => manifest.content === 'deletes' && hasLiveFiles(manifest),
  );
}

export type FilesSince =
  | {
      readonly kind: 'known';
      /** Files that are live now and were not then. */
      readonly added: readonly LiveFile[];
      /** Files that were live then and are not now. */
      readonly removed: readonly LiveFile[];
      /** Another engine's delete files came or went: rows of files that are in neither list changed. */
      readonly deletesChanged: boolean;
    }
  /** The snapshot was expired, or the table was rolled back behind it: nothing can be said by difference. */
  | { readonly kind: 'unknown' };

/**
 * What changed between a snapshot and the current one. Manifests that both hold are not read, so the cost is that of
 * the change. `sinceSnapshotId` null means “since the table was empty”.
 */
export async function filesAddedSince(
  view: TableView & { readonly sinceSnapshotId: bigint | null },
): Promise<FilesSince> {
  const { io, metadata, sinceSnapshotId } = view;
  const now = currentSnapshot(metadata);
  const base = sinceSnapshotId === null ? null : snapshotById(metadata, sinceSnapshotId);
  if (sinceSnapshotId !== null && (base === null || !isAncestor(metadata, sinceSnapshotId)))
    return { kind: 'unknown' };

  const [before, after] = [
    base === null ? [] : await manifestsOf(io, base),
    now === null ? [] : await manifestsOf(io, now),
  ];
  const [beforeUris, afterUris] = [urisOf(before), urisOf(after)];
  const gone = before.filter((manifest) => !afterUris.has(manifest.uri));
  const fresh = after.filter((manifest) => !beforeUris.has(manifest.uri));
  const [was, is] = [await filesByUri(view, gone), await filesByUri(view, fresh)];
  return {
    kind: 'known',
    added: [...is.values()].filter((file) => !was.has(file.uri)),
    removed: [...was.values()].filter((file) => !is.has(file.uri)),
    deletesChanged: [...gone, ...fresh].some(
      (manifest) => manifest.content === 'deletes' && hasLiveFiles(manifest),
    ),
  };
}

/** Whether a snapshot is the current one or one of its ancestors. */
export function isAncestor(metadata: TableMetadata, snapshotId: bigint): boolean {
  let snapshot = currentSnapshot(metadata);
  // Bounded, since another writer's parent ids might form a ring.
  for (let steps = metadata.snapshots.length; snapshot !== null && steps > 0; steps -= 1) {
    if (snapshot['snapshot-id'] === snapshotId) return true;
    const parent = snapshot['parent-snapshot-id'] ?? null;
    snapshot = parent === null ? null : snapshotById(metadata, parent);
  }
  return false;
}

function snapshotOf(view: TableView & { readonly snapshotId?: bigint }): TableSnapshot | null {
  if (view.snapshotId === undefined) return currentSnapshot(view.metadata);
  const snapshot = snapshotById(view.metadata, view.snapshotId);
  if (snapshot !== null) return snapshot;
  throw new InvariantError({
    code: ERROR_CODES.snapshot_unknown,
    message: `The table at ${view.metadata.location} has no snapshot ${view.snapshotId}.`,
    next: 'Ask for one of its snapshots, or tag a snapshot that has to stay before snapshots are expired.',
    facts: { snapshotId: String(view.snapshotId), location: view.metadata.location },
  });
}

async function liveFilesOf(view: TableView, manifest: ManifestFile): Promise<readonly LiveFile[]> {
  if (!hasLiveFiles(manifest)) return [];
  const entries = await entriesOf(view, manifest);
  return entries
    .filter((entry) => entry.status !== 'deleted')
    .map(({ file, sequenceNumber, snapshotId }) => ({
      ...file,
      sequenceNumber,
      addedSnapshotId: snapshotId,
    }));
}

async function filesByUri(
  view: TableView,
  manifests: readonly ManifestFile[],
): Promise<ReadonlyMap<string, LiveFile>> {
  const files = new Map<string, LiveFile>();
  for (const manifest of manifests.filter(({ content }) => content === 'data')) {
    for (const file of await liveFilesOf(view, manifest)) files.set(file.uri, file);
  }
  return files;
}

function urisOf(manifests: readonly ManifestFile[]): ReadonlySet<string> {
  return new Set(manifests.map((manifest) => manifest.uri));
}
