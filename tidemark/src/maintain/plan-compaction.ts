import { type DataFile, partitionKey } from '../bronze/iceberg/data-file.ts';
import type { LocatedMetadata } from '../bronze/iceberg/metadata-file.ts';
import { hasDeleteFiles, type LiveFile, liveDataFiles } from '../bronze/iceberg/read-table.ts';
import { compareSingleValues, decodeSingleValue, type SingleValue } from '../bronze/iceberg/single-value.ts';
import { currentSchema, defaultSortOrder, type TableMetadata } from '../bronze/iceberg/table-metadata.ts';
import { tableIo } from '../bronze/table-io.ts';
import type { CatalogReader } from '../catalog/catalog.ts';
import type { Limits } from '../model/limits.ts';
import { isCurrent } from '../model/table-names.ts';
import type { MaintenanceEngine } from './maintenance-engine.ts';
import type { CompactionGroup } from './maintenance-plan.ts';

/** Files of one tier have at most so many times the rows of each other: a row is rewritten once a tier, not at every time. */
const TIER_FACTOR = 8;

/** Files that one statement reads. */
const GROUP_FILES_MAX = 500;

/** Which small data files of a table would become one, and what is left as it is. Opens no data file. */
export async function planCompaction(
  { catalog, limits }: MaintenanceEngine,
  { table, base: { metadata }, thorough }: { table: string; base: LocatedMetadata; thorough: boolean },
): Promise<{ groups: readonly CompactionGroup[]; leaves: readonly string[]; dataFiles: number }> {
  const files = await Array.fromAsync(liveDataFiles({ io: tableIo, metadata }));
  const rules = {
    metadata,
    limits,
    smallBytes: thorough ? limits.dataFileBytesTarget : limits.compactedByRunBytesMax,
  };
  // Folding itself keeps files of newest versions large; no unit claims them.
  const groups = isCurrent(table) ? [] : groupFiles(files, rules);
  if (groups.length === 0) return { groups: [], leaves: [], dataFiles: files.length };
  const obstacle = (await replacing(catalog)) ?? (await obstacleOf(metadata));
  if (obstacle !== null) return { groups: [], leaves: [obstacle], dataFiles: files.length };
  const movable = await movableSnapshots(catalog, { table, files: groups.flat() });
  const ours = groupFiles(
    groups.flat().filter(({ addedSnapshotId }) => movable.has(String(addedSnapshotId))),
    rules,
  );
  return {
    groups: ours.map((group) => ({
      uris: group.map(({ uri }) => uri),
      records: group.reduce((sum, { recordCount }) => sum + recordCount, 0),
      bytes: group.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    })),
    leaves: [],
    dataFiles: files.length,
  };
}

/** A run that takes rows out of files must find them where it saw them. */
async function replacing(catalog: CatalogReader): Promise<string | null> {
  const row = await catalog
    .selectFrom('runs')
    .select(['run_id', 'verb'])
    .where('state', '=', 'running')
    .where('verb', 'in', ['rerun', 'replay'])
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? null : `small data files: ${row.verb} ${row.run_id} is replacing rows`;
}

/** What speaks against moving any row of the table; null where nothing does. */
async function obstacleOf(metadata: TableMetadata): Promise<string | null> {
  if (await hasDeleteFiles({ io: tableIo, metadata }))
    return 'small data files: another engine deletes rows of them by delete files';
  if (hasRenamedColumns(metadata)) return 'small data files: another engine has renamed or dropped columns';
  return null;
}

/** Files are read by the names of their columns, so a name has to mean the same column in all of them. */
function hasRenamedColumns(metadata: TableMetadata): boolean {
  const current = new Map(currentSchema(metadata).fields.map(({ id, name }) => [id, name]));
  return metadata.schemas.some((schema) => schema.fields.some(({ id, name }) => current.get(id) !== name));
}

/**
 * Snapshots whose files may be moved: made by runs that are proven, since a proof reads the files that the run added, or
 * by maintenance.
 */
async function movableSnapshots(
  catalog: CatalogReader,
  { table, files }: { table: string; files: readonly LiveFile[] },
): Promise<Set<string>> {
  const ids = [...new Set(files.map(({ addedSnapshotId }) => String(addedSnapshotId)))];
  const movable = new Set<string>();
  for (let at = 0; at < ids.length; at += GROUP_FILES_MAX) {
    const some = ids.slice(at, at + GROUP_FILES_MAX);
    const committed = await catalog
      .selectFrom('commits')
      .leftJoin('runs', 'runs.run_id', 'commits.run_id')
      .select('commits.snapshot_id')
      .where('commits.table_name', '=', table)
      .where('commits.snapshot_id', 'in', some)
      .where((eb) => eb.or([eb('runs.proven', '=', 1), eb('runs.run_id', 'is', null)]))
      .execute();
    const maintained = await catalog
      .selectFrom('maintenance')
      .select('snapshot_id')
      .where('table_name', '=', table)
      .where('snapshot_id', 'in', some)
      .execute();
    for (const { snapshot_id: id } of [...committed, ...maintained]) if (id !== null) movable.add(id);
  }
  return movable;
}

/** Small files of one partition and of a like number of rows, in the order of the table, up to the size of a large one. */
function groupFiles(
  files: readonly LiveFile[],
  { metadata, limits, smallBytes }: { metadata: TableMetadata; limits: Limits; smallBytes: number },
): LiveFile[][] {
  const small = files.filter(
    ({ content, format, sizeBytes, keyMetadata }) =>
      content === 'data' &&
      format.toUpperCase() === 'PARQUET' &&
      keyMetadata === null &&
      sizeBytes < smallBytes,
  );
  const tiers = Map.groupBy(small, (file) => `${partitionKey(file)} ${tierOf(file.recordCount)}`);
  const first = firstBound(metadata);
  return [...tiers.values()]
    .filter((tier) => tier.length >= limits.filesCompactMin)
    .flatMap((tier) => cut(tier.toSorted(first), limits.dataFileBytesTarget))
    .filter((group) => group.length >= 2);
}

function tierOf(records: number): number {
  return Math.floor(Math.log(Math.max(1, records)) / Math.log(TIER_FACTOR));
}

function cut(files: readonly LiveFile[], bytesTarget: number): LiveFile[][] {
  const groups: LiveFile[][] = [];
  let bytes = 0;
  for (const file of files) {
    const group = groups.at(-1);
    const full =
      group === undefined || bytes + file.sizeBytes > bytesTarget || group.length >= GROUP_FILES_MAX;
    if (full) {
      groups.push([file]);
      bytes = file.sizeBytes;
    } else {
      group.push(file);
      bytes += file.sizeBytes;
    }
  }
  return groups;
}

/** By the least value of what the table is sorted by, so that a compacted file spans no more of it than it has to. */
function firstBound(metadata: TableMetadata): (a: DataFile, b: DataFile) => number {
  const id = defaultSortOrder(metadata).fields[0]?.['source-id'];
  const type = currentSchema(metadata).fields.find((field) => field.id === id)?.type;
  const boundOf = (file: DataFile): SingleValue | null => {
    const bytes = id === undefined ? undefined : file.lowerBounds.get(id);
    return bytes === undefined || typeof type !== 'string' ? null : decodeSingleValue(type, bytes);
  };
  return (a, b) => {
    const [from, to] = [boundOf(a), boundOf(b)];
    if (from === null || to === null) return from === to ? 0 : from === null ? -1 : 1;
    return compareSingleValues(from, to);
  };
}
