import { snapshotById, type TableMetadata, type TableSnapshot } from './table-metadata.ts';

/** How long a table's snapshots are kept. */
export interface SnapshotRetention {
  /** So many of the latest are kept, however old. */
  readonly keptMin: number;
  /** Beyond so many the older ones go, however young. */
  readonly keptMax: number;
  /** Between the two a snapshot goes once it is older than this. */
  readonly ageMs: number;
}

/**
 * The snapshots that nobody has to keep, oldest first. Kept are: what retention says of the head's ancestry, whatever a
 * tag or another branch leads to, and `protectedIds`. Pure.
 */
export function expiredSnapshots(
  metadata: TableMetadata,
  {
    retention,
    protectedIds,
    nowMs,
  }: { retention: SnapshotRetention; protectedIds: ReadonlySet<bigint>; nowMs: number },
): readonly TableSnapshot[] {
  const kept = new Set(protectedIds);
  const main = metadata['current-snapshot-id'];
  for (const [index, snapshot] of ancestorsOf(metadata, main).entries()) {
    const young = nowMs - snapshot['timestamp-ms'] <= retention.ageMs;
    if (index < retention.keptMin || (young && index < retention.keptMax)) kept.add(snapshot['snapshot-id']);
  }
  for (const [name, ref] of Object.entries(metadata.refs)) {
    if (name === 'main') continue;
    kept.add(ref['snapshot-id']);
    // A branch of another engine has a history of its own to keep; a tag names one snapshot.
    if (ref.type === 'branch')
      for (const snapshot of ancestorsOf(metadata, ref['snapshot-id'])) kept.add(snapshot['snapshot-id']);
  }
  return metadata.snapshots
    .filter((snapshot) => !kept.has(snapshot['snapshot-id']))
    .toSorted((a, b) => a['sequence-number'] - b['sequence-number']);
}

/** From a snapshot back to the first that is still there; bounded, since another writer's parents might form a ring. */
export function ancestorsOf(metadata: TableMetadata, snapshotId: bigint | null): TableSnapshot[] {
  const byId = new Map(metadata.snapshots.map((snapshot) => [snapshot['snapshot-id'], snapshot]));
  const found: TableSnapshot[] = [];
  let id = snapshotId;
  while (id !== null && found.length < metadata.snapshots.length) {
    const snapshot = byId.get(id);
    if (snapshot === undefined) break;
    found.push(snapshot);
    id = snapshot['parent-snapshot-id'] ?? null;
  }
  return found;
}

/**
 * The table without some snapshots. The snapshot log loses everything up to the last of them, so that what is left of it
 * tells no wrong time (as Iceberg's own writers do); statistics of them go too.
 */
export function withoutSnapshots(metadata: TableMetadata, expired: ReadonlySet<bigint>): TableMetadata {
  if (expired.size === 0) return metadata;
  const log = metadata['snapshot-log'];
  const lastGone = log.findLastIndex((entry) => expired.has(entry['snapshot-id']));
  const withStatistics = metadata as TableMetadata & Partial<Record<StatisticsField, readonly OfSnapshot[]>>;
  const statistics = STATISTICS.flatMap((field) => {
    const entries = withStatistics[field];
    if (entries === undefined) return [];
    return [[field, entries.filter((entry) => !expired.has(entry['snapshot-id']))] as const];
  });
  return {
    ...metadata,
    snapshots: metadata.snapshots.filter((snapshot) => !expired.has(snapshot['snapshot-id'])),
    'snapshot-log': log.slice(lastGone + 1),
    ...Object.fromEntries(statistics),
  };
}

const STATISTICS = ['statistics', 'partition-statistics'] as const;
type StatisticsField = (typeof STATISTICS)[number];
interface OfSnapshot {
  readonly 'snapshot-id': bigint;
}

/** Key of a maintenance snapshot's summary: the snapshot whose rows it holds, unchanged. */
export const ROWS_OF_KEY = 'tidemark.rows-of';

/**
 * The snapshot that made the table's rows what they are: the head, or what the head only keeps in other files. Null for
 * an empty table.
 */
export function rowsSnapshotId(metadata: TableMetadata): bigint | null {
  const head = metadata['current-snapshot-id'];
  const summary = head === null ? undefined : snapshotById(metadata, head)?.summary;
  const told = summary?.operation === 'replace' ? summary[ROWS_OF_KEY] : undefined;
  return told !== undefined && /^\d+$/.test(told) ? BigInt(told) : head;
}

/** Whether the table's history has come by a snapshot: it is still there, or expired and the head keeps its rows. */
export function leadsTo(metadata: TableMetadata, snapshotId: bigint): boolean {
  return snapshotById(metadata, snapshotId) !== null || rowsSnapshotId(metadata) === snapshotId;
}
