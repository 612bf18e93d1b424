import { readTableMetadata } from '../bronze/iceberg/metadata-file.ts';
import { liveDataFiles } from '../bronze/iceberg/read-table.ts';
import { memoryLadder } from '../bronze/memory-ladder.ts';
import type { PreparedUnit } from '../bronze/prepared-unit.ts';
import { tableIo } from '../bronze/table-io.ts';
import { filesInTable, isRowOf } from '../bronze/unit-rows.ts';
import { findTable } from '../catalog/iceberg-tables.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConflictError } from '../errors/tidemark-error.ts';
import { changeTable } from './execute-table.ts';
import { type HeldMaintenance, isOfTheFiles } from './maintain-table.ts';
import { enginesOf, type MaintenanceEngine } from './maintenance-engine.ts';
import { moveUnits } from './move-units.ts';
import { type Rewritten, rewriteFiles } from './rewrite-files.ts';
import { withMaintenanceLease } from './with-maintenance-lease.ts';

/**
 * Parts the rows of some units from those of others, where compaction put them into one file: copy-on-write of these
 * files, by the same commit as every maintenance. Files that cannot be read stay as they are.
 * @throws ConflictError maintenance_in_progress, commit_conflict
 */
export async function partUnits(
  engine: MaintenanceEngine,
  { table, units }: { table: string; units: readonly PreparedUnit[] },
): Promise<void> {
  await withMaintenanceLease(engine, async (held) => {
    for (let attempt = 1; attempt <= engine.limits.commitAttemptsMax; attempt += 1) {
      if (await partOnce(engine, { table, units, held })) return;
    }
    throw new ConflictError({
      code: ERROR_CODES.commit_conflict,
      message: `Other runs moved bronze.${table} each time its files were about to be parted.`,
      next: 'Run the same command again: nothing was changed.',
    });
  });
}

async function partOnce(
  engine: MaintenanceEngine,
  { table, units, held }: { table: string; units: readonly PreparedUnit[]; held: HeldMaintenance },
): Promise<boolean> {
  const pointer = await findTable(engine.catalog, table);
  if (pointer === null) return true;
  const { metadata } = await readTableMetadata(tableIo, pointer.metadataLocation);
  const own = new Set(
    units.flatMap((unit) => {
      const entry = filesInTable(unit, table);
      return entry?.shared ? entry.files.map(({ uri }) => uri) : [];
    }),
  );
  const rewritten: Rewritten[] = [];
  const withEngine = memoryLadder(enginesOf(engine, held.operationId));
  for await (const file of liveDataFiles({ io: tableIo, metadata })) {
    if (!own.has(file.uri)) continue;
    engine.signal.throwIfAborted();
    try {
      rewritten.push(
        await withEngine((duck) =>
          rewriteFiles(duck, {
            table,
            metadata,
            dir: engine.home.tableDir(table),
            inputs: [file],
            parts: [isRowOf(units), `NOT coalesce(${isRowOf(units)}, false)`],
            operationId: held.operationId,
            name: `${table}-${rewritten.length}`,
            scratchDir: engine.home.scratchDir(held.operationId),
          }),
        ),
      );
    } catch (error) {
      if (!isOfTheFiles(error)) throw error;
    }
  }
  if (rewritten.length === 0) return true;
  await engine.reached('files_rewritten');
  const made = rewritten.flatMap(({ files }) => files);
  const out = rewritten.map(({ homes }) => [
    ...new Set([...homes.values()].flatMap(({ from }) => [...from])),
  ]);
  const { operationId } = held;
  const won = await changeTable(
    engine,
    {
      ...held,
      record: async (tx) => {
        for (const { homes } of rewritten) await moveUnits(tx, { table, homes, operationId });
      },
    },
    {
      table,
      metadataLocation: pointer.metadataLocation,
      replaced: rewritten.map(({ files }, index) => ({ out: out[index] ?? [], in: files })),
      manifestsMergeMin: Number.POSITIVE_INFINITY,
      expire: [],
      kind: 'parted',
      facts: { files_parted: out.flat().length, files_made: made.length },
    },
  );
  if (!won) for (const { uri } of made) await tableIo.remove(uri);
  return won;
}
