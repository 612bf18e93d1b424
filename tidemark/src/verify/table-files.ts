import { basename } from 'node:path';
import type { ManifestFile } from '../bronze/iceberg/manifest-list.ts';
import { hasLiveFiles } from '../bronze/iceberg/manifest-list.ts';
import { readTableMetadata } from '../bronze/iceberg/metadata-file.ts';
import { entriesOf, manifestsOf } from '../bronze/iceberg/read-table.ts';
import {
  currentSnapshot,
  snapshotById,
  type TableMetadata,
  type TableSnapshot,
} from '../bronze/iceberg/table-metadata.ts';
import { pathOf, tableIo } from '../bronze/table-io.ts';
import { listTables, type TablePointer } from '../catalog/iceberg-tables.ts';
import { shellWord } from '../evidence/next-command.ts';
import { throwIfAway } from '../landing/store/away.ts';
import { restoreFile } from './mending.ts';
import type { Verification } from './verification.ts';

/** A table whose metadata could be read whole; its files are in the ledger. */
export interface ReadTable {
  readonly table: string;
  readonly metadataLocation: string;
  readonly metadata: TableMetadata;
}

/**
 * Reads the metadata of every table in scope and enters the files of its head, and those that earlier snapshots alone
 * hold, into the ledger. Opens no data file.
 */
export async function readTables(verification: Verification): Promise<ReadTable[]> {
  const { catalog, scope, findings } = verification;
  const tables: ReadTable[] = [];
  findings.begin('snapshots');
  for (const pointer of await listTables(catalog)) {
    if (scope.table !== null && scope.table !== pointer.table) continue;
    const read = await readTable(verification, pointer);
    if (read !== null) tables.push(read);
  }
  return tables;
}

async function readTable(verification: Verification, pointer: TablePointer): Promise<ReadTable | null> {
  const { table, metadataLocation } = pointer;
  let at = metadataLocation;
  try {
    const { metadata } = await readTableMetadata(tableIo, metadataLocation);
    const head = currentSnapshot(metadata);
    const seen = new Set<string>();
    for (const snapshot of snapshotsToRead(metadata, head)) {
      verification.engine.signal.throwIfAborted();
      at = snapshot['manifest-list'];
      const manifests = (await manifestsOf(tableIo, snapshot)).filter(
        (manifest) => manifest.content === 'data' && hasLiveFiles(manifest) && !seen.has(manifest.uri),
      );
      for (const manifest of manifests) {
        at = manifest.uri;
        // In the head a manifest that is listed twice shows its rows twice.
        if (snapshot !== head) seen.add(manifest.uri);
        await enter(verification, { table, metadata, manifest, inHead: snapshot === head });
      }
      for (const { uri } of manifests) seen.add(uri);
    }
    return { table, metadataLocation, metadata };
  } catch (error) {
    verification.engine.signal.throwIfAborted();
    throwIfAway(error);
    unreadable(verification, { table, uri: at, why: (error as Error).message });
    return null;
  }
}

/**
 * The head, what a name keeps, and what stood before a snapshot that took files away: together they list every file that
 * any snapshot holds, since an append takes none.
 */
function snapshotsToRead(metadata: TableMetadata, head: TableSnapshot | null): TableSnapshot[] {
  const parents = metadata.snapshots.flatMap(({ summary, 'parent-snapshot-id': parent }) =>
    summary.operation === 'append' || parent === undefined || parent === null ? [] : [parent],
  );
  const named = Object.values(metadata.refs).map((ref) => ref['snapshot-id']);
  const others = [...new Set([...named, ...parents])]
    .filter((id) => id !== head?.['snapshot-id'])
    .flatMap((id) => snapshotById(metadata, id) ?? []);
  return head === null ? others : [head, ...others];
}

async function enter(
  { ledger }: Verification,
  of: { table: string; metadata: TableMetadata; manifest: ManifestFile; inHead: boolean },
): Promise<void> {
  const { table, metadata, manifest, inHead } = of;
  for (const { status, file, snapshotId } of await entriesOf({ io: tableIo, metadata }, manifest)) {
    if (status === 'deleted') continue;
    const path = pathOf(file.uri);
    ledger.run(
      `INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET listed = listed + excluded.listed`,
      table,
      basename(path),
      path,
      file.sizeBytes,
      file.recordCount,
      String(snapshotId),
      inHead ? 1 : 0,
    );
  }
}

function unreadable(
  { findings }: Verification,
  { table, uri, why }: { table: string; uri: string; why: string },
): void {
  const path = uri.replace(/^file:(\/\/)?/, '');
  findings.couldNotSee('snapshots', table, 'its metadata cannot be read');
  findings.found('snapshots', {
    kind: 'table_metadata_unreadable',
    manifestId: null,
    batchId: null,
    sourceId: null,
    table,
    runId: null,
    distinction: basename(path),
    message: `${path}, by which bronze.${table} is read, cannot be read: ${why.split('\n')[0]}`,
    facts: { path },
    query: `ls -l ${shellWord(path)}`,
    suggestion: restoreFile(path),
  });
}
