import { ERROR_CODES } from '../../errors/codes.ts';
import { ConflictError, InvariantError } from '../../errors/tidemark-error.ts';
import type { DataFile } from './data-file.ts';
import type { StoredEntry } from './manifest-entry.ts';
import { type ManifestEntry, writeManifestFile } from './manifest-file.ts';
import { hasLiveFiles, type ManifestFile } from './manifest-list.ts';
import { metadataFolder } from './metadata-file.ts';
import { entriesOf, type TableView } from './read-table.ts';
import type { TableIo } from './table-io.ts';
import { currentSchema, partitionLayout } from './table-metadata.ts';

/** What names and numbers the files of one attempt. */
export interface SnapshotAttempt extends TableView {
  readonly io: TableIo;
  readonly snapshotId: bigint;
  readonly commitUuid: string;
  readonly sequenceNumber: number;
}

/** The files that an attempt has written so far. */
export class SnapshotDraft {
  readonly written: string[] = [];
  readonly #attempt: SnapshotAttempt;
  #manifests = 0;

  constructor(attempt: SnapshotAttempt) {
    this.#attempt = attempt;
  }

  async write(name: string, bytes: Uint8Array): Promise<string> {
    const uri = this.#uri(name);
    this.written.push(uri);
    await this.#attempt.io.write(uri, bytes);
    return uri;
  }

  async writeManifest(specId: number, entries: readonly StoredEntry[]): Promise<ManifestFile> {
    const { metadata, commitUuid, snapshotId, sequenceNumber } = this.#attempt;
    const layout = partitionLayout(metadata, specId);
    if (layout === null) throw contradiction(`partition spec ${specId} is not one of the table's`);
    const name = `${commitUuid}-m${this.#manifests++}`;
    const schema = currentSchema(metadata);
    const uri = this.#uri(name);
    const { manifest, bytes } = writeManifestFile({
      uri,
      entries,
      content: 'data',
      schema,
      layout,
      snapshotId,
      sequenceNumber,
    });
    await this.write(name, bytes);
    return manifest;
  }

  #uri(name: string): string {
    return `${metadataFolder(this.#attempt.metadata)}/${name}.avro`;
  }
}

/** What removing files makes of a snapshot's manifests. */
export interface RemovalPlan {
  /** Manifests that lose no file. */
  readonly carried: readonly ManifestFile[];
  readonly rewrites: readonly {
    readonly specId: number;
    readonly live: readonly ManifestEntry[];
    readonly removed: ReadonlySet<ManifestEntry>;
  }[];
  readonly removed: readonly DataFile[];
}

/**
 * Finds the files to remove. Reads manifests only until all are found, and writes nothing.
 *
 * @throws ConflictError `data_file_not_live`
 */
export async function planRemovals(
  view: TableView,
  { manifests, uris }: { readonly manifests: readonly ManifestFile[]; readonly uris: ReadonlySet<string> },
): Promise<RemovalPlan> {
  const missing = new Set(uris);
  const carried: ManifestFile[] = [];
  const rewrites: RemovalPlan['rewrites'][number][] = [];
  for (const manifest of manifests) {
    const mayHold = missing.size > 0 && manifest.content === 'data' && hasLiveFiles(manifest);
    const entries = mayHold ? await entriesOf(view, manifest) : [];
    const live = entries.filter((entry) => entry.status !== 'deleted');
    const removed = new Set(live.filter((entry) => missing.has(entry.file.uri)));
    if (removed.size === 0) carried.push(manifest);
    else rewrites.push({ specId: manifest.specId, live, removed });
    for (const { file } of removed) missing.delete(file.uri);
  }
  if (missing.size > 0) throw notLive(view, [...missing]);
  return {
    carried,
    rewrites,
    removed: rewrites.flatMap((rewrite) => [...rewrite.removed].map(({ file }) => file)),
  };
}

/** Kept files become EXISTING with the numbers they have, removed ones DELETED by this snapshot. */
export function rewrittenEntries(
  { live, removed }: RemovalPlan['rewrites'][number],
  snapshotId: bigint,
): readonly StoredEntry[] {
  return live.map((entry) =>
    removed.has(entry) ? { ...entry, status: 'deleted', snapshotId } : { ...entry, status: 'existing' },
  );
}

/** Entries of merged manifests: each keeps the snapshot that added it and the numbers it has. */
export function existingEntries(live: readonly ManifestEntry[]): readonly StoredEntry[] {
  return live.map((entry) => ({ ...entry, status: 'existing' }));
}

/** Sequence numbers stay null: these entries take that of the manifest list. */
export function addedEntries(files: readonly DataFile[], snapshotId: bigint): readonly StoredEntry[] {
  return files.map((file) => ({
    status: 'added',
    snapshotId,
    sequenceNumber: null,
    fileSequenceNumber: null,
    file,
  }));
}

export function contradiction(what: string): InvariantError {
  return new InvariantError({
    code: ERROR_CODES.snapshot_contradiction,
    message: `The snapshot cannot be staged: ${what}.`,
    next: 'Report this with the evidence folder of the run; nothing was committed.',
  });
}

function notLive({ metadata }: TableView, uris: readonly string[]): ConflictError {
  const shown = uris.slice(0, 3).join(', ') + (uris.length > 3 ? `, and ${uris.length - 3} more` : '');
  return new ConflictError({
    code: ERROR_CODES.data_file_not_live,
    message: `Files to remove are not in the head of the table at ${metadata.location}: ${shown}.`,
    next: 'Plan again from the current snapshot: another writer has replaced or removed these files.',
    facts: { location: metadata.location, uris },
  });
}
