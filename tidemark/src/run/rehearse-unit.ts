import { type EnteredUnit, findDuplicates, writeEntered } from '../bronze/deduplicate.ts';
import { currentSnapshot, snapshotById } from '../bronze/iceberg/table-metadata.ts';
import { keeperFiles } from '../bronze/keeper-files.ts';
import type { OpenTable } from '../bronze/open-table.ts';
import { type PreparedUnit, quarantinedDigest, type UnitDigests } from '../bronze/prepared-unit.ts';
import { filesInTable, isRowOf, preparationKey } from '../bronze/unit-rows.ts';
import type { Contract } from '../contract/contract.ts';
import { InvariantError } from '../errors/tidemark-error.ts';
import type { Finding } from '../evidence/asset-result.ts';
import { historyAsOf, standingFiles, type UnitStandIn } from '../evidence/history-as-of.ts';
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

/** What stands for a lost data file, where no other file does; null: nothing. */
export interface FileStandIn {
  /** Of a data file that one unit alone is in. */
  (path: string): Promise<string | null>;
  /** Of one unit, whatever others lie in its data file. */
  readonly unit: UnitStandIn;
}

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
    standIn?: FileStandIn;
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
  const { fingerprintsPaths } = refined;
  const duplicates =
    keepers === null || fingerprintsPaths.length === 0
      ? null
      : await findDuplicates(duck, { fingerprintsPaths, ...keepers, scratchDir });
  if (entered !== undefined && duplicates !== null)
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

interface Compared {
  readonly table: OpenTable;
  readonly refined: RefinedUnit;
  readonly asOf: string | null | undefined;
  readonly mates: readonly PreparedUnit[];
  readonly outgoing: readonly PreparedUnit[];
  readonly of?: string | null;
  readonly standIn?: FileStandIn;
}

interface Keepers {
  readonly keeperFiles: string[];
  readonly keeperRows: string;
}

/**
 * The rows that a rehearsed unit's records are compared with. Where the snapshot of then is still there its files are the
 * ones of then; else, where mates were compacted since, or where a compacted file of then is lost, the ledger says where
 * the rows of then are now.
 */
async function keepersOf({ engine }: Stage, of: Compared): Promise<Keepers> {
  const { table, refined, asOf, mates, outgoing } = of;
  const { name } = table.definition;
  const isShared = (unit: PreparedUnit) => filesInTable(unit, name)?.shared === true;
  const moved = mates.some(isShared) || (typeof asOf === 'string' && !knows(table, asOf));
  if (asOf !== undefined && moved) return await keepersByLedger(engine, of);
  const lost = withStandIn(lostKeepers(engine.catalog, { of: of.of ?? null }), of.standIn);
  const without = filesByTable(outgoing.filter((unit) => !isShared(unit))).get(name) ?? new Set();
  try {
    const files = await keeperFiles({
      table,
      refined,
      earlier: mates.map((unit) => ({ unit })),
      without,
      lost,
      ...(asOf !== undefined && { asOf }),
    });
    return { keeperFiles: files, keeperRows: `NOT coalesce(${isRowOf(outgoing)}, false)` };
  } catch (error) {
    // A compacted file is of no unit by its name: only the ledger knows whose rows were in it.
    if (!(error instanceof InvariantError) || asOf === null) throw error;
    return await keepersByLedger(engine, of);
  }
}

async function keepersByLedger({ catalog }: Stage['engine'], of: Compared): Promise<Keepers> {
  const { table, refined, mates, outgoing } = of;
  const standIn = of.standIn?.unit;
  const { name } = table.definition;
  const asOf = of.asOf === undefined ? (currentSnapshot(table.metadata)?.['snapshot-id'] ?? null) : of.asOf;
  const history =
    asOf === null
      ? { units: [], files: [], standIns: [] }
      : await historyAsOf(catalog, {
          table: name,
          snapshotId: String(asOf),
          without: outgoing,
          ...(standIn && { standIn }),
        });
  const standing = { files: [...history.files], units: [...history.units], paths: [...history.standIns] };
  for (const mate of mates) {
    const { files, again, standIns } = await standingFiles(catalog, { table: name, unit: mate, standIn });
    standing.files.push(...files);
    standing.units.push(mate, ...again);
    standing.paths.push(...standIns);
  }
  const out = outgoing.map(preparationKey);
  const units = standing.units.filter((unit) => !out.includes(preparationKey(unit)));
  const found = await keeperFiles({ table, refined, earlier: [], asOf: standing.files });
  return { keeperFiles: [...found, ...standing.paths], keeperRows: isRowOf(units) };
}

function knows({ metadata }: OpenTable, snapshotId: string): boolean {
  return snapshotById(metadata, BigInt(snapshotId)) !== null;
}

type Lost = ReturnType<typeof lostKeepers>;

function withStandIn(lost: Lost, standIn: FileStandIn | undefined): Lost {
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
