import type { DataFile } from '../bronze/iceberg/data-file.ts';
import { decodeUnit, type PreparedUnit } from '../bronze/prepared-unit.ts';
import { pathOf } from '../bronze/table-io.ts';
import { filesInTable, type Preparation, preparationKey } from '../bronze/unit-rows.ts';
import type { CatalogReader } from '../catalog/catalog.ts';
import { committedUnitOf } from '../catalog/units.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { InvariantError } from '../errors/tidemark-error.ts';
import { firstMissing, formerForm, successorOf } from './lost-keepers.ts';
import { nextCommand } from './next-command.ts';

/** The rows of a table as a snapshot held them: these units', wherever their rows are by now. */
export interface History {
  readonly units: readonly Preparation[];
  readonly files: readonly DataFile[];
  /** Paths of what stands for units whose files are lost. */
  readonly standIns: readonly string[];
}

/** What a unit whose data file is lost comes to, made again aside: a path; null where it cannot be made here. */
export type UnitStandIn = (unit: PreparedUnit) => Promise<string | null>;

/**
 * What a table held at a snapshot that may have expired, by the ledger: units that were committed up to it and not
 * replaced by then. Their files may hold rows of others; the rows say whose they are. Left out are those of `without`, and
 * with each what it was made again as.
 * @throws InvariantError table_file_unreadable, with the replay that has to come first
 */
export async function historyAsOf(
  catalog: CatalogReader,
  {
    table,
    snapshotId,
    without,
    standIn,
  }: {
    table: string;
    snapshotId: string;
    without: readonly Preparation[];
    standIn?: UnitStandIn;
  },
): Promise<History> {
  const runs = await runsUpTo(catalog, { table, snapshotId });
  const units: Preparation[] = [];
  const files = new Map<string, DataFile>();
  const standIns: string[] = [];
  const out = new Set(without.map(preparationKey));
  for await (const unit of unitsOf(catalog, { table, runs })) {
    if (out.has(preparationKey(unit))) continue;
    const found = await standingFiles(catalog, { table, unit, standIn });
    units.push(unit, ...found.again);
    standIns.push(...found.standIns);
    for (const file of found.files) files.set(file.uri, file);
  }
  return { units, files: [...files.values()], standIns };
}

/** The runs whose commits a snapshot is made of. Past another engine's snapshot, the times of the commits decide. */
async function runsUpTo(
  catalog: CatalogReader,
  { table, snapshotId }: { table: string; snapshotId: string },
): Promise<Set<string>> {
  const commits = await catalog
    .selectFrom('commits')
    .select(['snapshot_id', 'parent_snapshot_id', 'run_id', 'committed_at'])
    .where('table_name', '=', table)
    .execute();
  const maintained = await catalog
    .selectFrom('maintenance')
    .select(['snapshot_id', 'parent_snapshot_id', 'at'])
    .where('table_name', '=', table)
    .where('snapshot_id', 'is not', null)
    .execute();
  const known = new Map<string, { parent: string | null; runId: string | null; at: string }>();
  for (const row of commits)
    known.set(row.snapshot_id, { parent: row.parent_snapshot_id, runId: row.run_id, at: row.committed_at });
  for (const row of maintained)
    known.set(row.snapshot_id ?? '', { parent: row.parent_snapshot_id, runId: null, at: row.at });
  const runs = new Set<string>();
  let id: string | null = snapshotId;
  let before = known.get(snapshotId)?.at ?? '';
  while (id !== null) {
    const snapshot = known.get(id);
    if (snapshot === undefined) {
      for (const row of commits) if (row.committed_at <= before) runs.add(row.run_id);
      break;
    }
    if (snapshot.runId !== null) runs.add(snapshot.runId);
    before = snapshot.at;
    id = snapshot.parent;
  }
  return runs;
}

const UNITS_PER_PAGE = 200;

async function* unitsOf(
  catalog: CatalogReader,
  { table, runs }: { table: string; runs: ReadonlySet<string> },
): AsyncGenerator<PreparedUnit> {
  let after = '';
  for (;;) {
    const keys = await catalog
      .selectFrom('units')
      .select('unit_key')
      .distinct()
      .where('table_name', '=', table)
      .where('unit_key', '>', after)
      .orderBy('unit_key')
      .limit(UNITS_PER_PAGE)
      .execute();
    if (keys.length === 0) return;
    const rows = await catalog
      .selectFrom('units')
      .select(['prepared', 'committed_by', 'replaced_by'])
      .where('table_name', '=', table)
      .where('state', 'in', ['committed', 'replaced'])
      .where(
        'unit_key',
        'in',
        keys.map((row) => row.unit_key),
      )
      .execute();
    for (const { prepared, committed_by: by, replaced_by: out } of rows)
      if (by !== null && runs.has(by) && (out === null || !runs.has(out))) yield decodeUnit(prepared);
    after = keys.at(-1)?.unit_key ?? '';
  }
}

/**
 * The unit's files where they are; where a replacement took them away, those of the unit made again; where they are lost,
 * what stands for it.
 * @throws InvariantError table_file_unreadable, with the replay that has to come first
 */
export async function standingFiles(
  catalog: CatalogReader,
  { table, unit, standIn }: { table: string; unit: PreparedUnit; standIn: UnitStandIn | undefined },
): Promise<{ files: readonly DataFile[]; again: readonly Preparation[]; standIns: readonly string[] }> {
  const own = filesInTable(unit, table)?.files ?? [];
  const missing = await firstMissing(own);
  if (missing === null) return { files: own, again: [], standIns: [] };
  const text = (await committedUnitOf(catalog, unit.unitKey)) ?? (await madeAgain(catalog, unit));
  const again = text === null ? null : decodeUnit(text);
  if (again === null) {
    const former = await formerForm(catalog, { table, unit });
    // Where nothing stands in its place it cannot be a keeper any more.
    return { files: former?.files ?? [], again: former === null ? [] : [former.unit], standIns: [] };
  }
  const files = filesInTable(again, table)?.files ?? [];
  const gone = await firstMissing(files);
  if (gone === null) return { files, again: [again], standIns: [] };
  const made = (await standIn?.(again)) ?? null;
  if (made === null) throw await lost(catalog, { unit, path: pathOf(gone.uri) });
  return { files: [], again: [again], standIns: [made] };
}

/** As the run that took it out judged the same content under another contract. */
async function madeAgain(
  catalog: CatalogReader,
  { unitKey, preparedBy }: PreparedUnit,
): Promise<string | null> {
  const row = await catalog
    .selectFrom('units')
    .select(['replaced_by', 'source_id', 'source_fingerprint', 'window'])
    .where('unit_key', '=', unitKey)
    .where('prepared_by', '=', preparedBy)
    .executeTakeFirst();
  return row === undefined ? null : await successorOf(catalog, row);
}

async function lost(
  catalog: CatalogReader,
  { unit, path }: { unit: PreparedUnit; path: string },
): Promise<InvariantError> {
  const row = await catalog
    .selectFrom('units')
    .select(['manifest_id', 'batch_id'])
    .where('unit_key', '=', unit.unitKey)
    .where('state', '=', 'committed')
    .executeTakeFirst();
  return new InvariantError({
    code: ERROR_CODES.table_file_unreadable,
    message: `${path}, with which records have to be compared, is missing or cut: whether they are there already cannot be told.`,
    next:
      row === undefined
        ? nextCommand('verify')
        : nextCommand('replay', '--manifest', row.manifest_id, '--batch-id', row.batch_id),
    facts: { file: path },
  });
}
