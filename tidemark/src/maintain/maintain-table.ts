import { readTableMetadata } from '../bronze/iceberg/metadata-file.ts';
import { liveDataFiles } from '../bronze/iceberg/read-table.ts';
import { memoryLadder } from '../bronze/memory-ladder.ts';
import { tableIo } from '../bronze/table-io.ts';
import type { Lease } from '../catalog/leases.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { TidemarkError } from '../errors/tidemark-error.ts';
import { nextCommand } from '../evidence/next-command.ts';
import type { TableOutcome } from '../evidence/run-maintenance.ts';
import { placeOf } from '../model/table-names.ts';
import { changeTable } from './execute-table.ts';
import { enginesOf, type MaintenanceEngine } from './maintenance-engine.ts';
import { changesTable, type TablePlan } from './maintenance-plan.ts';
import { moveUnits, strangerIn } from './move-units.ts';
import { refold } from './refold.ts';
import { removeExpired, removeForgottenMetadata, removeOrphans } from './remove-files.ts';
import { type Rewritten, rewriteFiles } from './rewrite-files.ts';

export interface HeldMaintenance {
  readonly lease: Lease;
  readonly operationId: string;
}

/** Does what a table's plan lists: the new metadata in one commit, then what nothing refers to any more. */
export async function maintainTable(
  engine: MaintenanceEngine,
  { plan, held }: { plan: TablePlan; held: HeldMaintenance },
): Promise<TableOutcome> {
  const { table } = plan;
  if (plan.refold !== undefined) return await foldedAnew(engine, { plan, held });
  const { rewritten, leaves } = await compact(engine, { plan, held });
  const made = rewritten.flatMap(({ files }) => files);
  if (made.length > 0) await engine.reached('files_rewritten');
  const out = rewritten.map(({ homes }) => [
    ...new Set([...homes.values()].flatMap(({ from }) => [...from])),
  ]);
  const isChanged = changesTable({ ...plan, compact: rewritten.length === 0 ? [] : plan.compact });
  const won =
    !isChanged ||
    (await changeTable(
      engine,
      {
        ...held,
        record: async (tx) => {
          for (const { homes } of rewritten)
            await moveUnits(tx, { table, homes, operationId: held.operationId });
        },
      },
      {
        table,
        metadataLocation: plan.metadataLocation,
        replaced: rewritten.map(({ files }, index) => ({ out: out[index] ?? [], in: files })),
        manifestsMergeMin: plan.mergeManifests > 0 ? 2 : Number.POSITIVE_INFINITY,
        expire: plan.expire,
        kind: 'maintained',
        facts: {
          files_compacted: out.flat().length,
          files_made: made.length,
          manifests_merged: plan.mergeManifests,
        },
      },
    ));
  if (!won) for (const { uri } of made) await tableIo.remove(uri);
  let filesRemoved = await removeExpired(engine, table);
  await engine.reached('expired_removed');
  filesRemoved += await removeForgottenMetadata(engine, table);
  filesRemoved += await removeOrphans(engine, { table, paths: plan.orphans.map(({ path }) => path) });
  return {
    table,
    kind: won ? 'maintained' : 'overtaken',
    filesCompacted: won ? out.flat().length : 0,
    filesMade: won ? made.length : 0,
    snapshotsExpired: won ? plan.expire.length : 0,
    filesRemoved,
    leaves: [...plan.leaves, ...leaves],
  };
}

/** Of what expires the next plan tells: the table has a new head now. */
async function foldedAnew(
  engine: MaintenanceEngine,
  { plan, held }: { plan: TablePlan; held: HeldMaintenance },
): Promise<TableOutcome> {
  const { table } = plan;
  const operationId = held.operationId;
  const folded = await refold(engine, { table: placeOf(table).name, rule: null, operationId });
  await removeExpired(engine, table);
  return {
    table,
    kind: 'maintained',
    filesCompacted: 0,
    filesMade: folded?.totalFiles ?? 0,
    snapshotsExpired: 0,
    filesRemoved: await removeOrphans(engine, { table, paths: plan.orphans.map(({ path }) => path) }),
    leaves:
      folded === null
        ? [...plan.leaves, `everything: nothing says which of its rows is newer (${nextCommand('run')})`]
        : plan.leaves,
    ...(folded !== null && { keysFolded: folded.totalRecords }),
  };
}

/** Rewrites the groups of a plan. One that cannot be, or must not be, is left as it is and told. */
async function compact(
  engine: MaintenanceEngine,
  { plan, held }: { plan: TablePlan; held: HeldMaintenance },
): Promise<{ rewritten: Rewritten[]; leaves: string[] }> {
  if (plan.compact.length === 0) return { rewritten: [], leaves: [] };
  const { table } = plan;
  const { metadata } = await readTableMetadata(tableIo, plan.metadataLocation);
  const live = await Array.fromAsync(liveDataFiles({ io: tableIo, metadata }));
  const withEngine = memoryLadder(enginesOf(engine, held.operationId));
  const rewritten: Rewritten[] = [];
  const leaves: string[] = [];
  for (const [index, { uris }] of plan.compact.entries()) {
    engine.signal.throwIfAborted();
    const wanted = new Set(uris);
    try {
      const group = await withEngine((duck) =>
        rewriteFiles(duck, {
          table,
          metadata,
          dir: engine.home.tableDir(table),
          inputs: live.filter(({ uri }) => wanted.has(uri)),
          parts: ['true'],
          operationId: held.operationId,
          name: `${table}-${index}`,
          scratchDir: engine.home.scratchDir(held.operationId),
        }),
      );
      const stranger = await strangerIn(engine.catalog, { table, homes: group.homes });
      if (stranger === null) rewritten.push(group);
      else {
        leaves.push(`${uris.length} small data files: ${stranger}`);
        for (const { uri } of group.files) await tableIo.remove(uri);
      }
    } catch (error) {
      if (!isOfTheFiles(error)) throw error;
      leaves.push(`${uris.length} small data files: ${(error as Error).message.split('\n')[0]}`);
    }
  }
  return { rewritten, leaves };
}

/** A file that is damaged, or not what its table says, is for `verify` to tell of; the rest can be maintained. */
export function isOfTheFiles(error: unknown): boolean {
  if (error instanceof TidemarkError) return error.code === ERROR_CODES.compaction_differs;
  return error instanceof Error && /^(IO|Invalid|Conversion|Binder|Invalid Input) Error/i.test(error.message);
}
