import { readTableMetadata } from '../bronze/iceberg/metadata-file.ts';
import { liveDataFiles } from '../bronze/iceberg/read-table.ts';
import { decodeUnit, type PreparedUnit } from '../bronze/prepared-unit.ts';
import { tableIo } from '../bronze/table-io.ts';
import { findTable } from '../catalog/iceberg-tables.ts';
import { committedUnitOf } from '../catalog/units.ts';
import { partUnits } from '../maintain/part-units.ts';
import type { RunContext } from './run-context.ts';

/**
 * Units that go out must lie in files of their own, or those of others would go out with them: where compaction put rows
 * of several units into one file, the two are parted first, in a commit that changes no row. A file that cannot be read
 * goes out whole: what else it held is lost already, and is told of by `verify` and made again by a replay of its batch.
 */
export async function partReplaced(run: RunContext): Promise<RunContext> {
  const { engine, purpose } = run;
  if (!purpose.replaces.some(isShared)) return run;
  const tables = new Set(
    purpose.replaces.flatMap(({ files }) => files.flatMap(({ table, shared }) => (shared ? [table] : []))),
  );
  for (const table of tables) await partUnits(engine, { table, units: purpose.replaces });
  const replaces: PreparedUnit[] = [];
  for (const unit of purpose.replaces) {
    const text = isShared(unit) ? await committedUnitOf(engine.catalog, unit.unitKey) : null;
    replaces.push(text === null ? unit : await inTheTables(run, decodeUnit(text)));
  }
  return { ...run, purpose: { ...purpose, replaces } };
}

function isShared({ files }: PreparedUnit): boolean {
  return files.some(({ shared }) => shared);
}

/** A shared file that another unit's replacement has taken out already is not to be taken out again. */
async function inTheTables({ engine }: RunContext, unit: PreparedUnit): Promise<PreparedUnit> {
  const files: PreparedUnit['files'][number][] = [];
  for (const entry of unit.files) {
    const pointer = entry.shared ? await findTable(engine.catalog, entry.table) : null;
    if (pointer === null) {
      files.push(entry);
      continue;
    }
    const { metadata } = await readTableMetadata(tableIo, pointer.metadataLocation);
    const live = new Set(
      (await Array.fromAsync(liveDataFiles({ io: tableIo, metadata }))).map(({ uri }) => uri),
    );
    files.push({ ...entry, files: entry.files.filter(({ uri }) => live.has(uri)) });
  }
  return { ...unit, files };
}
