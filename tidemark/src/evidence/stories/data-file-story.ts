import { basename } from 'node:path';
import type { DataFile } from '../../bronze/iceberg/data-file.ts';
import { decodeUnit, type PreparedUnit } from '../../bronze/prepared-unit.ts';
import { pathOf } from '../../bronze/table-io.ts';
import type { CatalogReader } from '../../catalog/catalog.ts';
import { commitsOfRun } from '../../catalog/commits.ts';
import { mountedUri } from '../../landing/store/mount.ts';
import { sizeOf } from '../../landing/store/stored-files.ts';
import type { Archive } from '../archive.ts';
import { liveFilesOf } from '../live-files.ts';
import { nextCommand } from '../next-command.ts';
import { facts, related, type Story } from './story.ts';

/** A data file of a table: which unit wrote it, which snapshot names it, whether it is there. */
export async function dataFileStory(
  { catalog }: Archive,
  { table, path }: { table: string; path: string },
): Promise<Story> {
  const found = await sizeOf(path);
  const written = await writtenAs(catalog, path);
  const committer = written?.committedBy ?? null;
  const commit =
    committer === null
      ? undefined
      : (await commitsOfRun(catalog, committer)).find((entry) => entry.table === table);
  const live = (await liveFilesOf(catalog, table)).find((file) => file.path === path);
  const damaged = live !== undefined && found !== live.sizeBytes;
  return {
    kind: 'data_file',
    title: `data file ${basename(path)} of bronze.${table}: ${standing({ live: live !== undefined, written })}`,
    facts: facts({
      path: mountedUri(path) ?? path,
      'on disk': found === null ? 'no' : `${found} bytes`,
      'size when written': written && `${written.file.sizeBytes} bytes`,
      rows: written?.file.recordCount ?? live?.recordCount,
      source: written?.unit.sourceId,
      'in the table now': live === undefined ? 'no' : 'yes',
    }),
    related: related({
      table: `bronze.${table}`,
      unit: written?.unit.unitKey,
      source: written?.unit.sourceId,
      'written by': written?.unit.preparedBy,
      'committed by': committer,
      snapshot: commit?.snapshotId ?? (live && String(live.addedSnapshotId)),
    }),
    next: damaged ? nextCommand('reconcile', ...(committer ? ['--run', committer] : [])) : null,
  };
}

interface Written {
  readonly unit: PreparedUnit;
  readonly file: DataFile;
  readonly state: string;
  readonly committedBy: string | null;
}

/** The name of a file says run and unit; the unit's own list of files is what decides. */
async function writtenAs(catalog: CatalogReader, path: string): Promise<Written | null> {
  const [, runId = '', unitStart = ''] = /^(.{36})-([0-9a-f]{12})-/.exec(basename(path)) ?? [];
  const rows = await catalog
    .selectFrom('units')
    .select(['prepared', 'state', 'committed_by'])
    .where('prepared_by', '=', runId)
    .where('unit_key', '>=', unitStart)
    .where('unit_key', '<', `${unitStart}g`)
    .execute();
  for (const row of rows) {
    const unit = decodeUnit(row.prepared);
    const file = unit.files.flatMap(({ files }) => files).find(({ uri }) => pathOf(uri) === path);
    if (file !== undefined) return { unit, file, state: row.state, committedBy: row.committed_by };
  }
  return null;
}

function standing({ live, written }: { live: boolean; written: Written | null }): string {
  if (live) return 'in the table';
  if (written === null) return 'named by nothing';
  return written.state === 'prepared'
    ? 'prepared, named by no snapshot yet'
    : `${written.state}, not in the head`;
}
