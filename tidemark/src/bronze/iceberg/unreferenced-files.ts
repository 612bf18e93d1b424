import { hasLiveFiles, type ManifestFile } from './manifest-list.ts';
import { entriesOf, manifestsOf, type TableView } from './read-table.ts';
import type { TableReader } from './table-io.ts';
import type { TableMetadata } from './table-metadata.ts';

/**
 * Files that the table `before` refers to and the table `after` no longer does: manifest lists, manifests, data files.
 * Reads the manifests that went out, and the others only as far as these name a file.
 */
export async function filesNoLongerReferenced(
  io: TableReader,
  { before, after }: { before: TableMetadata; after: TableMetadata },
): Promise<string[]> {
  const keptLists = new Set(after.snapshots.map((snapshot) => snapshot['manifest-list']));
  const goneSnapshots = before.snapshots.filter((snapshot) => !keptLists.has(snapshot['manifest-list']));
  if (goneSnapshots.length === 0) return [];
  const kept = await manifestsIn({ io, metadata: after }, after.snapshots);
  const gone = await manifestsIn({ io, metadata: before }, goneSnapshots);
  for (const uri of kept.keys()) gone.delete(uri);
  const candidates = new Set<string>();
  for (const manifest of gone.values()) {
    for (const { file } of await entriesOf({ io, metadata: before }, manifest)) candidates.add(file.uri);
  }
  for (const manifest of kept.values()) {
    if (candidates.size === 0) break;
    for (const { status, file } of hasLiveFiles(manifest)
      ? await entriesOf({ io, metadata: after }, manifest)
      : []) {
      if (status !== 'deleted') candidates.delete(file.uri);
    }
  }
  return [...goneSnapshots.map((snapshot) => snapshot['manifest-list']), ...gone.keys(), ...candidates];
}

/** Every manifest list, manifest and data file that any snapshot of the table holds. */
export async function referencedFiles({ io, metadata }: TableView): Promise<Set<string>> {
  const manifests = await manifestsIn({ io, metadata }, metadata.snapshots);
  const found = new Set([
    ...metadata.snapshots.map((snapshot) => snapshot['manifest-list']),
    ...manifests.keys(),
  ]);
  for (const manifest of manifests.values()) {
    for (const { status, file } of await entriesOf({ io, metadata }, manifest))
      if (status !== 'deleted') found.add(file.uri);
  }
  return found;
}

async function manifestsIn(
  { io }: TableView,
  snapshots: TableMetadata['snapshots'],
): Promise<Map<string, ManifestFile>> {
  const found = new Map<string, ManifestFile>();
  for (const snapshot of snapshots) {
    for (const manifest of await manifestsOf(io, snapshot)) found.set(manifest.uri, manifest);
  }
  return found;
}
