import { hasObject } from '../landing/store-object.ts';
import type { RefinedUnit } from '../refine/refined.ts';
import type { DataFile } from './iceberg/data-file.ts';
import { type EventTimeField, type EventTimeRange, overlapsEventTime } from './iceberg/event-time.ts';
import { ancestorsOf } from './iceberg/expire-snapshots.ts';
import { microsFromText } from './iceberg/instant-text.ts';
import { filesAddedSince, liveDataFiles } from './iceberg/read-table.ts';
import { columnByName } from './iceberg/schema.ts';
import type { TableMetadata } from './iceberg/table-metadata.ts';
import type { OpenTable } from './open-table.ts';
import { pathOf, tableIo } from './table-io.ts';

/** A unit's share in a table: enough to tell whether it could hold an equal record. */
interface WrittenFiles {
  readonly unit: {
    readonly table: string;
    readonly files: readonly { readonly table: string; readonly files: readonly DataFile[] }[];
  } | null;
}

interface Keepers {
  table: OpenTable;
  earlier: readonly WrittenFiles[];
  /** History as of this snapshot (null: of the empty table), or these files of it, instead of the head's. */
  asOf?: string | null | readonly DataFile[];
  /** URIs of files that are about to go out. */
  without?: ReadonlySet<string>;
  /** What stands for a file that is not there. Without it such a file is found by whoever reads it. */
  lost?(file: { readonly path: string; readonly table: string }): Promise<string[]>;
}

/** Records of which it is asked where equal ones may be. */
type Incoming = Pick<RefinedUnit, 'acceptedParts' | 'eventTime'>;

/**
 * Files that may hold a record equal to one of this unit: history whose event times overlap (an exact duplicate has the
 * same event time; rows without one are always compared) and earlier units of the batch. Only metadata is read here.
 */
export async function keeperFiles(options: Keepers & { refined: Incoming }): Promise<string[]> {
  return await keeperSearch(options)(options.refined);
}

/** The same for one who asks several times: what the table holds is read once, when it is first asked for. */
export function keeperSearch(options: Keepers): (of: Incoming) => Promise<string[]> {
  let history: Promise<readonly DataFile[]> | null = null;
  return async (of) => {
    if (of.acceptedParts.length === 0) return [];
    history ??= historyOf(options.table, options.asOf);
    return await filesFor(of, { ...options, history: await history });
  };
}

async function filesFor(
  { eventTime }: Incoming,
  { history, ...options }: Keepers & { history: readonly DataFile[] },
): Promise<string[]> {
  const { table, without } = options;
  const mates = options.earlier.flatMap(({ unit }) =>
    (unit?.files ?? []).flatMap((entry) => (entry.table === table.definition.name ? entry.files : [])),
  );
  const keepers = [...history, ...mates].filter(
    (file) => !without?.has(file.uri) && mayHoldEqual({ table, file, eventTime }),
  );
  const paths = new Set<string>();
  for (const { uri, sizeBytes } of keepers) {
    const path = pathOf(uri);
    const there = options.lost === undefined || (await hasObject({ path, sizeBytes }));
    for (const found of there
      ? [path]
      : ((await options.lost?.({ path, table: table.definition.name })) ?? []))
      paths.add(found);
  }
  return [...paths];
}

async function historyOf(
  { metadata }: OpenTable,
  asOf: string | null | undefined | readonly DataFile[],
): Promise<readonly DataFile[]> {
  if (asOf === null) return [];
  if (typeof asOf === 'object') return asOf;
  const snapshot = asOf === undefined ? {} : { snapshotId: BigInt(asOf) };
  return await Array.fromAsync(liveDataFiles({ io: tableIo, metadata, ...snapshot }));
}

/** Files that came into a table since a snapshot and may hold a record equal to one of the unit's. */
export async function keeperFilesSince(options: {
  table: OpenTable;
  since: string | null;
  eventTime: RefinedUnit['eventTime'];
}): Promise<string[] | 'unknown'> {
  const sinceSnapshotId = options.since === null ? null : BigInt(options.since);
  const changes = await filesAddedSince({ io: tableIo, metadata: options.table.metadata, sinceSnapshotId });
  // A keeper that was removed, or whose rows another engine deleted, may have been the reason to drop a record.
  if (changes.kind === 'unknown' || changes.deletesChanged) return 'unknown';
  if (changes.removed.length > 0 && !keepsRows(options.table.metadata, sinceSnapshotId)) return 'unknown';
  return changes.added.filter((file) => mayHoldEqual({ ...options, file })).map((file) => pathOf(file.uri));
}

/** Whether no row went out of the table since a snapshot: maintenance takes files out and keeps their rows. */
function keepsRows(metadata: TableMetadata, since: bigint | null): boolean {
  for (const snapshot of ancestorsOf(metadata, metadata['current-snapshot-id'])) {
    if (snapshot['snapshot-id'] === since) return true;
    if (snapshot.summary.operation !== 'append' && snapshot.summary.operation !== 'replace') return false;
  }
  return since === null;
}

function mayHoldEqual({
  table,
  file,
  eventTime,
}: {
  table: OpenTable;
  file: DataFile;
  eventTime: RefinedUnit['eventTime'];
}): boolean {
  const field = eventTimeField(table);
  return field === null || overlapsEventTime(file, { field, range: rangeOf(eventTime) });
}

function eventTimeField(table: OpenTable): EventTimeField | null {
  const column =
    table.definition.sortBy === null ? null : columnByName(table.schema, table.definition.sortBy);
  if (column?.type !== 'timestamptz' && column?.type !== 'date') return null;
  return { id: column.id, type: column.type };
}

function rangeOf(eventTime: RefinedUnit['eventTime']): EventTimeRange {
  const fromMicros = eventTime === null ? null : microsFromText(eventTime.min);
  const toMicros = eventTime === null ? null : microsFromText(eventTime.max);
  // No readable range: compare with everything rather than with too little.
  if (fromMicros === null || toMicros === null)
    return { span: { fromMicros: -(1n << 63n), toMicros: 1n << 63n }, missing: true };
  return { span: { fromMicros, toMicros }, missing: (eventTime?.missing ?? 0) > 0 };
}
