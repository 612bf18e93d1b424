import { rowsSnapshotId } from '../../bronze/iceberg/expire-snapshots.ts';
import { readTableMetadata } from '../../bronze/iceberg/metadata-file.ts';
import { snapshotById, type TableSnapshot } from '../../bronze/iceberg/table-metadata.ts';
import { decodeUnit } from '../../bronze/prepared-unit.ts';
import { tableIo } from '../../bronze/table-io.ts';
import type { CatalogReader } from '../../catalog/catalog.ts';
import { type CommitRow, commitsOfSnapshot } from '../../catalog/commits.ts';
import { listAllTables, listTables } from '../../catalog/iceberg-tables.ts';
import { unitsCommittedBy } from '../../catalog/units.ts';
import { FOLDED_FROM_KEY } from '../../commit/open-current.ts';
import { isCurrent, wholeName } from '../../model/table-names.ts';
import { readTableHead } from '../table-heads.ts';
import { counted, facts, related, type Story } from './story.ts';

/** Snapshots of this id, as the catalog knows who committed them; else as a table's own metadata tells. */
export async function snapshotStories(catalog: CatalogReader, snapshotId: string): Promise<Story[]> {
  const commits = await commitsOfSnapshot(catalog, snapshotId);
  const stories: Story[] = [];
  for (const commit of commits) stories.push(await committedStory(catalog, commit));
  return stories;
}

async function committedStory(catalog: CatalogReader, commit: CommitRow): Promise<Story> {
  const units = (await unitsCommittedBy(catalog, commit.runId)).map(decodeUnit);
  const files = units.flatMap((unit) =>
    unit.files
      .filter(({ table }) => table === commit.table)
      .flatMap((entry) => entry.files.map((file) => ({ file, sourceId: unit.sourceId }))),
  );
  return {
    kind: 'snapshot',
    title: `snapshot ${commit.snapshotId} of bronze.${commit.table}`,
    facts: facts({
      'committed at': commit.committedAt,
      revision: `${commit.revision} of batch ${commit.batchId}`,
      'rows added': commit.addedRecords,
      'files added': files.length,
      head: await headOf(catalog, commit),
      metadata: commit.metadataLocation,
    }),
    related: [
      ...related({
        'committed by': commit.runId,
        manifest: commit.manifestId,
        batch: commit.batchId,
        parent: commit.parentSnapshotId,
      }),
      { label: 'table', value: `bronze.${commit.table}`, query: `bronze.${commit.table}` },
      ...files.map(({ file, sourceId }) => ({
        label: 'data file',
        value: `${counted(file.recordCount, 'row')} of ${sourceId}: ${file.uri}`,
        query: file.uri,
      })),
    ],
    next: null,
  };
}

async function headOf(catalog: CatalogReader, { table, snapshotId }: CommitRow): Promise<string | null> {
  const pointer = (await listTables(catalog)).find((entry) => entry.table === table);
  if (pointer === undefined) return null;
  try {
    const head = await readTableHead(pointer);
    if (head.snapshotId === snapshotId) return 'yes: readers see it now';
    const { metadata } = await readTableMetadata(tableIo, pointer.metadataLocation);
    const expired = snapshotById(metadata, BigInt(snapshotId)) === null;
    if (rowsSnapshotId(metadata) === BigInt(snapshotId))
      return `its rows are: the head ${head.snapshotId} keeps them in other files${expired ? ', and it has expired itself' : ''}`;
    return `no: the head is ${head.snapshotId}${expired ? ', and this one has expired: its rows are where its units are' : ''}`;
  } catch (error) {
    return `unknown: ${(error as Error).message}`;
  }
}

/** A snapshot that is in no commit of this catalog: newest versions, or what another engine wrote. Reads every table's metadata. */
export async function foreignSnapshotStories(catalog: CatalogReader, text: string): Promise<Story[]> {
  if (!/^\d{1,19}$/.test(text)) return [];
  const stories: Story[] = [];
  for (const { table, metadataLocation } of await listAllTables(catalog)) {
    const { metadata } = await readTableMetadata(tableIo, metadataLocation);
    const snapshot = snapshotById(metadata, BigInt(text));
    if (snapshot !== null) stories.push(foreignStory(table, snapshot));
  }
  return stories;
}

function foreignStory(table: string, snapshot: TableSnapshot): Story {
  const parent = snapshot['parent-snapshot-id'];
  return {
    kind: 'snapshot',
    title: isCurrent(table)
      ? `snapshot ${snapshot['snapshot-id']} of ${table}, folded from Bronze`
      : `snapshot ${snapshot['snapshot-id']} of bronze.${table}: committed by no run of this catalog`,
    facts: facts({
      'committed at': new Date(snapshot['timestamp-ms']).toISOString(),
      'rows added': snapshot.summary['added-records'],
      'rows removed': snapshot.summary['deleted-records'],
      operation: snapshot.summary.operation,
      engine: snapshot.summary['engine-name'],
    }),
    related: related({
      table: wholeName(table),
      'folded from': snapshot.summary[FOLDED_FROM_KEY],
      'folded by': snapshot.summary['tidemark.run_id'],
      parent: parent ? String(parent) : null,
    }),
    next: null,
  };
}
