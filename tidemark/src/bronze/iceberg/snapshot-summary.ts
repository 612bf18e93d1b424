import { type DataFile, partitionKey } from './data-file.ts';

/** What a snapshot does to a table: rows added; rows replaced; rows removed; the same rows in other files. */
export type SnapshotOperation = 'append' | 'overwrite' | 'delete' | 'replace';

/** The table after a snapshot, as the six `total-*` keys of its summary state it. */
export interface TableTotals {
  readonly dataFiles: number;
  readonly deleteFiles: number;
  readonly records: number;
  readonly sizeBytes: number;
  readonly positionDeletes: number;
  readonly equalityDeletes: number;
}

export const EMPTY_TOTALS: TableTotals = {
  dataFiles: 0,
  deleteFiles: 0,
  records: 0,
  sizeBytes: 0,
  positionDeletes: 0,
  equalityDeletes: 0,
};

const TOTAL_KEYS: Readonly<Record<keyof TableTotals, string>> = {
  dataFiles: 'total-data-files',
  deleteFiles: 'total-delete-files',
  records: 'total-records',
  sizeBytes: 'total-files-size',
  positionDeletes: 'total-position-deletes',
  equalityDeletes: 'total-equality-deletes',
};

/** The totals of a summary, or null when it lacks one of them: optional for writers, required by some readers. */
export function totalsOf(summary: Readonly<Record<string, string>>): TableTotals | null {
  const totals = { ...EMPTY_TOTALS };
  for (const name of Object.keys(TOTAL_KEYS) as (keyof TableTotals)[]) {
    const text = summary[TOTAL_KEYS[name]];
    if (text === undefined || !/^\d{1,15}$/.test(text)) return null;
    totals[name] = Number(text);
  }
  return totals;
}

export function countFiles(files: Iterable<DataFile>): TableTotals {
  const totals = { ...EMPTY_TOTALS };
  for (const file of files) {
    totals.sizeBytes += file.sizeBytes;
    if (file.content === 'data') {
      totals.dataFiles += 1;
      totals.records += file.recordCount;
    } else {
      totals.deleteFiles += 1;
      if (file.content === 'position_deletes') totals.positionDeletes += file.recordCount;
      else totals.equalityDeletes += file.recordCount;
    }
  }
  return totals;
}

/** The keys that the format gives a meaning; a summary's own keys may be anything else. */
export function isReservedSummaryKey(key: string): boolean {
  return /^(operation|changed-partition-count|(added|deleted|removed|total)-(data-files|delete-files|position-deletes|position-delete-files|equality-deletes|equality-delete-files|records|files-size))$/.test(
    key,
  );
}

/** `operation`, the caller's keys, what changed (keys without a change are left out), and all six totals. */
export function snapshotSummary(snapshot: {
  readonly operation: SnapshotOperation;
  readonly before: TableTotals;
  readonly added: readonly DataFile[];
  readonly removed: readonly DataFile[];
  readonly keys: Readonly<Record<string, string>>;
}): Readonly<Record<string, string>> {
  const [added, removed] = [countFiles(snapshot.added), countFiles(snapshot.removed)];
  const changes = {
    'added-data-files': added.dataFiles,
    'deleted-data-files': removed.dataFiles,
    'added-records': added.records,
    'deleted-records': removed.records,
    'added-files-size': added.sizeBytes,
    'removed-files-size': removed.sizeBytes,
    'changed-partition-count': new Set([...snapshot.added, ...snapshot.removed].map(partitionKey)).size,
  };
  const names = Object.keys(TOTAL_KEYS) as (keyof TableTotals)[];
  return {
    operation: snapshot.operation,
    ...snapshot.keys,
    ...Object.fromEntries(
      Object.entries(changes).flatMap(([key, count]) => (count === 0 ? [] : [[key, String(count)]])),
    ),
    ...Object.fromEntries(
      names.map((name) => [TOTAL_KEYS[name], String(snapshot.before[name] + added[name] - removed[name])]),
    ),
  };
}
