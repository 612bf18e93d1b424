import { canonicalJson } from '../../model/canonical-json.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Limits } from '../../model/limits.ts';
import { fingerprintOf } from '../fingerprint.ts';
import { compileRecordJudge, type Verdict } from '../judge-record.ts';
import { RecordAccount, sumAccounts } from '../record-account.ts';
import type { RefinedUnit, UnitFiles } from '../refined.ts';
import { ScratchLines } from '../scratch-lines.ts';
import { type AssetRowFacts, assetRow } from './asset-row.ts';
import { checkSidecar } from './check-sidecar.ts';
import { findMismatches } from './find-mismatches.ts';
import type { Mismatch } from './mismatch.ts';
import type { Observation } from './observation.ts';
import { observeAsset } from './observe-asset.ts';

/** One admitted asset with its landed bytes. Everything that decides content is in here; `ingestTs` is lineage. */
export interface RefineAssetInput extends Omit<AssetRowFacts, 'observation'> {
  /** Absolute path of the verified raw object. */
  readonly path: string;
  readonly sizeBytes: number;
  /** As sniffed at landing. */
  readonly mediaType: string;
  /** An empty folder for this unit's scratch files; the caller removes it. */
  readonly scratchDir: string;
  readonly limits: Limits;
  readonly signal: AbortSignal;
}

export type RefinedAsset =
  | {
      readonly kind: 'refined';
      readonly unit: RefinedUnit;
      readonly observation: Observation;
      /** Whether the contract's id was made from the declared one's hash. */
      readonly derivedId: boolean;
    }
  /** Bytes and declaration contradict each other: a decision, final. At least one mismatch. */
  | {
      readonly kind: 'mismatch';
      readonly mismatches: readonly Mismatch[];
      readonly observation: Observation;
    };

/**
 * Refines one asset into one Bronze row: looks at its bytes, checks its sidecars, compares both with what is declared,
 * derives the record and judges it by its contract. A record that breaks its contract is one rejection.
 * @throws the signal's reason when cancelled; TransientError and InvariantError as `observeAsset` says.
 */
export async function refineAsset(input: RefineAssetInput): Promise<RefinedAsset> {
  const { asset, sidecars, limits, signal } = input;
  const observation = await observeAsset({ ...input, assetType: asset.asset_type });
  const mediaDurationSec = observation.durationSec;
  const sidecarMismatches: Mismatch[] = [];
  for (const sidecar of sidecars) {
    sidecarMismatches.push(...(await checkSidecar({ sidecar, mediaDurationSec, limits, signal })));
  }
  const mismatches = findMismatches({ asset, observation, sidecarMismatches });
  if (mismatches.length > 0) return { kind: 'mismatch', mismatches, observation };

  const { record, derivedId } = assetRow({ ...input, observation });
  return { kind: 'refined', unit: await judgeRow(input, record), observation, derivedId };
}

async function judgeRow(input: RefineAssetInput, record: JsonObject): Promise<RefinedUnit> {
  const { contract } = input;
  const fingerprint = fingerprintOf(canonicalJson(record, new Set(contract.traits.lineage)));
  const account = new RecordAccount();
  account.countRead(fingerprint);
  const verdict = compileRecordJudge({ contract, readCursor: null })(record, record);
  account.countOutcome(fingerprint, verdict);
  return { ...(await writeVerdict(input, { fingerprint, verdict })), ...sumAccounts([account.state()]) };
}

/** The one line of the unit, as `UnitFiles` describes it; an asset row has no place in a file of lines. */
async function writeVerdict(
  input: RefineAssetInput,
  { fingerprint, verdict }: { fingerprint: string; verdict: Verdict },
): Promise<UnitFiles> {
  const none = { acceptedParts: [], fingerprintsPaths: [], rejectsPath: null, outOfWindowPath: null };
  if (verdict.kind === 'accepted') {
    const origin = `"record_line":null,"record_offset":null,"record_fingerprint":"${fingerprint}"`;
    const written = await writeLine(input, { name: 'accepted', line: `{${origin},${verdict.cells}}` });
    return { ...none, acceptedParts: [written.path], longestLineBytes: written.bytes };
  }
  const violations = verdict.kind === 'rejected' ? verdict.violations : [];
  const line = JSON.stringify({
    record_line: null,
    record_offset: 0,
    record_length: input.sizeBytes,
    record_fingerprint: fingerprint,
    violations: violations.slice(0, input.limits.violationsPerRecordMax),
  });
  const written = await writeLine(input, { name: 'rejects', line });
  return { ...none, rejectsPath: written.path, longestLineBytes: written.bytes };
}

async function writeLine(
  { scratchDir, limits }: RefineAssetInput,
  { name, line }: { name: string; line: string },
): Promise<{ path: string; bytes: number }> {
  await using lines = new ScratchLines({ dir: scratchDir, name, partBytesMax: limits.partBytesMax });
  lines.add(line);
  const [path = ''] = await lines.finish();
  return { path, bytes: lines.longestLineBytes };
}
