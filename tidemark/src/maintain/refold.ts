import { rm } from 'node:fs/promises';
import { ruleText, type VersionRule } from '../bronze/current/version-rule.ts';
import { rowsSnapshotId } from '../bronze/iceberg/expire-snapshots.ts';
import { readTableMetadata } from '../bronze/iceberg/metadata-file.ts';
import { tableIo } from '../bronze/table-io.ts';
import { findTable, swapTable } from '../catalog/iceberg-tables.ts';
import { recordMaintenance } from '../catalog/maintenance.ts';
import { readFold } from '../commit/open-current.ts';
import { type FoldEngine, type FoldedTable, type StagedFold, stageFold } from '../commit/stage-fold.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConflictError } from '../errors/tidemark-error.ts';
import { MAINTENANCE_CHAIN, sealEvidence } from '../evidence/chain.ts';
import { currentOf, placeOf } from '../model/table-names.ts';
import { enginesOf, type MaintenanceEngine } from './maintenance-engine.ts';

/**
 * Why a table of newest versions is to be made anew; null where it is of the rows that Bronze has, as far as metadata tell.
 * `wanted`: the rule that it is to be folded by; null for any.
 */
export async function whyRefold(
  { catalog }: Pick<MaintenanceEngine, 'catalog'>,
  table: string,
  wanted: VersionRule | null = null,
): Promise<string | null> {
  const bronze = await findTable(catalog, placeOf(table).name);
  if (bronze === null) return null;
  const { base, foldedFrom, rule } = await readFold(catalog, table);
  if (base === null) return 'it is not there, or cannot be read';
  if (wanted !== null && rule !== null && ruleText(rule) !== ruleText(wanted))
    return 'its contract orders versions otherwise by now, or says otherwise which records delete';
  const { metadata } = await readTableMetadata(tableIo, bronze.metadataLocation);
  return foldedFrom === String(rowsSnapshotId(metadata))
    ? null
    : `it is of snapshot ${foldedFrom ?? 'none'}, and bronze.${bronze.table} has moved on`;
}

/**
 * Makes a table of newest versions anew from all of Bronze, in a commit of its own: where it is wanted and is not there, and
 * where it is not what Bronze says. `rule` null: the one that it was folded by.
 * @returns null where Bronze has no such table yet, or nobody ever said by which rule
 * @throws ConflictError commit_conflict after `limits.commitAttemptsMax` runs that were first
 */
export async function refold(
  engine: MaintenanceEngine,
  { table, rule: wanted, operationId }: { table: string; rule: VersionRule | null; operationId: string },
): Promise<FoldedTable | null> {
  const name = currentOf(table);
  const folding: FoldEngine = {
    ...engine,
    openEngine: enginesOf(engine, operationId),
    id: operationId,
    summary: { 'tidemark.maintenance': 'refolded', 'tidemark.operation_id': operationId },
  };
  await using _scratch = {
    [Symbol.asyncDispose]: () => rm(engine.home.scratchDir(operationId), { recursive: true, force: true }),
  };
  for (let attempt = 1; attempt <= engine.limits.commitAttemptsMax; attempt += 1) {
    engine.signal.throwIfAborted();
    const pointer = await findTable(engine.catalog, table);
    if (pointer === null) return null;
    const { metadata: after } = await readTableMetadata(tableIo, pointer.metadataLocation);
    const rule = wanted ?? (await readFold(engine.catalog, name)).rule;
    if (rule === null) return null;
    const change = { table, before: null, after, added: [], removed: new Set<string>(), rule };
    const staged = await stageFold(folding, change);
    let won = false;
    try {
      await tableIo.write(staged.folded.metadataLocation, staged.bytes);
      won = await swap(engine, { staged, operationId, bronze: pointer });
    } finally {
      if (
        !won &&
        (await findTable(engine.catalog, name))?.metadataLocation !== staged.folded.metadataLocation
      )
        for (const uri of [...staged.written, staged.folded.metadataLocation]) await tableIo.remove(uri);
    }
    if (won) return staged.folded;
  }
  throw new ConflictError({
    code: ERROR_CODES.commit_conflict,
    message: `Runs moved bronze.${table} each time ${name} was about to be made anew.`,
    next: 'Nothing was changed, and the next run folds it: tidemark verify',
  });
}

/** @returns false when a run was first: Bronze or the table itself has moved */
async function swap(
  engine: MaintenanceEngine,
  {
    staged: { expected, folded },
    operationId,
    bronze,
  }: { staged: StagedFold; operationId: string; bronze: { table: string; metadataLocation: string } },
): Promise<boolean> {
  const { table, snapshotId, parentSnapshotId, metadataLocation, totalFiles } = folded;
  const now = engine.clock.now().toISOString();
  class Lost extends Error {}
  try {
    await engine.catalog.transaction().execute(async (tx) => {
      if ((await findTable(tx, bronze.table))?.metadataLocation !== bronze.metadataLocation)
        throw new Lost(table);
      if (!(await swapTable(tx, { table, expected, next: metadataLocation }))) throw new Lost(table);
      const row = { operationId, table, kind: 'maintained' as const, snapshotId, parentSnapshotId };
      const done = { keys: folded.totalRecords, superseded: folded.supersededRecords };
      await recordMaintenance(tx, { ...row, metadataLocation, totalFiles, done, at: now });
      await sealEvidence(tx, {
        home: engine.home,
        chain: MAINTENANCE_CHAIN,
        kind: 'maintenance',
        runId: operationId,
        body: { operation: { ...row, metadataLocation, totalFiles, ...done, at: now } },
        now,
      });
    });
    return true;
  } catch (error) {
    if (error instanceof Lost) return false;
    throw error;
  }
}
