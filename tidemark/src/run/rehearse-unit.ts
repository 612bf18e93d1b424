import { findDuplicates } from '../bronze/deduplicate.ts';
import { keeperFiles } from '../bronze/keeper-files.ts';
import type { PreparedUnit, UnitDigests } from '../bronze/prepared-unit.ts';
import type { Contract } from '../contract/contract.ts';
import type { Finding } from '../evidence/asset-result.ts';
import { lostKeepers } from '../evidence/lost-keepers.ts';
import { makeFolder } from '../landing/durable-files.ts';
import { withoutDigest } from '../model/digest.ts';
import type { RecordTally } from '../model/tally.ts';
import type { DeclaredAsset } from './declared-asset.ts';
import { openUnitTables } from './prepare-unit.ts';
import { refineUnit } from './refine-unit.ts';
import type { AdmittedBytes, RunContext } from './run-context.ts';

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
    without: ReadonlySet<string>;
    /** The committed unit that is rehearsed; null or absent where it never was committed. */
    of?: string | null;
    scratchDir: string;
  },
): Promise<Rehearsal> {
  const { declared, contract, asOf, mates, without, scratchDir } = request;
  await makeFolder(scratchDir);
  const refining = await refineUnit(stage, request);
  if (refining.kind === 'mismatch') return refining;
  const { refined } = refining;
  const tables = await openUnitTables(stage, contract);
  const keepers =
    declared.form === 'records'
      ? await keeperFiles({
          table: tables.bronze,
          refined,
          earlier: mates.map((unit) => ({ unit })),
          without,
          lost: lostKeepers(stage.engine.catalog, { of: request.of ?? null }),
          ...(asOf !== undefined && { asOf }),
        })
      : null;
  await using duck = await stage.openEngine();
  const { fingerprintsPath } = refined;
  const duplicates =
    keepers === null
      ? null
      : await findDuplicates(duck, { fingerprintsPath, keeperFiles: keepers, scratchDir });
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
    },
    rejectsPath: refined.rejectsPath,
  };
}
