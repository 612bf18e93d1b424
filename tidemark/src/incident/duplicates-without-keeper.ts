import type { OpenEngine } from '../bronze/data-engine.ts';
import { type OrphanedDuplicates, orphanedDuplicates } from '../bronze/orphaned-duplicates.ts';
import { decodeUnit } from '../bronze/prepared-unit.ts';
import type { CatalogReader } from '../catalog/catalog.ts';
import { unitsOfBatch, unitsReplacedBy } from '../catalog/units.ts';
import { liveFilesOf } from '../evidence/live-files.ts';
import { nextCommand } from '../evidence/next-command.ts';
import { unreadableAmong } from '../evidence/unreadable-among.ts';
import { throwIfAway } from '../landing/store/away.ts';
import { hasObject } from '../landing/store-object.ts';
import { SKIPS_TABLE } from '../model/table-names.ts';
import type { Symptom } from './symptom.ts';

/**
 * Duplicates, of any batch, whose keeper a run took out of the table without bringing the same record again. Nothing is
 * read for a run that took nothing out.
 */
export async function duplicatesLeftBy({ catalog, openEngine }: Stored, runId: string): Promise<Symptom[]> {
  const out = (await unitsReplacedBy(catalog, runId)).map(decodeUnit).filter((unit) => unit.deduplicates);
  const symptoms: Symptom[] = [];
  for (const [table, units] of Map.groupBy(out, (unit) => unit.table)) {
    const keepers = units.map(({ unitKey }) => unitKey);
    const orphans = await readOrphans({ catalog, openEngine }, { table, of: { keepers } });
    for (const found of orphans ?? []) symptoms.push(duplicateWithoutKeeper({ table, found, runId }));
  }
  return symptoms;
}

/**
 * Looks again at what an open incident says of a batch's units; nothing is read where there is none. `sure`: every file
 * that could tell was there.
 */
export async function duplicatesStillOrphaned(
  { catalog, openEngine }: Stored,
  batch: { manifestId: string; batchId: string },
): Promise<{ still: Symptom[]; sure: boolean }> {
  const open = await catalog
    .selectFrom('incidents')
    .select('source_id')
    .where('kind', '=', KIND)
    .where('state', '<>', 'resolved')
    .where('manifest_id', '=', batch.manifestId)
    .where('batch_id', '=', batch.batchId)
    .execute();
  if (open.length === 0) return { still: [], sure: true };
  const sources = new Set(open.map((row) => row.source_id));
  const units = (await unitsOfBatch(catalog, batch)).map(({ prepared }) => decodeUnit(prepared));
  const still: Symptom[] = [];
  let sure = true;
  for (const { table, unitKey, sourceId, deduplicates } of units) {
    if (!deduplicates || !sources.has(sourceId)) continue;
    const orphans = await readOrphans({ catalog, openEngine }, { table, of: { unitKey } });
    sure = sure && orphans !== null;
    for (const found of orphans ?? []) still.push(duplicateWithoutKeeper({ table, found, runId: null }));
  }
  return { still, sure };
}

const KIND = 'duplicate_without_keeper';

interface Stored {
  readonly catalog: CatalogReader;
  readonly openEngine: OpenEngine;
}

/** Null: a file of them is not there or not whole, and it cannot be told; a verification finds that. */
async function readOrphans(
  { catalog, openEngine }: Stored,
  { table, of }: { table: string; of: { unitKey: string } | { keepers: readonly string[] } },
): Promise<OrphanedDuplicates[] | null> {
  const [skips, rows] = [await liveFilesOf(catalog, SKIPS_TABLE), await liveFilesOf(catalog, table)];
  for (const file of [...skips, ...rows]) if (!(await hasObject(file))) return null;
  const files = { skipFiles: skips.map(({ path }) => path), rowFiles: rows.map(({ path }) => path) };
  await using engine = await openEngine();
  try {
    return await orphanedDuplicates(engine, { table, ...files, of });
  } catch (error) {
    throwIfAway(error);
    const damaged = await unreadableAmong(
      engine,
      [...skips, ...rows].map(({ uri }) => uri),
    );
    if (damaged.length > 0) return null;
    throw error;
  }
}

export function duplicateWithoutKeeper({
  table,
  found,
  runId,
}: {
  table: string;
  found: OrphanedDuplicates;
  runId: string | null;
}): Symptom {
  const { manifestId, batchId, sourceId, unitKey, records } = found;
  const what = records === 1 ? 'A record' : `${records} records`;
  return {
    kind: KIND,
    manifestId,
    batchId,
    sourceId,
    table,
    runId,
    distinction: '',
    message: `${what} of ${sourceId} in batch ${batchId} did not enter bronze.${table} as duplicates, and what was kept in their place is there no more.`,
    facts: { records, unitKey },
    query: `SELECT * FROM bronze.${SKIPS_TABLE} WHERE unit_key = '${unitKey}' AND outcome = 'duplicate' AND record_fingerprint NOT IN (SELECT record_fingerprint FROM bronze.${table})`,
    suggestion: nextCommand('replay', '--manifest', manifestId, '--batch-id', batchId),
  };
}
