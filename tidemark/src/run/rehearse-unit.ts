import { type EnteredUnit, findDuplicates, writeEntered } from '../bronze/deduplicate.ts';
import { snapshotById } from '../bronze/iceberg/table-metadata.ts';
import { keeperFiles } from '../bronze/keeper-files.ts';
import type { OpenTable } from '../bronze/open-table.ts';
import { type PreparedUnit, quarantinedDigest, type UnitDigests } from '../bronze/prepared-unit.ts';
import { filesInTable, isRowOf, preparationKey } from '../bronze/unit-rows.ts';
import type { Contract } from '../contract/contract.ts';
import { InvariantError } from '../errors/tidemark-error.ts';
import type { Finding } from '../evidence/asset-result.ts';
import { historyAsOf } from '../evidence/history-as-of.ts';
import { lostKeepers } from '../evidence/lost-keepers.ts';
import { makeFolder } from '../landing/durable-files.ts';
import { withoutDigest } from '../model/digest.ts';
import type { RecordTally } from '../model/tally.ts';
import type { RefinedUnit } from '../refine/refined.ts';
import type { DeclaredAsset } from './declared-asset.ts';
import { openUnitTables } from './prepare-unit.ts';
import { refineUnit } from './refine-unit.ts';
import type { AdmittedBytes, RunContext } from './run-context.ts';
import { filesByTable } from './run-purpose.ts';

/** What a unit would come to, without a data file written or anything recorded. */
export type Rehearsal =
  | {
      readonly kind: 'refined';
      readonly tally: RecordTally;
      readonly digests: UnitDigests;
      /** Scratch lines of what would be rejected; null when nothing would. */
      readonly rejectsPath: string | null;
    }
  | { readonly kind: 'mismatch'; readonly findings: readonly Finding[] };

export type Stage = Pick<RunContext, 'engine' | 'manifest' | 'batchId' | 'startedAt' | 'openEngine'>;

/**
 * Refines stored bytes and looks for duplicates in the history as of the snapshot that the unit was first compared with,
 * so that the same bytes under the same contract come to the same digests, outcome by outcome.
 */
export async function rehearseUnit(
  stage: Stage,
  request: {
    declared: DeclaredAsset;
    contract: Contract;
    bytes: AdmittedBytes;
    /** Undefined: history as it is now. */
    asOf: string | null | undefined;
    /** Units of its batch that its records were compared with. */
    mates: readonly PreparedUnit[];
    /** Units that it is not compared with: they went out when it came in, or go out with it now. */
    outgoing: readonly PreparedUnit[];
    /** The committed unit that is rehearsed; null or absent where it never was committed. */
    of?: string | null;
    /** What stands for a lost data file, where no other file does; null: nothing. */
    standIn?(path: string): Promise<string | null>;
    /** Writes what enters of the unit, so that it can stand in for its data file. */
    entered?: { readonly path: string; readonly unit: EnteredUnit };
    scratchDir: string;
  },
): Promise<Rehearsal> {
  const { declared, contract, scratchDir, entered } = request;
  await makeFolder(scratchDir);
  const refining = await refineUnit(stage, request);
  if (refining.kind === 'mismatch') return refining;
  const { refined } = refining;
  const tables = await openUnitTables(stage, contract);
  const keepers =
    declared.form === 'records'
      ? await keepersOf(stage, { ...request, refined, table: tables.bronze })
      : null;
  await using duck = await stage.openEngine();
  const { fingerprintsPath } = refined;
  const duplicates =
    keepers === null ? null : await findDuplicates(duck, { fingerprintsPath, ...keepers, scratchDir });
  if (entered !== undefined && duplicates !== null && fingerprintsPath !== null)
    await writeEntered(duck, { ...entered, ingestedAt: stage.startedAt });
  const found = duplicates?.count ?? 0;
  const duplicate = duplicates?.digest ?? { count: 0, sum: 0n };
  return {
    kind: 'refined',
    tally: { ...refined.tally, accepted: refined.tally.accepted - found, duplicate: found },
    digests: {
      read: refined.read,
      accepted: withoutDigest(refined.accepted, duplicate),
      duplicate,
      out_of_window: refined.outOfWindow,
      rejected: refined.rejected,
      ...quarantinedDigest(refined.quarantined),
    },
    rejectsPath: refined.rejectsPath,
  };
}

/**
 * The rows that a rehearsed unit's records are compared with. Where the snapshot of then is still there its files are the
 * ones of then; else, or where mates were compacted since, the ledger says where the rows of then are now.
 */
async function keepersOf(
  { engine }: Stage,
  of: {
    table: OpenTable;
    refined: RefinedUnit;
    asOf: string | null | undefined;
    mates: readonly PreparedUnit[];
    outgoing: readonly PreparedUnit[];
    of?: string | null;
    standIn?(path: string): Promise<string | null>;
  },
): Promise<{ keeperFiles: string[]; keeperRows: string }> {
  const { table, refined, asOf, mates, outgoing } = of;
  const { name } = table.definition;
  const lost = withStandIn(lostKeepers(engine.catalog, { of: of.of ?? null }), of.standIn);
  const isShared = (unit: PreparedUnit) => filesInTable(unit, name)?.shared === true;
  const earlier = mates.map((unit) => ({ unit }));
  const out = outgoing.map(preparationKey);
  const moved = mates.some(isShared) || (typeof asOf === 'string' && !knows(table, asOf));
  if (asOf !== undefined && moved) {
    const { catalog } = engine;
    const history =
      asOf === null
        ? { units: [], files: [] }
        : await historyAsOf(catalog, { table: name, snapshotId: asOf });
    const units = [...history.units, ...mates].filter((unit) => !out.includes(preparationKey(unit)));
    const found = await keeperFiles({ table, refined, earlier, asOf: history.files });
    return { keeperFiles: found, keeperRows: isRowOf(units) };
  }
  const without = filesByTable(outgoing.filter((unit) => !isShared(unit))).get(name) ?? new Set();
  const files = await keeperFiles({
    table,
    refined,
    earlier,
    without,
    lost,
    ...(asOf !== undefined && { asOf }),
  });
  return { keeperFiles: files, keeperRows: `NOT coalesce(${isRowOf(outgoing)}, false)` };
}

function knows({ metadata }: OpenTable, snapshotId: string): boolean {
  return snapshotById(metadata, BigInt(snapshotId)) !== null;
}

type Lost = ReturnType<typeof lostKeepers>;

function withStandIn(lost: Lost, standIn: ((path: string) => Promise<string | null>) | undefined): Lost {
  return async (file) => {
    try {
      return await lost(file);
    } catch (error) {
      const missing = error instanceof InvariantError ? error.facts.file : undefined;
      const found = typeof missing === 'string' ? await standIn?.(missing) : null;
      if (found == null) throw error;
      return [found];
    }
  };
}
