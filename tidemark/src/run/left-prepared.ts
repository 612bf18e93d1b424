import type { OpenTable } from '../bronze/open-table.ts';
import { decodeUnit, type PreparedUnit } from '../bronze/prepared-unit.ts';
import { pathOf } from '../bronze/table-io.ts';
import { findPreparedUnit } from '../catalog/units.ts';
import { hasObject } from '../landing/store-object.ts';
import { discardPrepared } from './clear-leftovers.ts';
import type { RunContext } from './run-context.ts';

/**
 * The unit that an interrupted run of this very batch left prepared, where preparing it now would come to the same; else
 * it is discarded with its files. Whether the table has moved since is not asked here: the commit does.
 */
export async function leftPrepared(
  run: RunContext,
  wanted: Pick<PreparedUnit, 'unitKey' | 'batchMates' | 'manifestHash'> & { tables: readonly OpenTable[] },
): Promise<PreparedUnit | null> {
  const text = await findPreparedUnit(run.engine.catalog, {
    unitKey: wanted.unitKey,
    manifestId: run.manifest.manifest_id,
    batchId: run.batchId,
  });
  if (text === null) return null;
  const unit = decodeUnit(text);
  const layouts = new Map(wanted.tables.map((table) => [table.definition.name, table.layout]));
  const same =
    unit.manifestHash === wanted.manifestHash &&
    unit.batchMates.join() === wanted.batchMates.join() &&
    unit.files.every((entry) => layouts.get(entry.table) === entry.layout);
  if (same && (await hasDataFiles(unit))) return unit;
  await discardPrepared(run.engine, unit);
  return null;
}

async function hasDataFiles(unit: PreparedUnit): Promise<boolean> {
  for (const file of unit.files.flatMap((entry) => entry.files)) {
    if (!(await hasObject({ path: pathOf(file.uri), sizeBytes: file.sizeBytes }))) return false;
  }
  return true;
}
